"""A slow and simple reading of IAM, one request at a time: what the engine is held against.

It works on the JSON of a simulated case, compiles nothing, knows no unknown keys and shares no code
with the engine. It reads only what `written_cases` can write.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

from tests.iam.written_cases import ROLE, ROOT, SERVICE, SESSION, Json


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def like(pattern: str, text: str) -> bool:
    wild = "".join({"*": ".*", "?": "."}.get(one) or re.escape(one) for one in pattern)
    return re.fullmatch(wild, text, re.DOTALL) is not None


def like_resource(pattern: str, text: str) -> bool:
    if pattern == "*" or text == "*":
        return pattern == "*"
    wild = ""
    for at, letter in enumerate(pattern):
        ends = pattern[at + 1 : at + 2] in ("", ":")
        if letter == "*":
            wild += ".*" if ends else "[^:]*"
        else:
            wild += "[^:]" if letter == "?" else re.escape(letter)
    return re.fullmatch(wild, text, re.DOTALL) is not None


def filled(text: str, version: str | None, context: Json) -> str | None:
    """Fill in variables; None if one has no value."""
    if version != "2012-10-17":
        return text
    for whole, key, default in re.findall(r"(\$\{([^},]+)(?:, '([^']*)')?\})", text):
        values = context.get(key.lower(), [])
        if len(values) > 1 or (not values and ", '" not in whole):
            return None
        text = text.replace(whole, values[0] if values else default)
    return text


def like_arn(pattern: str, given: str) -> bool:
    ours, theirs = pattern.split(":", 5), given.split(":", 5)
    return len(ours) == len(theirs) == 6 and all(map(like, ours, theirs))


def in_range(value: str, given: str) -> bool:
    try:
        return ip_address(given) in ip_network(value)
    except ValueError:
        return False


def numbers(value: str, given: str) -> bool:
    return value.isdigit() and given.isdigit()


COMPARE: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, given: value == given,
    "StringLike": like,
    "Bool": lambda value, given: value == given and value in ("true", "false"),
    "ArnLike": like_arn,
    "IpAddress": in_range,
    "NumericEquals": lambda value, given: numbers(value, given) and int(given) == int(value),
    "NumericLessThan": lambda value, given: numbers(value, given) and int(given) < int(value),
}
VARIABLE = ("StringEquals", "StringLike", "ArnLike", "Bool")


def holds(written: str, key: str, values: list[str], version: str | None, context: Json) -> bool:
    qualifier, _, operator = written.rpartition(":")
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    negated = "Not" in operator
    operator = operator.replace("Not", "")
    given = context.get(key.lower(), [])
    if operator == "Null":
        return ("false" if any(given) else "true") in values
    if if_exists and not given:
        return True
    texts = [filled(v, version, context) if operator in VARIABLE else v for v in values]
    if negated and None in texts:
        return False
    hits = [any(COMPARE[operator](v, one) for v in texts if v is not None) for one in given]
    if qualifier == "ForAllValues":
        return not any(given) or all(hit != negated for hit in hits)
    if qualifier == "ForAnyValue":
        return any(given) and any(hit != negated for hit in hits)
    return any(hits) != negated


def names(principal: str, element: Any) -> str | None:
    """Return how the element names the principal: account, role, anyone or direct."""
    aws = [] if element == "*" else listed(element.get("AWS", []))
    if principal == SERVICE:
        if element != "*" and SERVICE in listed(element.get("Service", [])):
            return "direct"
        return "anyone" if element == "*" else None
    ways: list[str] = []
    if element == "*" or "*" in aws:
        ways.append("anyone")
    account = principal.split(":")[4] if principal != "*" else ""
    if principal != "*":
        if principal in aws:
            ways.append("role" if ":role/" in principal else "direct")
        if principal == SESSION and ROLE in aws:
            ways.append("role")
        if account in aws or f"arn:aws:iam::{account}:root" in aws:
            ways.append("direct" if principal == ROOT else "account")
    order = ("direct", "anyone", "role", "account")
    return next((way for way in order if way in ways), None)


def way(statement: Json, principal: str, *, naming: bool) -> str | None:
    """Return how the statement of a layer that names principals, or does not, takes one in."""
    if not naming:
        return "direct"
    return names(principal, statement["Principal"]) if "Principal" in statement else None


def about_action(statement: Json, action: str) -> bool:
    patterns = listed(statement.get("Action", statement.get("NotAction")))
    hit = any(like(one.lower(), action.lower()) for one in patterns)
    return hit == ("Action" in statement)


def about_resource(statement: Json, version: str | None, resource: str, context: Json) -> bool:
    if "Resource" not in statement and "NotResource" not in statement:
        return True
    patterns = listed(statement.get("Resource", statement.get("NotResource")))
    texts = [filled(one, version, context) for one in patterns]
    hit = any(like_resource(text, resource) for text in texts if text is not None)
    if "Resource" in statement:
        return hit
    return None not in texts and not hit


def matching(documents: list[Json], request: Json, *, naming: bool) -> list[tuple[str, str]]:
    """Return of each statement that matches its effect, and how it names the caller."""
    context, found = context_of(request), []
    for document in documents:
        version = document.get("Version")
        for statement in listed(document["Statement"]):
            by = way(statement, request["principal"], naming=naming)
            tests = statement.get("Condition", {})
            if (
                by is not None
                and about_action(statement, request["action"])
                and about_resource(statement, version, request["resource"], context)
                and all(
                    holds(operator, key, listed(values), version, context)
                    for operator, keys in tests.items()
                    for key, values in keys.items()
                )
            ):
                found.append((statement["Effect"], by))
    return found


def context_of(request: Json) -> Json:
    context = {key.lower(): listed(values) for key, values in request["context"].items()}
    principal = request["principal"]
    if principal not in ("*", SERVICE):
        arn = ROLE if principal == SESSION else principal
        context.setdefault("aws:principalarn", [arn])
        context.setdefault("aws:principalaccount", [principal.split(":")[4]])
        if ":user/" in principal:
            context.setdefault("aws:username", ["ana"])
    return context


def layers(case: Json) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each group of policies that bears on the caller, with the statements that match."""
    principal = case["request"]["principal"]
    groups = [("rcp", level) for level in case["resourceControlPolicies"]]
    groups += [("endpoint", [one]) for one in case["endpointPolicies"]]
    groups += [("resource", [one]) for one in (case["resourcePolicy"],) if one]
    if principal not in ("*", SERVICE):
        groups += [("scp", level) for level in case["serviceControlPolicies"]]
    if principal not in ("*", SERVICE, ROOT):
        groups += [("identity", case["identityPolicies"])]
        groups += [("boundary", [one]) for one in case["permissionsBoundaries"]]
        groups += [("session", case["sessionPolicies"])] if case["sessionPolicies"] else []
    return [
        (name, matching(group, case["request"], naming=name in ("rcp", "endpoint", "resource")))
        for name, group in groups
    ]


