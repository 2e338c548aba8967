"""Policy variables: `${aws:username}`, `${key, 'default'}`, and the escapes `${*} ${?} ${$}`.

IAM User Guide, "IAM policy elements: Variables and tags".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

from mlguard.iam.language.request import Context
from mlguard.iam.language.wildcard import quote

_ESCAPES: Final = frozenset("*?$")


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that means itself, wildcards too."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A place for the value of a context key; `written` is the key as the policy has it."""

    key: str
    written: str
    default: str | None


Part: TypeAlias = "str | Literal | Variable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """The text with its variables replaced; None if it hangs on `missing`, or has no value."""

    text: str | None
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Template:
    """A text with variables; its plain parts may be patterns, what it fills in never is."""

    parts: tuple[Part, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the template; what is not a well-formed variable is plain text."""
        return cls(tuple(_parts(text)))

    def as_pattern(self, context: Context) -> Expansion:
        """Return the pattern; meet it with quoted text."""
        return self._expanded(context, as_pattern=True)

    def as_text(self, context: Context) -> Expansion:
        """Return the plain text."""
        return self._expanded(context, as_pattern=False)

    @property
    def leads(self) -> str:
        """What stands before the first variable."""
        plain: list[str] = []
        for part in self.parts:
            if isinstance(part, Variable):
                break
            plain.append(part if isinstance(part, str) else part.text)
        return "".join(plain)

    @property
    def has_variables(self) -> bool:
        """Whether there is anything but text and escapes."""
        return any(isinstance(part, Variable) for part in self.parts)

    @property
    def widest(self) -> str:
        """A pattern that matches whatever this may come to match; meet it with quoted text."""
        return "".join(
            part
            if isinstance(part, str)
            else "*"
            if isinstance(part, Variable)
            else quote(part.text)
            for part in self.parts
        )

    def _expanded(self, context: Context, *, as_pattern: bool) -> Expansion:
        filled: list[str] = []
        missing: set[str] = set()
        for part in self.parts:
            if isinstance(part, str):
                filled.append(part)
                continue
            value = part.text if isinstance(part, Literal) else _value(part, context)
            if value is None:
                return Expansion(text=None)
            if isinstance(value, _Hanging):
                missing.add(value.key)
                continue
            filled.append(quote(value) if as_pattern else value)
        if missing:
            return Expansion(text=None, missing=frozenset(missing))
        return Expansion(text="".join(filled))


@dataclass(frozen=True, slots=True)
class _Hanging:
    key: str


def has_variables(text: str) -> bool:
    """Return whether the text may hold a variable or an escape."""
    return "${" in text


def _value(variable: Variable, context: Context) -> str | _Hanging | None:
    values = context.values(variable.key)
    if values is None:
        return _Hanging(variable.written)
    if not values:
        return variable.default
    # A key with several values cannot be a variable.
    return values[0] if len(values) == 1 else None


def _parts(text: str) -> Iterator[Part]:
    at = 0
    while at < len(text):
        start = text.find("${", at)
        end = text.find("}", start) if start >= 0 else -1
        if end < 0:
            break
        if start > at:
            yield text[at:start]
        yield _part(text[start + 2 : end], text[start : end + 1])
        at = end + 1
    if at < len(text):
        yield text[at:]


def _part(inside: str, whole: str) -> Part:
    if inside in _ESCAPES:
        return Literal(inside)
    key, comma, rest = inside.partition(",")
    default = rest.strip()
    key = key.strip()
    if not key:
        return Literal(whole)
    if not comma:
        return Variable(key=key.lower(), written=key, default=None)
    if len(default) < len("''") or default[0] != "'" or default[-1] != "'":
        return Literal(whole)
    return Variable(key=key.lower(), written=key, default=default[1:-1])
