"""Of a whole account, what bears on a few roles: they and their policies, and what was not read.

A run asks about the same few roles test by test; what else the account holds need not be looked at.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import structs

from mlguard.advice import AdviceError, role_named
from mlguard.principals import Subject
from mlguard.resources.iam import ManagedPolicy, Role
from mlguard.snapshot import Snapshot

_KINDS: Final = frozenset({Role.__name__, ManagedPolicy.__name__})


def bearing_on(snapshot: Snapshot, arns: Iterable[str]) -> Snapshot:
    """Return a snapshot of the roles with these ARNs and of the policies that bear on them."""
    wanted = frozenset(arns)
    roles = tuple(role for role in snapshot.of(Role) if role.arn in wanted)
    named = {one.arn for role in roles for one in role.attached_policies}
    named |= {role.permissions_boundary for role in roles if role.permissions_boundary}
    policies = tuple(policy for policy in snapshot.of(ManagedPolicy) if policy.arn in named)
    gaps = tuple(gap for gap in snapshot.gaps if not _KINDS.isdisjoint(gap.kinds))
    return structs.replace(snapshot, resources=(*roles, *policies), gaps=gaps)


def subject_of(snapshot: Snapshot, who: str) -> Subject:
    """Return the role with this ARN or name, and its policies; raises AdviceError with the reason.

    That the role is not there may mean that roles were not read.
    """
    found = [role for role in snapshot.of(Role) if who in (role.arn, role.name)]
    if len(found) == 1:
        return role_named(bearing_on(snapshot, [found[0].arn]), found[0].arn)
    try:
        return role_named(snapshot, who)
    except AdviceError as error:
        if Role.__name__ not in snapshot.covers:
            raise AdviceError(f"{error}; the source reads no roles") from error
        unread = next((gap for gap in snapshot.gaps if Role.__name__ in gap.kinds), None)
        if unread is None:
            raise
        raise AdviceError(f"{error}; {unread.operation} was not read: {unread.detail}") from error
