"""The ground on which escalations are searched: the principals, strongest first, and the tools."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from mlguard.data.escalation_paths import escalation_paths
from mlguard.data.managed_policies import managed_policies
from mlguard.iam.escalation.account import AccountView, Member
from mlguard.iam.escalation.chain import Step
from mlguard.iam.escalation.foresight import Foresight
from mlguard.iam.escalation.gains import Gains
from mlguard.iam.escalation.outcomes import Outcomes
from mlguard.iam.escalation.powers import Powers
from mlguard.iam.escalation.roster import Roster
from mlguard.iam.escalation.trusting import Trusts
from mlguard.iam.escalation.uplift import Uplift
from mlguard.iam.evaluation.policies import Carrier
from mlguard.iam.language.arn import account_of
from mlguard.iam.language.document import parse
from mlguard.iam.language.principal import Kind, Principal
from mlguard.iam.language.request import AWS_OWNED, Context, Rest
from mlguard.iam.permissions.effective import Effective, effective

_EC2: Final = "ec2.amazonaws.com"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Actor:
    """A principal: its place, what it has, and what it may do."""

    place: int
    member: Member
    effective: Effective

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.member.arn

    @property
    def principal(self) -> Principal:
        """Its ARN, taken apart."""
        return self.effective.principal

    @property
    def is_user(self) -> bool:
        """Whether it is a user, not a role."""
        return self.principal.kind is Kind.USER

    @property
    def unread(self) -> bool:
        """Whether some of its policies were not read."""
        return bool(self.effective.permissions.unread)

    @property
    def own(self) -> int:
        """The mask of its place."""
        return 1 << self.place


class Terrain:
    """Everybody in an account on one day, in the order of what they may do: the strongest first.

    So the lowest bit of a mask is the target that is worth most.
    """

    def __init__(self, view: AccountView, today: date) -> None:
        self.view = view
        moment = _moment(today)
        # Whoever wants to can use TLS, and calls AWS by himself.
        chosen = {"aws:SecureTransport": "true", "aws:ViaAWSService": "false"}
        known = Context.of({**moment, **chosen}, rest=Rest.UNKNOWN)
        members = {member.arn: member for member in view.members}
        pairs = ((member.arn, member.policies) for member in members.values())
        found = sorted(effective(pairs, known=known), key=_strength)
        self.actors = tuple(
            Actor(place=place, member=members[one.principal.text], effective=one)
            for place, one in enumerate(found)
        )
        self.roster = Roster([actor.arn for actor in self.actors])
        names = (action for path in escalation_paths() for action in path.actions)
        self.foresight = Foresight(names)
        self.powers = Powers(self.roster, self.foresight)
        trusting = [actor.member for actor in self.actors]
        self.trusts = Trusts(trusting, self.roster, Context.of(moment, rest=Rest.UNKNOWN))
        self.gains = Gains()
        self.outcomes = Outcomes()
        self._taken_on: dict[tuple[int, str], Step | None] = {}
        self._policies: dict[str, Mapping[str, Carrier]] = {}
        self.uplift = Uplift(known)
        self.users = self._masks(actor for actor in self.actors if actor.is_user)
        self.roles = self._masks(
            actor
            for actor in self.actors
            if not actor.is_user and not actor.principal.service_linked
        )
        self.accounts = frozenset(actor.principal.account for actor in self.actors)
        self.administrators = self._mask(
            actor for actor in self.actors if actor.effective.administrator
        )
        # Nothing but a role that an instance profile holds gets into EC2.
        self.in_profile = self._mask(
            actor for actor in self.actors if actor.member.in_profile is not False
        )
        self.holders = self._by_policy(lambda member: member.attached)
        # Whoever has a policy, or is limited by it.
        limits = self._by_policy(lambda one: () if one.boundary is None else (one.boundary,))
        self.governed = {
            policy: self.holders.get(policy, 0) | limits.get(policy, 0)
            for policy in (*self.holders, *limits)
        }
        self.crews = self._by_key(lambda member: member.groups)

    def profile(self, actor: Actor, about: int) -> int:
        """Return a number that actors share who get the same answers about these actions."""
        return self.powers.profile(actor.effective, about)

    def policies(self, partition: str) -> Mapping[str, Carrier]:
        """Return the managed policies that can be attached: those in view, and AWS's."""
        found = self._policies.get(partition)
        if found is None:
            # An answer of AWS's on an account has only those policies of AWS's that are attached.
            of_aws = {
                arn.replace("arn:aws:", f"arn:{partition}:", 1): text.document
                for arn, text in managed_policies().items()
            }
            more = {arn: text for arn, text in of_aws.items() if arn not in self.view.managed}
            parsed = {arn: Carrier(name=arn, document=parse(text)) for arn, text in more.items()}
            found = self._policies[partition] = {**self.view.managed, **parsed}
        return found

    def taken_on(self, place: int, service: str) -> Step | None:
        """Return how the service takes on the role at that place, None if it cannot."""
        key = (place, service)
        if key not in self._taken_on:
            self._taken_on[key] = self._taking(self.actors[place], service)
        return self._taken_on[key]

    def _taking(self, role: Actor, service: str) -> Step | None:
        leave = self.trusts.admits(role.member, service)
        if leave is None:
            return None
        conditions = leave.conditions
        # An instance gets its role by an instance profile: Amazon EC2 User Guide, "IAM roles".
        if service == _EC2 and role.member.in_profile is False:
            conditions = (*conditions, f"an instance profile holds {role.arn}")
        return Step(
            principal=service,
            action="sts:AssumeRole",
            resource=role.arn,
            statements=leave.cited,
            conditions=conditions,
        )

    def _mask(self, actors: Iterable[Actor]) -> int:
        return self.roster.mask(actor.arn for actor in actors)

    def _masks(self, actors: Iterable[Actor]) -> dict[str, int]:
        found: dict[str, list[Actor]] = {}
        for actor in actors:
            found.setdefault(actor.principal.account, []).append(actor)
        return {account: self._mask(several) for account, several in found.items()}

    def _by_policy(self, policies: Callable[[Member], Iterable[str]]) -> dict[str, int]:
        """Return by the ARN of each policy that can be edited who has it."""
        return self._by_key(lambda member: filter(editable, policies(member)))

    def _by_key(self, keys: Callable[[Member], Iterable[str]]) -> dict[str, int]:
        found: dict[str, list[Actor]] = {}
        for actor in self.actors:
            for key in keys(actor.member):
                found.setdefault(key, []).append(actor)
        return {key: self._mask(actors) for key, actors in found.items()}


def editable(policy: str) -> bool:
    """Return whether a managed policy is the account's own: AWS's nobody can edit.

    IAM User Guide, "Managed policies and inline policies".
    """
    return account_of(policy) not in ("", AWS_OWNED)


def _strength(one: Effective) -> tuple[bool, int, str]:
    size = one.permissions.actions_anywhere.bit_count()
    return (not one.administrator, -size, one.principal.text)


def _moment(today: date) -> dict[str, str]:
    """Return the condition keys that tell the time, at noon of the day."""
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    return {
        "aws:CurrentTime": noon.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(noon.timestamp())),
    }