def decide(case: Json) -> str:
    """Return allowed, explicitDeny or implicitDeny."""
    found = layers(case)
    if any(effect == "Deny" for _, matched in found for effect, _ in matched):
        return "explicitDeny"

    def passes(layer: str) -> bool:
        """Whether every group of the layer has an Allow; no group is no limit."""
        return all(bool(matched) for name, matched in found if name == layer)

    ways = {by for name, matched in found if name == "resource" for _, by in matched}
    open_to_all = passes("scp") and passes("endpoint")
    limited = not (passes("boundary") and passes("session"))
    allowed = granted(case["request"], ways, identity=passes("identity"), limited=limited)
    return "allowed" if open_to_all and allowed else "implicitDeny"


def granted(request: Json, ways: set[str], *, identity: bool, limited: bool) -> bool:
    principal, action, resource = (request[key] for key in ("principal", "action", "resource"))
    if principal in ("*", ROOT) and action == "sts:AssumeRole":
        return False
    if principal in ("*", SERVICE):
        return bool(ways)
    own_side = identity and not limited
    owner = resource.split(":")[4] if resource.count(":") > 4 else ""
    if owner not in ("", principal.split(":")[4]):
        return bool(ways) and own_side
    if ways & {"direct", "anyone"}:
        return True
    if "role" in ways:
        return not limited
    needs_resource = action == "sts:AssumeRole" or (action[:4] == "kms:" and "key/" in resource)
    return own_side and (bool(ways) or not needs_resource)
