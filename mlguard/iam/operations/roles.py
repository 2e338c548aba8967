"""The roles that a call hands to a service, for which its caller needs iam:PassRole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from mlguard.errors import ArnError
from mlguard.iam.language.arn import Arn
from mlguard.iam.operations.table import OperationTable
from mlguard.iam.operations.templates import Filled, Template
from mlguard.iam.operations.values import Place, Values, values_at

PASS_ROLE: Final = "iam:PassRole"  # noqa: S105  # the action
PASSED_TO: Final = "iam:PassedToService"

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_UNKNOWN_RECEIVER: Final = "which service principal takes on the role is not known"
_ROLE: Final = "arn:{partition}:iam::{account}:role/{@}"
_NAMED_ROLE: Final = "arn:{partition}:iam::{account}:role/{@|pathed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedRole:
    """A role as a policy's resource, and the context of passing it on."""

    role: Filled
    context: Mapping[str, str]


def passed_roles(
    service: str, operation: str, *, scope: Values, place: Place, table: OperationTable
) -> Iterator[PassedRole]:
    """Give every role that stands where the operation takes one.

    IAM User Guide, "Grant a user permissions to pass a role to an AWS service".
    """
    key = f"{service}.{operation}"
    receiver = table.receiver(key)
    context = {PASSED_TO: receiver} if receiver else _NOTHING
    named = table.names_roles(service)
    for path in table.roles.get(key, ()):
        for text in values_at(path, scope):
            for role in _roles(text, place, named=named):
                doubts = (role.doubt, None if receiver else _UNKNOWN_RECEIVER)
                doubt = "; ".join(filter(None, doubts)) or None
                yield PassedRole(role=Filled(text=role.text, doubt=doubt), context=context)


def _roles(text: str, place: Place, *, named: bool) -> tuple[Filled, ...]:
    """Return the role that a text is, by its ARN or its name, if it is one."""
    if text.startswith("arn:"):
        written = _ROLE if _is_role(text) else ""
    else:
        written = _NAMED_ROLE if named else ""
    return Template.of(written).fill({"@": text}, place) if written else ()


def _is_role(text: str) -> bool:
    try:
        arn = Arn.parse(text)
    except ArnError:
        return False
    return arn.service == "iam" and arn.resource_type == "role"
