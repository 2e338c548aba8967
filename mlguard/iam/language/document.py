"""Policy documents: what AWS would accept, as frozen types; what it would not, as an error.

The rules are those of the IAM User Guide, "Grammar of the IAM JSON policy language". What depends
on where a policy is attached (Principal in an identity policy, no Resource in a trust policy) is
for the caller to judge.
"""

import json
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from typing import Literal, TypeAlias, get_args

from msgspec import Struct

from mlguard.errors import DocumentError
from mlguard.iam.language.excerpt import Excerpt, Json, draw
from mlguard.iam.language.strict_json import (
    ROOT,
    below,
    loads,
    mapping,
    plain,
    refusal,
    scalar,
    string,
    strings,
)

Qualifier: TypeAlias = Literal["ForAllValues", "ForAnyValue"]

VARIABLES_VERSION = "2012-10-17"
_VERSIONS = ("2008-10-17", VARIABLES_VERSION)
_DOCUMENT_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS = frozenset(
    {
        *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
        *("Resource", "NotResource", "Condition"),
    }
)
_PRINCIPAL_KINDS = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
# IAM User Guide, "IAM JSON policy elements: Condition operators".
OPERATORS = frozenset(
    {
        *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase"),
        *("StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"),
        *("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals"),
        *("NumericGreaterThan", "NumericGreaterThanEquals"),
        *("DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals"),
        *("DateGreaterThan", "DateGreaterThanEquals"),
        *("Bool", "BinaryEquals", "IpAddress", "NotIpAddress"),
        *("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null"),
    }
)
_IF_EXISTS = "IfExists"
_QUALIFIERS: tuple[Qualifier, ...] = get_args(Qualifier)


