"""Actions and resources that a reader recognises, to try before any text will do."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from string import ascii_lowercase, digits
from typing import Final

from mlguard.iam.algebra.pattern_algebra import Glob, Texts
from mlguard.iam.language.wildcard import fold

# Services authorization reference: no action has others.
ACTION_LETTERS: Final = frozenset(ascii_lowercase + digits + "-:")

_NAME: Final = "example"
_LETTER: Final = "x"
_ACCOUNT: Final = "123456789012"
_REGION: Final = "us-east-1"
_REGION_AT: Final = 3
_ACCOUNT_AT: Final = 4
_ARN_PARTS: Final = 6
_TRIES: Final = 50
# What such ARNs lack: S3 buckets have neither region nor account, IAM has no regions.
_SHAPES: Final = {"s3": (False, False), "iam": (False, True)}
_ROLE: Final = f"arn:aws:iam::{_ACCOUNT}:role/{_NAME}"


@lru_cache(maxsize=4)
def by_service(actions: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the actions by their folded prefix; under "" are all of them."""
    found: dict[str, list[str]] = {"": []}
    for action in actions:
        found.setdefault(fold(action).partition(":")[0], []).append(action)
        found[""].append(action)
    return {service: tuple(several) for service, several in found.items()}


def actions_to_try(texts: Texts, known: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Return actions as the patterns have them, then known ones, then made-up names."""
    first = [glob for group in texts.inside for glob in group][:_TRIES]
    yield from (glob.written for glob in first if glob.written and not _wild(glob.written))
    wild = [glob for glob in first if glob.written and _wild(glob.written)]
    services = dict.fromkeys(glob.text.partition(":")[0] for glob in wild)
    for service in [one for one in services if one != "*"] or [""]:
        yield from known.get(service, ())
    for glob in wild:
        service, _, name = glob.written.partition(":")
        service = "s3" if service == "*" else service
        yield f"{service}:{_fill(name or '*', 'Example')}"
    yield from (f"{service}:Example" for service in ("s3", "sagemaker", "iam"))


def resources_to_try(texts: Texts, service: str) -> Iterator[str]:
    """Return ARNs that the patterns suggest, for an action of the service."""
    globs = [glob for group in texts.inside for glob in group][:_TRIES]
    yield from chain.from_iterable(_filled(glob, service) for glob in globs)
    yield _ROLE if service == "sts" else f"{_home(service or 's3')}{_NAME}"


def _filled(glob: Glob, service: str) -> Iterator[str]:
    parts = glob.text.split(":", _ARN_PARTS - 1)
    if parts[0] != "arn":
        return
    if len(parts) == _ARN_PARTS:
        fillers = {1: "aws", _REGION_AT: _REGION, _ACCOUNT_AT: _ACCOUNT}
        yield ":".join(_fill(part, fillers.get(at, _NAME)) for at, part in enumerate(parts))
    elif glob.text.endswith("*"):
        # A star that runs on over what an ARN must still have.
        whole = _home(parts[2].rstrip("*") if len(parts) > 2 else service)  # noqa: PLR2004
        yield f"{whole}{_NAME}"
    yield _fill(glob.text, "")


def _home(service: str) -> str:
    region, account = _SHAPES.get(service, (True, True))
    return f"arn:aws:{service}:{_REGION if region else ''}:{_ACCOUNT if account else ''}:"


def _fill(text: str, filler: str) -> str:
    return text.replace("*", filler).replace("?", _LETTER)


def _wild(text: str) -> bool:
    return "*" in text or "?" in text
