"""Policies that sweep: all of a service, or of every service, on every resource."""

from collections.abc import Iterator
from typing import Final

from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import Document, Effect, Statement
from mlguard.iam.permissions.effective import Effective

# Those of which an attacker makes most. To look for all in each role would take long.
_WEIGHTY: Final = (
    *("iam", "sts", "sagemaker", "s3", "lambda", "ec2", "ecr", "kms", "secretsmanager", "ssm"),
    *("dynamodb", "logs", "cloudwatch", "events", "states", "glue", "bedrock", "cloudformation"),
)


def swept_services(effective: Effective) -> Iterator[str]:
    """Yield services of which every action is allowed on every resource, all policies together."""
    whole = effective.on_all_resources
    if whole:
        rest = ~whole
        for service in _WEIGHTY:
            if not actions().mask(f"{service}:*") & rest:
                yield service


def mask_of(document: Document) -> int:
    """Return the known actions that the policy allows on some resource, without its denies."""
    mask = 0
    for one in document.statements:
        if one.effect is Effect.ALLOW:
            left_out = one.not_actions
            named = actions().union(one.actions)
            mask |= named if left_out is None else actions().all & ~actions().union(left_out)
    return mask


def hands_out_a_service(name: str) -> bool:
    """Return whether an AWS managed policy of this name allows all of a service, or of AWS."""
    if name.startswith("AdministratorAccess") or name == "PowerUserAccess":
        return True
    # AmazonDynamoDBFullAccess_v2, CloudWatchFullAccessV2
    return name.rstrip("0123456789").lower().removesuffix("v").rstrip("_").endswith("fullaccess")


def sweeping(document: Document) -> tuple[Statement, ...]:
    """Return the statements that allow all of a service, everywhere and always."""
    return tuple(filter(_is_sweeping, document.statements))


def _is_sweeping(statement: Statement) -> bool:
    if statement.effect is Effect.DENY or statement.conditions:
        return False
    if not _where(statement):
        return False
    return statement.not_actions is not None or any(map(_is_wide, statement.actions))


def swept(statement: Statement) -> str:
    """Return the actions that are too wide, and where, in words; empty if there are none."""
    where = _where(statement)
    if statement.not_actions is not None:
        # NotAction grants every other action of every service, also those yet to come.
        return f"every action but {', '.join(statement.not_actions)} {where}"
    wide = [action for action in statement.actions if _is_wide(action)]
    return f"{', '.join(wide)} {where}" if wide else ""


def _where(statement: Statement) -> str:
    if statement.not_resources is not None:
        return f"on every resource but {', '.join(statement.not_resources)}"
    everywhere = not all(resource.strip("*") for resource in statement.resources)
    return "on every resource" if everywhere else ""


def _is_wide(action: str) -> bool:
    return action == "*" or action.rstrip("*").endswith(":")


def marks(statement: Statement) -> tuple[str, ...]:
    """Return the elements that are too wide, for an excerpt."""
    if statement.not_actions is not None:
        return ("NotAction",)
    wide = (at for at, action in enumerate(statement.actions) if _is_wide(action))
    return tuple(f"Action[{at}]" for at in wide)
