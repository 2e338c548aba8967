"""One case of the offline policy simulator: decoded JSON in, the answer as JSON out.

A case is `{"name", "request", "identityPolicies", ...}`; its context is complete, so that a key not
given is absent. An action that takes no resource is asked for on `*`, whatever resource the
request names. Beyond AWS's own terms a request may have `"unknownContext"`, a list of keys of
which nothing is known: the answer then names in `missingContext` those that it hangs on. Where
AWS's documents leave something open, or something had to be taken for granted, the answer also has
`"doubts"` and `"assumptions"`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from mlguard.errors import ArnError, DocumentError
from mlguard.iam.evaluation.evaluate import Evaluation, evaluate
from mlguard.iam.evaluation.policies import Carrier, PolicySet
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import Document, from_json
from mlguard.iam.language.principal import is_account_id
from mlguard.iam.language.request import Context, Request
from mlguard.iam.language.strict_json import below, mapping, refusal, scalar, string

Answer: TypeAlias = dict[str, object]

_REQUEST: Final = frozenset(
    {"principal", "action", "resource", "resourceAccount", "context", "unknownContext"}
)
_POLICIES: Final = frozenset(
    {
        *("identityPolicies", "permissionsBoundaries", "sessionPolicies", "resourcePolicy"),
        *("serviceControlPolicies", "resourceControlPolicies", "endpointPolicies"),
    }
)
_STAR: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedCase:
    """A case that can be evaluated."""

    name: str
    request: Request
    policies: PolicySet


def simulate(case: object) -> Answer:
    """Return the answer to a case, or `{"name", "error"}` for one that cannot be evaluated."""
    try:
        read = read_case(case)
    except (DocumentError, ArnError) as error:
        return {"name": _name_of(case), "error": str(error)}
    found = evaluate(read.request, read.policies, takes_resource=actions().takes_resource)
    return {"name": read.name, **_plain(found)}


def read_case(case: object) -> SimulatedCase:
    """Return the case that a decoded JSON value is; raise DocumentError or ArnError if none."""
    given = mapping(case, "$")
    for key in given:
        # A misspelt list of policies would be an answer about another case.
        if key not in _POLICIES and any(part in key.lower() for part in ("polic", "boundar")):
            raise DocumentError(
                below("", key), f"unknown; known are {', '.join(sorted(_POLICIES))}"
            )
    request = _request(mapping(_needed(given, "request", ""), "request"))
    return SimulatedCase(
        name=string(_needed(given, "name", ""), "name"), request=request, policies=_policies(given)
    )


def _request(given: dict[str, object]) -> Request:
    unknown = next((key for key in given if key not in _REQUEST), None)
    if unknown is not None:
        known = ", ".join(sorted(_REQUEST))
        raise DocumentError(below("request", unknown), f"unknown; known are {known}")
    request = Request(
        principal=_filled(given, "principal"),
        action=_action(_filled(given, "action")),
        resource=_resource(_filled(given, "resource")),
        resource_account=_account(given.get("resourceAccount")),
        context=Context.of(
            _context(given.get("context", {})), unknown=_keys(given.get("unknownContext"))
        ),
    )
    _ = request.caller  # a principal that is none is a fault of the case
    return request


def _needed(given: Mapping[str, object], key: str, path: str) -> object:
    if key not in given:
        raise DocumentError(f"{path}.{key}" if path else key, "missing")
    return given[key]


def _filled(given: Mapping[str, object], key: str) -> str:
    path = f"request.{key}"
    text = string(_needed(given, key, "request"), path)
    if not text:
        raise DocumentError(path, "must not be empty")
    return text


def _action(text: str) -> str:
    service, _, name = text.partition(":")
    if not service or not name or set(text) & set("*?"):
        raise DocumentError("request.action", f"must be one action, as s3:GetObject: {text!r:.80}")
    return text


def _resource(text: str) -> str:
    if text != _STAR and not text.startswith("arn:"):
        raise DocumentError("request.resource", f"must be an ARN or `*`: {text!r:.80}")
    return text


def _account(value: object) -> str | None:
    if value is None:
        return None
    text = string(value, "request.resourceAccount")
    if not is_account_id(text):
        raise DocumentError("request.resourceAccount", f"must be 12 digits or null: {text!r:.80}")
    return text


def _context(value: object) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    written: set[str] = set()
    for key, given in mapping(value, "request.context").items():
        path = below("request.context", key)
        if key.lower() in written:
            raise DocumentError(path, "stands twice: keys ignore case")
        written.add(key.lower())
        entries = given if isinstance(given, list) else [given]
        found[key] = tuple(scalar(entry, path) for entry in entries)
    return found


def _keys(value: object) -> tuple[str, ...]:
    path = "request.unknownContext"
    return tuple(string(entry, path) for entry in _list(value, path))


def _policies(given: Mapping[str, object]) -> PolicySet:
    resource = given.get("resourcePolicy")
    return PolicySet(
        identity=_group(given.get("identityPolicies"), "identityPolicies", _of_identity),
        boundaries=_group(
            given.get("permissionsBoundaries"), "permissionsBoundaries", _of_identity
        ),
        session=_group(given.get("sessionPolicies"), "sessionPolicies", _of_identity),
        resource=None if resource is None else _carrier(resource, "resourcePolicy", _any),
        scps=_levels(given, "serviceControlPolicies", _of_identity),
        rcps=_levels(given, "resourceControlPolicies", _any),
        endpoints=_group(given.get("endpointPolicies"), "endpointPolicies", _any),
    )


def _levels(
    given: Mapping[str, object], key: str, judge: Callable[[Document, str], None]
) -> tuple[tuple[Carrier, ...], ...]:
    levels = _list(given.get(key), key)
    return tuple(_group(level, f"{key}[{at}]", judge) for at, level in enumerate(levels))


def _group(value: object, path: str, judge: Callable[[Document, str], None]) -> tuple[Carrier, ...]:
    return tuple(
        _carrier(entry, f"{path}[{at}]", judge) for at, entry in enumerate(_list(value, path))
    )


def _carrier(value: object, path: str, judge: Callable[[Document, str], None]) -> Carrier:
    try:
        document = from_json(value)
        judge(document, path)
    except DocumentError as fault:
        place = path if fault.path == "$" else f"{path}.{fault.path}"
        raise DocumentError(place, fault.reason) from None
    return Carrier(name=path, document=document)


def _any(_: Document, __: str) -> None:
    """Take what the parser takes: a resource policy may lack a Resource, or name nobody."""


def _of_identity(document: Document, _: str) -> None:
    """Refuse what AWS does where no Principal may stand and a Resource must."""
    for statement in document.statements:
        path = f"Statement[{statement.index}]"
        if statement.principals is not None or statement.not_principals is not None:
            raise DocumentError(path, "must not name a principal here")
        if not statement.resources and statement.not_resources is None:
            raise DocumentError(path, "needs Resource or NotResource")


def _list(value: object, path: str) -> list[object]:
    """Return the list that stands at `path`; null is none given."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise refusal(value, path, "a list")


def _name_of(case: object) -> str | None:
    name = case.get("name") if isinstance(case, dict) else None
    return name if isinstance(name, str) else None


def _plain(found: Evaluation) -> Answer:
    answer: Answer = {
        "decision": found.decision.value,
        "decidedBy": found.decided_by.value,
        "matchedStatements": [
            {"policy": one.policy, "sid": one.sid, "index": one.index} for one in found.matched
        ],
        "missingContext": list(found.missing),
    }
    if found.doubts:
        answer["doubts"] = list(found.doubts)
    if found.assumptions:
        answer["assumptions"] = list(found.assumptions)
    return answer
