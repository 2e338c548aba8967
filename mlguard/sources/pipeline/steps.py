"""The pipeline file: boto3 calls as data, read strictly.

A value that JSON has no word for is an object of its own: `{"$base64": text}` is bytes,
`{"$json": value}` the JSON text of a value (a policy document stays readable), and
`{"$step": id, "$result": path}` a part of what an earlier step answered, by a JMESPath.
"""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError
from msgspec import Meta, Struct

from mlguard.errors import FileError
from mlguard.sources.doubled import refuse_doubled

SCHEMA_VERSION: Final = 1

BYTES: Final = "$base64"
TEXT: Final = "$json"
STEP: Final = "$step"
RESULT: Final = "$result"

Parameters = dict[str, Any]
Answers = Mapping[str, Mapping[str, Any]]

_LARGEST: Final = 2**63 - 1
"""What fits a `long`, the largest integer of AWS's service models."""

_CURE: Final = "is it a file that `python -m deploy plan` or a `--dry-run` wrote?"

Name = Annotated[str, Meta(min_length=1)]


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One call: `service` as boto3 names its client, `operation` as the API (`CreateEndpoint`)."""

    id: Name
    service: Annotated[str, Meta(pattern=r"^[a-z0-9-]+$")]
    operation: Annotated[str, Meta(pattern=r"^[A-Z][A-Za-z0-9]*$")]
    parameters: Parameters

    @property
    def call(self) -> str:
        """The call as `sagemaker:CreateEndpoint`, with boto3's name of the service."""
        return f"{self.service}:{self.operation}"


