"""What a principal could do after an edit: a policy more, a boundary less."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Final

from mlguard.iam.account import Member
from mlguard.iam.document import Effect, parse
from mlguard.iam.effective import Effective, Permissions, effective
from mlguard.iam.policies import Carrier, Layer, PolicySet
from mlguard.iam.principal import parse_principal
from mlguard.iam.request import Context

_ALL: Final = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
)
# The policy says nothing of who it is for: one serves for all.
_ANYBODY: Final = "arn:aws:iam::000000000000:user/anybody"


class Uplift:
    """Edited principals; `known` is what is known of every request."""

    def __init__(self, known: Context) -> None:
        self._known = known
        self._found: dict[tuple[object, ...], Effective] = {}

    @cached_property
    def everything(self) -> Carrier:
        """A policy that allows everything, as an attacker would write it."""
        return Carrier(name="the policy that is written", document=parse(_ALL))

    def free(self, member: Member) -> Effective:
        """Return the member with a further policy that allows everything."""
        own = member.policies
        if own.boundaries or own.session or own.scps or own.unread or _denies(own.identity):
            return self.given(member, (self.everything,))
        return Effective(parse_principal(member.arn), self._all)

    def given(
        self, member: Member, policies: Iterable[Carrier], *, without: str | None = None
    ) -> Effective:
        """Return the member with further policies, and without the managed one of that ARN."""
        more = tuple(policies)
        own = member.policies
        kept = tuple(one for one in own.identity if without is None or one.name != without)
        return self._of(member, replace(own, identity=(*kept, *more)))

    def unbound(self, member: Member, boundary: Carrier | None = None) -> Effective:
        """Return the member with another permissions boundary, or with none."""
        own = member.policies
        limits = () if boundary is None else (boundary,)
        unread = own.unread - {Layer.BOUNDARY}
        return self._of(member, replace(own, boundaries=limits, unread=unread))

    def freed(self, member: Member) -> Effective:
        """Return the member without boundary and with a policy that allows everything."""
        own = replace(member.policies, boundaries=(), unread=frozenset())
        return self._of(member, replace(own, identity=(*own.identity, self.everything)))

    @cached_property
    def _all(self) -> Permissions:
        alone = PolicySet(identity=(self.everything,))
        (found,) = effective([(_ANYBODY, alone)], known=self._known)
        return found.permissions

    def _of(self, member: Member, policies: PolicySet) -> Effective:
        layers = (policies.identity, policies.boundaries, policies.session)
        key = (member.arn, policies.unread, *(tuple(map(id, layer)) for layer in layers))
        found = self._found.get(key)
        if found is None:
            (found,) = effective([(member.arn, policies)], known=self._known)
            self._found[key] = found
        return found


def _denies(policies: tuple[Carrier, ...]) -> bool:
    return any(
        statement.effect is Effect.DENY
        for policy in policies
        for statement in policy.document.statements
    )
