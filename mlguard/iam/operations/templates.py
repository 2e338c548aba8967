"""ARNs with places for parameters: `arn:{partition}:s3:::{Bucket}/{Key|text}`, filled from a call.

A place is `{path}`, `{path|transform}`, `{path|transform?}` (nothing where it is not given), or
`{?}`: a part that no parameter gives. A `?` before a template makes it optional as a whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import product
from typing import Final

from mlguard.iam.operations.transforms import TRANSFORMS
from mlguard.iam.operations.values import Piece, Place, Values, arn_of, escape, values_at

_ANY: Final = "*"
_UNKNOWN: Final = "?"
_SERVICE: Final = 2
_PLACES: Final = frozenset({"partition", "region", "account"})
# Service Authorization Reference: stack/${StackName}/${Id}, group/${GroupName}/${Id}.
_NAME_THEN_ID: Final = frozenset({"cloudformation", "xray"})
_NOT_IN_CALL: Final = "a part of the ARN is not in the call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A resource as a policy writes it; `doubt` is why it may be more than AWS asks for."""

    text: str
    doubt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A piece of plain text, or a place for a parameter.

    Where one parameter has several places, it fills them only as a whole ARN: of a name nobody
    knows which place is its, unless it `leads`.
    """

    text: str = ""
    path: str = ""
    transform: str = ""
    optional: bool = False
    shared: bool = False
    leads: bool = False


@dataclass(frozen=True)
class Template:
    """One template; `fill` gives a resource for each value of a list."""

    written: str
    optional: bool

    @classmethod
    def of(cls, written: str) -> "Template":
        """Return the template, made once."""
        return _template(written)

    @cached_property
    def _parts(self) -> tuple[_Part, ...]:
        parts = tuple(_parts(self.written))
        ignored = {"", _UNKNOWN, *_PLACES}
        paths = [part.path for part in parts if not part.transform and part.path not in ignored]
        if len(paths) == len(set(paths)):
            return parts
        order = [part.path for part in parts]
        return tuple(
            replace(
                part,
                shared=paths.count(part.path) > 1,
                leads=self.service in _NAME_THEN_ID and order.index(part.path) == at,
            )
            for at, part in enumerate(parts)
        )

    @cached_property
    def service(self) -> str:
        """The service of the ARN, empty if the whole of it comes from the call."""
        return self.written.split(":")[_SERVICE] if self.written.startswith("arn:") else ""

    def fill(self, scope: Values, place: Place) -> tuple[Filled, ...]:
        """Return the resources; none if it is optional and something of it is not given."""
        choices = [tuple(self._pieces(part, scope, place)) for part in self._parts]
        if self.optional and not all(choices):
            return ()
        pieces = [
            choice or (_missing(part),) for part, choice in zip(self._parts, choices, strict=True)
        ]
        return tuple(dict.fromkeys(_joined(row) for row in product(*pieces)))

    def _pieces(self, part: _Part, scope: Values, place: Place) -> Iterator[Piece]:
        if not part.path:
            yield Piece(text=part.text)
        elif part.path in _PLACES:
            yield Piece(text=str(getattr(place, part.path)))
        elif part.path != _UNKNOWN:
            found = values_at(part.path, scope)
            for text in found or ("",) * part.optional:
                # A value that does not tell is a gap of its own, among others that do.
                piece = self._piece(part, text, place) if text else Piece(text="")
                yield piece or _missing(part)

    def _piece(self, part: _Part, text: str, place: Place) -> Piece | None:
        if part.transform:
            return TRANSFORMS[part.transform](text, place)
        if not self.service:
            return _any_arn(text)
        arn = arn_of(text, self.service)
        if arn is None and part.shared and not part.leads:
            return Piece(text=_ANY, doubt=_NOT_IN_CALL)
        return arn or Piece(text=escape(text), doubt=self._case(text))

    def _case(self, text: str) -> str | None:
        """Tell where a name may be written in another way in its ARN than in the call."""
        if self.service != "sagemaker" or text == text.lower():
            return None
        return "SageMaker writes some names in lower case in their ARNs"


def _any_arn(text: str) -> Piece | None:
    parts = text.split(":")
    return arn_of(text, parts[_SERVICE]) if len(parts) > _SERVICE else None


def _missing(part: _Part) -> Piece:
    if part.path == _UNKNOWN:
        return Piece(text=_ANY, doubt=_NOT_IN_CALL)
    return Piece(text=_ANY, doubt=f"{part.path} is not in the call, or does not tell")


def _joined(pieces: tuple[Piece, ...]) -> Filled:
    written: list[str] = []
    doubts: dict[str, None] = {}
    for piece in _from_last_arn(pieces):
        if written and piece.text.startswith("/") and _is_access_point(written):
            written.append("/object")
        written.append(piece.text)
        if piece.doubt:
            doubts[piece.doubt] = None
    return Filled(text="".join(written), doubt="; ".join(doubts) or None)


def _from_last_arn(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return the pieces that are left where one of them is an ARN that says what goes before."""
    whole = [at for at, piece in enumerate(pieces) if piece.whole]
    return pieces[whole[-1] :] if whole else pieces


def _is_access_point(written: list[str]) -> bool:
    """Tell whether what follows is an object of an S3 access point.

    Amazon S3 User Guide, "Access points": `accesspoint/NAME/object/KEY`.
    """
    return written[-1].startswith("arn:") and ":accesspoint/" in written[-1]


@cache
def _template(written: str) -> Template:
    return Template(written.removeprefix("?"), optional=written.startswith("?"))


def _parts(written: str) -> Iterator[_Part]:
    # Texts and places take turns: a template begins with a text, be it empty.
    for at, piece in enumerate(written.replace("}", "{").split("{")):
        if at % 2:
            yield _place_of(piece)
        elif piece:
            yield _Part(text=piece)


def _place_of(inside: str) -> _Part:
    if inside == _UNKNOWN:
        return _Part(path=_UNKNOWN)
    path, _, transform = inside.removesuffix("?").partition("|")
    return _Part(path=path, transform=transform, optional=inside.endswith("?"))
