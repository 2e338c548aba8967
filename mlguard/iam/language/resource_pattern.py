"""The entries of Resource and NotResource: which ARNs they match, and where that is in doubt.

IAM User Guide, "IAM JSON policy elements: Resource": a wildcard stays within its segment, the part
between two colons; only a `*` that ends a segment may run on across colons. The segment that names
the service takes no wildcard. Variables may stand after the fifth colon only.
"""

from dataclasses import dataclass
from typing import Final, Self

from mlguard.iam.language.request import Context
from mlguard.iam.language.truth import NO, YES, Answer, Truth, doubtful
from mlguard.iam.language.variables import Expansion, Template, has_variables
from mlguard.iam.language.wildcard import matches, quote

_SERVICE: Final = 2
_COLONS: Final = 5
_ANY: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePattern:
    """One entry, ready to be asked; `fault` is why AWS would not have it match anything."""

    text: str
    template: Template | None
    # Matches whatever the template may come to match.
    widest: str
    fault: str | None

    @classmethod
    def of(cls, text: str, *, variables: bool) -> Self:
        """Return the entry; `variables` tells whether its document's version has them."""
        template = Template.parse(text) if variables and has_variables(text) else None
        widest = template.widest if template else text
        return cls(text=text, template=template, widest=widest, fault=_fault(text, template))

    def match(self, resource: str, context: Context) -> Answer:
        """Return whether the entry matches; a variable without a value makes it match nothing.

        The resource `*` of an action that takes none is matched by `*` alone.
        """
        if self.text == _ANY:
            return YES
        if resource == _ANY:
            return NO if self.text.strip(_ANY) else YES
        if self.fault:
            return doubtful(Truth.FALSE, self.fault)
        if self.template is None:
            return _answer(self.text, resource)
        return self._expanded(self.template.as_pattern(context), quote(resource))

    def _expanded(self, expansion: Expansion, quoted: str) -> Answer:
        if expansion.text is not None:
            return _answer(expansion.text, quoted)
        if expansion.missing and matches(self.widest, quoted):
            return Answer(Truth.UNKNOWN, expansion.missing)
        return NO

    def has_value(self, context: Context) -> bool:
        """Return whether every variable of the entry has a value, or may have one."""
        if self.template is None:
            return True
        expansion = self.template.as_pattern(context)
        return expansion.text is not None or bool(expansion.missing)


def _fault(text: str, template: Template | None) -> str | None:
    segments = (template.leads if template else text).split(":")
    if template and template.has_variables and len(segments) <= _COLONS:
        return f"resource {text!r:.80}: no variable may stand before the fifth colon"
    if segments[0] == "arn" and len(segments) > _SERVICE and _wild(segments[_SERVICE]):
        return f"resource {text!r:.80}: no wildcard may stand for the service, it matches nothing"
    return None


def _wild(text: str) -> bool:
    return "*" in text or "?" in text


def _answer(pattern: str, resource: str) -> Answer:
    if not matches(pattern, resource):
        return NO
    if resource.count(":") == pattern.count(":") or within_segments(pattern, resource):
        return YES
    return doubtful(
        Truth.FALSE, f"resource {pattern!r:.80} would have to match across a colon inside a segment"
    )


def within_segments(pattern: str, text: str) -> bool:
    """Return whether `pattern` matches with colons left to the stars that end a segment."""
    letters: dict[str, int] = {}
    for at, letter in enumerate(pattern):
        letters[letter] = letters.get(letter, 0) | 1 << at
    stars, marks = letters.pop("*", 0), letters.pop("?", 0)
    colons = letters.get(":", 0)
    # A star ends its segment if a colon, the end, or another such star comes after it.
    ends = colons >> 1 | 1 << (len(pattern) - 1)
    while (further := ends | (ends & stars) >> 1) != ends:
        ends = further
    free = stars & ends
    alive = _past_stars(1, stars)
    for letter in text:
        staying, passing = (free, 0) if letter == ":" else (stars, marks)
        stepped = (alive & (letters.get(letter, 0) | passing)) << 1
        alive = _past_stars(stepped | alive & staying, stars)
    return bool(alive >> len(pattern) & 1)


def _past_stars(alive: int, stars: int) -> int:
    while (further := alive | (alive & stars) << 1) != alive:
        alive = further
    return alive
