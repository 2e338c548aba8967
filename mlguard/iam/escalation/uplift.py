"""What a principal could do after an edit: a policy more, a boundary less."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Final

from mlguard.iam.escalation.account import Member, Team
from mlguard.iam.evaluation.policies import Carrier, Layer
from mlguard.iam.language.document import Effect, parse
from mlguard.iam.language.principal import parse_principal
from mlguard.iam.language.request import Context
from mlguard.iam.permissions.effective import Book, Effective

_ALL: Final = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
)


class Uplift:
    """Edits of members, and what they may do then; `known` is what is known of every request."""

    def __init__(self, known: Context) -> None:
        self._book = Book(known)

    @cached_property
    def everything(self) -> Carrier:
        """A policy that allows everything, as an attacker would write it."""
        return Carrier(name="the policy that is written", document=parse(_ALL))

    def free(self, member: Member) -> Member:
        """Return the member with a further policy that allows everything."""
        return self.given(member, (self.everything,))

    def given(
        self,
        member: Member,
        policies: Iterable[Carrier],
        *,
        attached: tuple[str, ...] = (),
        without: str | None = None,
    ) -> Member:
        """Return the member with further policies, and without the managed one of that ARN.

        `attached` are the ARNs of those of them that are managed.
        """
        kept = (one for one in member.policies.identity if without is None or one.name != without)
        changed = replace(member.policies, identity=(*kept, *policies))
        return replace(member, policies=changed, attached=(*member.attached, *attached))

    def rewritten(self, member: Member, policy: str, text: Carrier) -> Member:
        """Return the member with another text of a managed policy, attached or its boundary."""
        found = member
        if policy in member.attached:
            found = self.given(found, (text,), without=policy)
        return self.unbound(found, text) if policy == member.boundary else found

    def less(self, member: Member, policy: Carrier) -> Member:
        """Return the member without a policy."""
        kept = tuple(one for one in member.policies.identity if one is not policy)
        return replace(member, policies=replace(member.policies, identity=kept))

    def given_unread(self, member: Member) -> Member:
        """Return the member with a further policy, of which nobody has read what it allows."""
        unread = member.policies.unread | {Layer.IDENTITY}
        return replace(member, policies=replace(member.policies, unread=unread))

    def joined(self, member: Member, team: Team) -> Member:
        """Return the user as a member of a further group."""
        found = self.given(member, team.policies, attached=team.attached)
        return replace(found, groups=(*member.groups, team.arn))

    def unbound(self, member: Member, boundary: Carrier | None = None) -> Member:
        """Return the member with another permissions boundary, or with none."""
        limits = () if boundary is None else (boundary,)
        unread = member.policies.unread - {Layer.BOUNDARY}
        changed = replace(member.policies, boundaries=limits, unread=unread)
        name = None if boundary is None else boundary.name
        return replace(member, policies=changed, boundary=name)

    def together(self, member: Member, edited: Iterable[Member]) -> Member:
        """Return the member with what all the edits gave it, and the boundary of the first."""
        found = member
        for one in edited:
            have = {id(policy) for policy in found.policies.identity}
            more = [policy for policy in one.policies.identity if id(policy) not in have]
            attached = tuple(arn for arn in one.attached if arn not in found.attached)
            groups = tuple(arn for arn in one.groups if arn not in found.groups)
            found = self.given(found, more, attached=attached)
            left = {id(policy) for policy in one.policies.identity}
            for policy in member.policies.identity:
                if id(policy) not in left:
                    found = self.less(found, policy)
            found = replace(found, groups=(*found.groups, *groups))
            if one.boundary != member.boundary and found.boundary == member.boundary:
                limits = one.policies.boundaries
                found = self.unbound(found, limits[0] if limits else None)
        return found

    def most(self, member: Member) -> Effective:
        """Return what the member could do at most, were its policies only added to."""
        return self.of(self.unbound(self.free(member)))

    def of(self, member: Member) -> Effective:
        """Return what the member may do."""
        policies = member.policies
        if any(one is self.everything for one in policies.identity):
            # Beside it, only what denies has a say: so that it comes to the same for many.
            denying = (one for one in policies.identity if denies(one))
            policies = replace(policies, identity=(*denying, self.everything))
        principal = parse_principal(member.arn)
        return Effective(principal, self._book.permissions(principal, policies))


def denies(policy: Carrier) -> bool:
    """Return whether the policy denies anything."""
    return any(statement.effect is Effect.DENY for statement in policy.document.statements)
