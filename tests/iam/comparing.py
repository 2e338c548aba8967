"""Two policies, and what comparing them says."""

import json
from collections.abc import Mapping
from typing import Any

from mlguard.iam.comparison.compare import Comparison, NewAccess, compare
from mlguard.iam.evaluation.evaluate import evaluate
from mlguard.iam.evaluation.policies import Carrier, PolicySet
from mlguard.iam.language.document import Document, parse
from mlguard.iam.language.request import Context, Request

ME = "arn:aws:iam::123456789012:user/example"
USED_KEYS = ("aws:username", "aws:PrincipalArn", "aws:PrincipalAccount")
BUCKET = "arn:aws:s3:::data"

Json = dict[str, Any]


def document(*statements: Json, version: str = "2012-10-17") -> Document:
    return parse(json.dumps({"Version": version, "Statement": list(statements)}))


def allow(
    action: str | list[str], resource: str | list[str] = "*", condition: Json | None = None
) -> Json:
    statement: Json = {"Effect": "Allow", "Action": action, "Resource": resource}
    return statement if condition is None else statement | {"Condition": condition}


def deny(
    action: str | list[str], resource: str | list[str] = "*", condition: Json | None = None
) -> Json:
    return allow(action, resource, condition) | {"Effect": "Deny"}


def trust(principal: Json | str, condition: Json | None = None) -> Json:
    statement: Json = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return statement if condition is None else statement | {"Condition": condition}


def policies(*documents: Document) -> PolicySet:
    carriers = (Carrier(name=str(at), document=one) for at, one in enumerate(documents))
    return PolicySet(identity=tuple(carriers))


def allowed(
    found: PolicySet, action: str, resource: str, context: Mapping[str, tuple[str, ...]]
) -> bool:
    """The engine's answer; what the context does not have is absent."""
    absent = [key for key in USED_KEYS if key.lower() not in {one.lower() for one in context}]
    request = Request(
        principal=ME,
        action=action,
        resource=resource,
        resource_account="123456789012",
        context=Context.of(context, absent=absent),
    )
    return evaluate(request, found).allowed


def checked(old: list[Document], new: list[Document]) -> Comparison:
    """Compare, and hold each witness against the engine."""
    found = compare(old, new)
    for one in found.new_access:
        assert allowed(policies(*new), one.action, one.resource, one.context), one
        assert not allowed(policies(*old), one.action, one.resource, one.context), one
    return found


def nothing_new(old: list[Json], new: list[Json]) -> bool:
    found = checked([document(*old)], [document(*new)])
    return not found.new_access and not found.undecided


def witness(old: list[Json], new: list[Json]) -> NewAccess:
    (found,) = checked([document(*old)], [document(*new)]).new_access
    return found


def undecided(old: list[Json], new: list[Json]) -> bool:
    found = checked([document(*old)], [document(*new)])
    return bool(found.undecided) and not found.new_access