class Effect(Enum):
    """What a statement does to the requests that it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


class Principals(Struct, frozen=True, kw_only=True, gc=False):
    """Whom a statement names; `anyone` is `"*"` (then `aws` is empty) or `{"AWS": "*"}`."""

    aws: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()
    anyone: bool = False

    def plain(self) -> Json:
        """Return the element as it would be written, a single value without brackets."""
        kinds = {
            "AWS": self.aws,
            "Service": self.service,
            "Federated": self.federated,
            "CanonicalUser": self.canonical,
        }
        written = {kind: _written(names) for kind, names in kinds.items() if names}
        return written or "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionTest:
    """One key under one operator; `operator` is the bare one, as in `StringLike`.

    Several values of a test are alternatives; the tests of a statement must all hold.
    """

    operator: str
    qualifier: Qualifier | None = None
    if_exists: bool = False
    key: str
    values: tuple[str, ...]

    @property
    def written(self) -> str:
        """The operator with what surrounds it, as in `ForAnyValue:StringLikeIfExists`."""
        prefix = f"{self.qualifier}:" if self.qualifier else ""
        return f"{prefix}{self.operator}{_IF_EXISTS if self.if_exists else ''}"


# An account has tens of thousands. They are made faster as Structs than as dataclasses, and as they
# hold nothing that could lead back to them, the garbage collector need not look at them.
class Statement(Struct, frozen=True, kw_only=True, gc=False):
    """One statement; a `not_` element that is None is not there.

    Where NotAction stands, `actions` is empty, and so for the resources. Both resource elements
    are missing in a trust policy.
    """

    index: int
    sid: str | None = None
    effect: Effect
    principals: Principals | None = None
    not_principals: Principals | None = None
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] | None = None
    conditions: tuple[ConditionTest, ...] = ()

    @property
    def locator(self) -> str:
        """The Sid, or else 12 hex digits of what the statement says; never its place."""
        if self.sid:
            return self.sid
        said = json.dumps(self.plain(), sort_keys=True, separators=(",", ":"))
        return sha256(said.encode()).hexdigest()[:12]

    def plain(self) -> dict[str, Json]:
        """Return the statement as JSON would have it, a single value without brackets."""
        elements: dict[str, Json] = {} if self.sid is None else {"Sid": self.sid}
        elements["Effect"] = self.effect.value
        if self.principals is not None:
            elements["Principal"] = self.principals.plain()
        if self.not_principals is not None:
            elements["NotPrincipal"] = self.not_principals.plain()
        lists = {
            "Action": self.actions or None,
            "NotAction": self.not_actions,
            "Resource": self.resources or None,
            "NotResource": self.not_resources,
        }
        elements |= {name: _written(values) for name, values in lists.items() if values is not None}
        tests: dict[str, dict[str, Json]] = {}
        for test in self.conditions:
            tests.setdefault(test.written, {})[test.key] = _written(test.values)
        return elements | {"Condition": tests} if tests else elements

    def excerpt(self, *marks: str) -> Excerpt:
        """Return the statement as lines of JSON, those of the marked elements flagged.

        A mark is a path in the statement: `Principal`, `Action[0]`, `Condition.Bool.aws:x`.
        """
        return draw(self.plain(), marks)


class Document(Struct, frozen=True, kw_only=True, gc=False):
    """A policy document; `version` is 2008-10-17 where none was written."""

    version: str
    id: str | None = None
    statements: tuple[Statement, ...]

    @property
    def has_variables(self) -> bool:
        """Whether `${...}` is a variable here: IAM User Guide, "Policy variables"."""
        return self.version == VARIABLES_VERSION


def parse(text: str) -> Document:
    """Return the document that the JSON `text` is, or raise DocumentError."""
    return from_json(loads(text))


def from_json(value: object) -> Document:
    """Return the document that an already decoded JSON value is, or raise DocumentError.

    A loader that lets a key stand twice has lost one of them: prefer `parse`.
    """
    root = mapping(value, ROOT)
    _refuse_unknown(root, _DOCUMENT_ELEMENTS, "")
    version = root.get("Version", _VERSIONS[0])
    if type(version) is not str or version not in _VERSIONS:
        raise DocumentError("Version", f"must be {' or '.join(_VERSIONS)}")
    return Document(
        version=version,
        id=string(root["Id"], "Id") if "Id" in root else None,
        statements=_statements(root),
    )


def _statements(root: dict[str, object]) -> tuple[Statement, ...]:
    if "Statement" not in root:
        raise DocumentError("Statement", "missing")
    given = root["Statement"]
    if isinstance(given, dict):
        return (_statement_at("Statement", given, 0),)
    if not isinstance(given, list):
        raise refusal(given, "Statement", "an object or a list of objects")
    if not given:
        raise DocumentError("Statement", "must not be empty")
    statements = tuple(
        [_statement_at(f"Statement[{index}]", value, index) for index, value in enumerate(given)]
    )
    seen: dict[str, int] = {}
    for statement in statements:
        # An empty Sid is none: the console itself wrote them into trust policies.
        if statement.sid and seen.setdefault(statement.sid, statement.index) != statement.index:
            path = f"Statement[{statement.index}].Sid"
            raise DocumentError(path, f"is also that of Statement[{seen[statement.sid]}]")
    return statements


def _statement_at(place: str, value: object, index: int) -> Statement:
    """Return the statement; the path of a fault begins with its place."""
    try:
        return _statement(mapping(value, ""), index)
    except DocumentError as fault:
        path = f"{place}.{fault.path}" if fault.path else place
        raise DocumentError(path, fault.reason) from None


def _statement(given: dict[str, object], index: int) -> Statement:
    if not given.keys() <= _STATEMENT_ELEMENTS:
        _refuse_unknown(given, _STATEMENT_ELEMENTS, "")
    for one in ("Principal", "Action", "Resource"):
        if one in given and f"Not{one}" in given:
            raise DocumentError(f"Not{one}", f"must not stand beside {one}")
    if "Action" not in given and "NotAction" not in given:
        raise DocumentError("", "needs Action or NotAction")
    return Statement(
        index=index,
        sid=string(given["Sid"], "Sid") if "Sid" in given else None,
        effect=_effect(given),
        principals=_principals(given, "Principal") if "Principal" in given else None,
        not_principals=_principals(given, "NotPrincipal") if "NotPrincipal" in given else None,
        actions=_actions(given, "Action") if "Action" in given else (),
        not_actions=_actions(given, "NotAction") if "NotAction" in given else None,
        resources=strings(given["Resource"], "Resource") if "Resource" in given else (),
        not_resources=(
            strings(given["NotResource"], "NotResource") if "NotResource" in given else None
        ),
        conditions=_conditions(given["Condition"]) if "Condition" in given else (),
    )


def _effect(given: dict[str, object]) -> Effect:
    if "Effect" not in given:
        raise DocumentError("Effect", "missing")
    effect = given["Effect"]
    if effect == "Allow":
        return Effect.ALLOW
    if effect == "Deny":
        return Effect.DENY
    raise DocumentError("Effect", "must be Allow or Deny, written so")


def _principals(given: dict[str, object], element: str) -> Principals:
    value = given[element]
    if value == "*":
        return Principals(anyone=True)
    kinds = mapping(value, element)
    _refuse_unknown(kinds, _PRINCIPAL_KINDS, element)
    if not kinds:
        raise DocumentError(element, "must not be empty")
    names = {kind: strings(kinds[kind], f"{element}.{kind}") for kind in kinds}
    aws = names.get("AWS", ())
    return Principals(
        aws=aws,
        service=names.get("Service", ()),
        federated=names.get("Federated", ()),
        canonical=names.get("CanonicalUser", ()),
        anyone="*" in aws,
    )


def _actions(given: dict[str, object], element: str) -> tuple[str, ...]:
    value = given[element]
    actions = strings(value, element)
    for at, action in enumerate(actions):
        fault = None if action == "*" else _fault_of_action(action)
        if fault:
            raise DocumentError(f"{element}[{at}]" if isinstance(value, list) else element, fault)
    return actions


@lru_cache(maxsize=16384)
def _fault_of_action(action: str) -> str | None:
    """Return what AWS would say of the action, if anything."""
    service, colon, name = action.partition(":")
    if not colon:
        return f"needs a service prefix, as in s3:GetObject: {action!r:.80}"
    if ":" in name:
        return f"may have one colon only: {action!r:.80}"
    # `*:*` is the one wildcard in a prefix that IAM stores; it means what `*` means. Taking it
    # for a fault would leave an administrator unjudged.
    letters = service if service.isalnum() else service.replace("-", "").replace(".", "")
    if service == "*" or (letters.isalnum() and letters.isascii()):
        return None
    return f"has a service prefix that is not valid: {action!r:.80}"


def _conditions(value: object) -> tuple[ConditionTest, ...]:
    tests = []
    for written, keys in mapping(value, "Condition").items():
        operator, qualifier, if_exists = _operator(written)
        for key, values in _keys(keys, written).items():
            test = ConditionTest(
                operator=operator,
                qualifier=qualifier,
                if_exists=if_exists,
                key=key,
                values=_values(values, written, key),
            )
            tests.append(test)
    return tuple(tests)


@lru_cache(maxsize=256)
def _operator(written: str) -> tuple[str, Qualifier | None, bool]:
    """Return the bare operator, the qualifier, and whether it is an IfExists."""
    prefix, colon, rest = written.rpartition(":")
    qualifier = next((one for one in _QUALIFIERS if one == prefix), None)
    operator = rest.removesuffix(_IF_EXISTS)
    if operator not in OPERATORS or (colon and qualifier is None):
        raise DocumentError(below("Condition", written), "unknown condition operator")
    if operator == "Null" and rest != operator:
        raise DocumentError(below("Condition", written), "Null takes no IfExists")
    return operator, qualifier, rest != operator


def _keys(value: object, written: str) -> dict[str, object]:
    path = f"Condition.{written}"
    keys = mapping(value, path)
    for key in keys:
        if not key:
            raise DocumentError(path, "a condition key must not be empty")
        string(key, path)
    return keys


def _values(value: object, written: str, key: str) -> tuple[str, ...]:
    # Nearly all are text: a path is only worth its time where there may be a fault to name.
    if plain(value):
        return (value,)
    if isinstance(value, list) and value and all(map(plain, value)):
        return tuple(value)
    path = below(f"Condition.{written}", key)
    if not isinstance(value, list):
        return (scalar(value, path),)
    if not value:
        raise DocumentError(path, "must not be empty")
    return tuple([scalar(entry, f"{path}[{at}]") for at, entry in enumerate(value)])


def _refuse_unknown(given: dict[str, object], known: frozenset[str], path: str) -> None:
    unknown = next((key for key in given if key not in known), None)
    if unknown is not None:
        raise DocumentError(below(path, unknown), f"unknown; known are {', '.join(sorted(known))}")


def _written(values: tuple[str, ...]) -> Json:
    return values[0] if len(values) == 1 else values