class Pipeline(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The calls that make a pipeline, in order, in one account and region."""

    schema_version: Literal[1] = SCHEMA_VERSION
    account: Annotated[str, Meta(pattern=r"^[0-9]{12}$")]
    region: Annotated[str, Meta(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]+$")]
    steps: tuple[Step, ...]

    def to_json(self) -> bytes:
        """Return the file: reading it and writing it again gives the same bytes."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


class Fault(Exception):  # noqa: N818  # becomes a FileError where the file's name is known
    """What is wrong with a parameter, and where in its step that stands."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


def decode(text: bytes, *, name: str) -> Pipeline:
    """Return the pipeline; raises FileError naming file, JSON path and cure."""
    _refuse_other_version(text, name)
    try:
        frame = msgspec.json.decode(text, type=_Frame)
    except msgspec.ValidationError as error:
        raise FileError(f"{name}: {_plain(error)}; {_CURE}") from error
    refuse_doubled(text, name)
    known: set[str] = set()
    steps: list[Step] = []
    for index, raw in enumerate(frame.steps):
        try:
            step = _step(raw, known)
        except Fault as fault:
            path = f"steps[{index}].{fault.path}".rstrip(".")
            raise FileError(f"{name}: {path}: {fault.reason}") from fault
        known.add(step.id)
        steps.append(step)
    return Pipeline(account=frame.account, region=frame.region, steps=tuple(steps))


def resolve(value: Any, answers: Answers, *, path: str = "parameters") -> Any:
    """Return a value with its objects replaced by what they stand for; raises Fault."""
    if isinstance(value, list):
        return [resolve(one, answers, path=f"{path}[{at}]") for at, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if BYTES in value:
        return b64decode(value[BYTES])
    if TEXT in value:
        return json.dumps(resolve(value[TEXT], answers, path=f"{path}.{TEXT}"))
    if STEP in value:
        return _answered(value, answers, path)
    return {key: resolve(one, answers, path=f"{path}.{key}") for key, one in value.items()}


def references(value: Any) -> Iterator[str]:
    """Yield the ids of the steps whose answers a value needs."""
    if isinstance(value, dict):
        if STEP in value:
            yield value[STEP]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def _answered(value: Mapping[str, str], answers: Answers, path: str) -> Any:
    answer = jmespath.search(value[RESULT], answers[value[STEP]])
    if answer is None:
        raise Fault(
            path,
            f"the answer of step {value[STEP]!r} has nothing at {value[RESULT]!r}; "
            f"it has {', '.join(sorted(answers[value[STEP]])) or 'nothing at all'}",
        )
    return answer


def _step(raw: msgspec.Raw, known: set[str]) -> Step:
    """Return one step, decoded by itself: msgspec's paths do not say which one of a list."""
    try:
        step = msgspec.json.decode(raw, type=Step)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `$")
        raise Fault(path.rstrip("`").lstrip("."), text) from error
    if step.id in known:
        raise Fault("id", f"{step.id!r} is the id of an earlier step; give each step its own")
    _inspect(step.parameters, "parameters", known)
    return step


def _inspect(value: Any, path: str, known: set[str]) -> None:
    """Raise Fault if an object that stands for something else is not well formed."""
    if isinstance(value, list):
        for at, one in enumerate(value):
            _inspect(one, f"{path}[{at}]", known)
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise Fault(path, "is larger than any number that AWS takes: 64 bits")
    if not isinstance(value, dict):
        return
    words = {key for key in value if key.startswith("$")}
    if words and words != set(value):
        raise Fault(path, f"{', '.join(sorted(words))} must stand alone in its object")
    if words:
        _inspect_words(value, words, path, known)
    for key, one in value.items():
        _inspect(one, f"{path}.{key}", known)


def _inspect_words(value: Mapping[str, Any], words: set[str], path: str, known: set[str]) -> None:
    if words == {BYTES}:
        _inspect_bytes(value[BYTES], path)
    elif words == {STEP, RESULT}:
        _inspect_reference(value, path, known)
    elif words != {TEXT}:
        raise Fault(
            path,
            f"{', '.join(sorted(words))}: known are {BYTES}, {TEXT}, and {STEP} with {RESULT}",
        )


def _inspect_bytes(text: Any, path: str) -> None:
    try:
        b64decode(text, validate=True)
    except (TypeError, ValueError, Base64Error) as error:
        raise Fault(f"{path}.{BYTES}", f"is not Base64: {error}") from error


def _inspect_reference(value: Mapping[str, Any], path: str, known: set[str]) -> None:
    if not isinstance(value[STEP], str) or value[STEP] not in known:
        raise Fault(
            f"{path}.{STEP}",
            f"no earlier step has the id {value[STEP]!r}; refer to a step that stands before",
        )
    try:
        jmespath.compile(value[RESULT])
    except (JMESPathError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise Fault(f"{path}.{RESULT}", f"is no JMESPath: {reason}") from error


class _Frame(Pipeline, frozen=True, kw_only=True):
    steps: tuple[msgspec.Raw, ...]  # type: ignore[assignment]  # each is decoded by itself


class _Head(Struct):
    schema_version: Any = None


def _refuse_other_version(text: bytes, name: str) -> None:
    version = _version(text, name)
    if version == SCHEMA_VERSION and type(version) is int:
        return
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise FileError(
            f"{name}: schema_version {version} is newer than this mlguard reads "
            f"({SCHEMA_VERSION}): update mlguard"
        )
    raise FileError(
        f"{name}: schema_version: {SCHEMA_VERSION} was expected, "
        f"{'nothing' if version is None else repr(version)} was found; {_CURE}"
    )


def _version(text: bytes, name: str) -> Any:
    """Return the version alone; the file may be of a shape that only a later mlguard knows."""
    try:
        return msgspec.json.decode(text, type=_Head).schema_version
    except msgspec.ValidationError as error:
        raise FileError(f"{name}: {_plain(error)}; {_CURE}") from error
    except RecursionError as error:
        raise FileError(f"{name}: is nested too deeply; {_CURE}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if not text.strip():
            raise FileError(f"{name}: the file is empty; {_CURE}") from error
        if "truncated" in str(error):
            raise FileError(
                f"{name}: the file is cut off after {len(text)} bytes: write it again"
            ) from error
        raise FileError(f"{name}: is not JSON: {error}; {_CURE}") from error


def _plain(error: msgspec.ValidationError) -> str:
    text, _, path = str(error).partition(" - at `$")
    return f"{path.rstrip('`').lstrip('.')}: {text}" if path.strip("`") else text
