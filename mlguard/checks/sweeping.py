"""Policies that sweep: all of a service, or of every service, on every resource."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final

from mlguard.iam.language.actions import actions
from mlguard.iam.language.arn import account_of
from mlguard.iam.language.document import ConditionTest, Document, Effect, Statement
from mlguard.iam.language.principal import is_account_id
from mlguard.iam.permissions.effective import Effective
from mlguard.resources.iam import Role, User

# Those of which an attacker makes most. To look for all in each role would take long.
_WEIGHTY: Final = (
    *("iam", "sts", "sagemaker", "s3", "lambda", "ec2", "ecr", "kms", "secretsmanager", "ssm"),
    *("dynamodb", "logs", "cloudwatch", "events", "states", "glue", "bedrock", "cloudformation"),
)

_LITERAL: Final = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike"})
_DENY_ALL: Final = ":aws:policy/AWSDenyAll"
# The segments of an ARN.
_SERVICE, _REGION, _RESOURCE = 2, 3, 5
# Services whose ARNs have no region, or no account: Service Authorization Reference.
_WITHOUT: Final[Mapping[str, tuple[bool, bool]]] = {"s3": (True, True), "iam": (True, False)}


def swept_services(effective: Effective) -> Iterator[str]:
    """Yield services of which every action is allowed on every resource, all policies together."""
    whole = effective.on_all_resources
    if whole:
        rest = ~whole
        for service in _WEIGHTY:
            if not actions().mask(f"{service}:*") & rest:
                yield service


def is_shut_off(principal: Role | User, effective: Effective) -> bool:
    """Return whether everything is denied, whatever the policies allow that were not read.

    AWS Managed Policy Reference Guide, "AWSDenyAll": it denies every action on every resource.
    """
    if any(policy.arn.endswith(_DENY_ALL) for policy in principal.attached_policies):
        return True
    return any(deny.sure and deny.mask == actions().all for deny in effective.permissions.denies)


def confined(effective: Effective) -> int:
    """Return the mask of the actions that a Deny, by NotResource, leaves on what it names alone.

    Where it names all that a service has, it leaves that service as it was.
    """
    mask = 0
    for deny in effective.permissions.denies:
        named = deny.statement.not_resources
        if named and not deny.tests:
            kept = tuple(f"{service}:*" for service in _spanned(named))
            mask |= deny.mask & ~actions().union(kept)
    return mask


def mask_of(document: Document) -> int:
    """Return the known actions that the policy allows on some resource, without its denies."""
    mask = 0
    for one in document.statements:
        if one.effect is Effect.ALLOW:
            left_out = one.not_actions
            named = actions().union(one.actions)
            mask |= named if left_out is None else actions().all & ~actions().union(left_out)
    return mask


def is_mostly_left(allowed: int, left: int) -> bool:
    """Return whether of some service that is allowed whole, at least half is left.

    Masks: what a policy allows, and what boundaries and denies leave of it.
    """
    if allowed == left:
        return True
    return any(
        not service & ~allowed and 2 * (service & left).bit_count() >= service.bit_count()
        for service in _services()
    )


@cache
def _services() -> tuple[int, ...]:
    """Return the mask of each known service."""
    prefixes = dict.fromkeys(name.partition(":")[0] for name in actions().names)
    return tuple(actions().mask(f"{prefix}:*") for prefix in prefixes)


def hands_out_a_service(name: str) -> bool:
    """Return whether an AWS managed policy of this name allows all of a service, or of AWS."""
    if name.startswith("AdministratorAccess") or name == "PowerUserAccess":
        return True
    # AmazonDynamoDBFullAccess_v2, CloudWatchFullAccessV2
    return name.rstrip("0123456789").lower().removesuffix("v").rstrip("_").endswith("fullaccess")


def sweeping(document: Document) -> tuple[Statement, ...]:
    """Return the statements that allow all of a service, on all that it has."""
    return tuple(filter(_is_sweeping, document.statements))


def narrows_nothing(test: ConditionTest) -> bool:
    """Return whether a condition says neither who may do it, nor when, nor to what.

    Every SDK sends its requests by TLS; and a region is all of an account, where it works in one.
    """
    key = test.key.lower()
    if key == "aws:securetransport":
        return test.operator == "Bool" and "true" in map(str.lower, test.values)
    return key == "aws:requestedregion" and test.operator in _LITERAL


def is_of_plain_http(test: ConditionTest) -> bool:
    """Return whether the condition holds for requests without TLS alone; no SDK sends any."""
    if test.key.lower() != "aws:securetransport" or test.operator != "Bool":
        return False
    return all(value.lower() == "false" for value in test.values)


def under(tests: Iterable[ConditionTest]) -> str:
    """Return what conditions ask for, as the end of a sentence; empty if there are none."""
    keys = ", ".join(dict.fromkeys(test.key for test in tests))
    return f", if a condition on {keys} holds" if keys else ""


def reaches(statement: Statement, account: str) -> bool:
    """Return whether the statement is about anything but resources of other accounts."""
    owners = {account_of(resource) for resource in statement.resources}
    return not owners or any(not is_account_id(one) or one == account for one in owners)


def _is_sweeping(statement: Statement) -> bool:
    if statement.effect is Effect.DENY or not all(map(narrows_nothing, statement.conditions)):
        return False
    if statement.not_actions is not None:
        return _is_everywhere(statement)
    return bool(_sweeps(statement))


def swept(statement: Statement) -> str:
    """Return the actions that are too wide, and where, in words; empty if there are none."""
    where = _where(statement)
    if statement.not_actions is not None:
        # NotAction grants every other action of every service, also those yet to come.
        named = ", ".join(statement.not_actions)
        return f"every action but {named} {where}" if _is_everywhere(statement) else ""
    wide = [statement.actions[at] for at in _sweeps(statement)]
    return f"{', '.join(wide)} {where}" if wide else ""


def marks(statement: Statement) -> tuple[str, ...]:
    """Return the elements that are too wide, for an excerpt."""
    if statement.not_actions is not None:
        return ("NotAction",)
    return tuple(f"Action[{at}]" for at in _sweeps(statement))


def _sweeps(statement: Statement) -> list[int]:
    """Return the places of the actions that are all of a service, on all that it has."""
    wide = [at for at, action in enumerate(statement.actions) if _is_wide(action)]
    if not wide:
        return []
    left_out = _spanned(statement.not_resources or ())
    if _is_everywhere(statement):
        return [at for at in wide if _service(statement.actions[at]) not in left_out]
    spanned = _spanned(statement.resources)
    return [at for at in wide if spanned and _service(statement.actions[at]) in {"*", *spanned}]


def _where(statement: Statement) -> str:
    if statement.not_resources is not None:
        return f"on every resource but {', '.join(statement.not_resources)}"
    if _is_everywhere(statement):
        return "on every resource"
    return f"on every resource of {', '.join(sorted(_spanned(statement.resources)))}"


def _is_everywhere(statement: Statement) -> bool:
    if statement.not_resources is not None:
        return True
    return not all(resource.strip("*") for resource in statement.resources)


def _spanned(resources: tuple[str, ...]) -> frozenset[str]:
    """Return the services of which one of the patterns matches everything in an account."""
    return frozenset(service for service in map(_service_of_all, resources) if service)


def _service_of_all(resource: str) -> str:
    """Return the service of which the pattern matches everything in an account, or nothing.

    IAM User Guide, "Resource": a `*` at the end of a segment may run on over the colons.
    """
    parts = resource.split(":", _RESOURCE)
    if len(parts) <= _REGION or parts[0] != "arn" or parts[-1].strip("*") or not parts[-1]:
        return ""
    service, *where = parts[_SERVICE:-1]
    # The same page: the segment takes no wildcards.
    if "*" in service:
        return ""
    for at, part in enumerate(where):
        none = not part and _WITHOUT.get(service, (False, False))[at]
        if part != "*" and not none and not (at and is_account_id(part)):
            return ""
    return service


def _service(action: str) -> str:
    """Return the service of the action pattern; that of `*` and `*:*` is `*`."""
    return action.partition(":")[0].lower() if ":" in action else "*"


def _is_wide(action: str) -> bool:
    return action == "*" or action.rstrip("*").endswith(":")
