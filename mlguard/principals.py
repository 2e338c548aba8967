"""The principals of a snapshot, each with the policies that bear on it.

The service control policies of AWS Organizations are not part of a snapshot: what is said of a
principal here is what the policies in its own account say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, TypeAlias

from mlguard.errors import DocumentError
from mlguard.iam.evaluation.policies import Carrier, Layer, PolicySet
from mlguard.iam.language.documents import Documents
from mlguard.iam.permissions.effective import Effective, effective
from mlguard.resources.base import Resource
from mlguard.resources.iam import Group, InlinePolicy, ManagedPolicy, Role, User
from mlguard.snapshot import Gap, GapReason, Snapshot

Holder: TypeAlias = Role | User | Group

KINDS: Final[tuple[type[Resource], ...]] = (Role, User, Group, ManagedPolicy)

_READ: Final = "iam:GetAccountAuthorizationDetails"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A role or user and the policies that bear on it; `gaps` are those that could not be read.

    With a gap, `policies.unread` names its layer, so that nothing is said for sure that the
    missing policy might change.
    """

    resource: Role | User
    policies: PolicySet
    gaps: tuple[Gap, ...] = ()

    @property
    def arn(self) -> str:
        """The ARN of the role or user."""
        return self.resource.arn


@dataclass(frozen=True, kw_only=True)
class Principals:
    """Every role and user of a snapshot, and each gap that hides something of them, once."""

    subjects: tuple[Subject, ...]
    gaps: tuple[Gap, ...]

    @cached_property
    def _by_arn(self) -> Mapping[str, Subject]:
        return {subject.arn: subject for subject in self.subjects}

    def subject(self, arn: str) -> Subject:
        """Return the role or user with this ARN; KeyError if there is none."""
        return self._by_arn[arn]

    @cached_property
    def effective(self) -> Mapping[str, Effective]:
        """What each may do, by its ARN."""
        pairs = ((subject.arn, subject.policies) for subject in self.subjects)
        return {found.principal.text: found for found in effective(pairs)}


def principals(snapshot: Snapshot, documents: Documents | None = None) -> Principals:
    """Return the principals of a snapshot; one bad policy spoils no others.

    Whoever reads the same policies himself shares his `documents`.
    """
    library = _Library(snapshot, documents or Documents())
    roles = (library.subject(role) for role in snapshot.of(Role))
    users = (library.subject(user) for user in snapshot.of(User))
    subjects = (*roles, *users)
    names = {kind.__name__ for kind in KINDS}
    known = [gap for gap in snapshot.gaps if not names.isdisjoint(gap.kinds)]
    found = (gap for subject in subjects for gap in subject.gaps)
    return Principals(subjects=subjects, gaps=tuple(dict.fromkeys((*known, *found))))


class _Library:
    """The policies of a snapshot: each is parsed once, and each is one Carrier wherever it is."""

    def __init__(self, snapshot: Snapshot, documents: Documents) -> None:
        self._managed = {policy.arn: policy for policy in snapshot.of(ManagedPolicy)}
        self._groups = {(group.account, group.name): group for group in snapshot.of(Group)}
        self._documents = documents
        self._carriers: dict[tuple[str, str], Carrier] = {}
        self._read: dict[str, Carrier | Gap] = {}
        self._held: dict[str, list[Carrier | Gap]] = {}

    def subject(self, resource: Role | User) -> Subject:
        """Return the role or user with its policies."""
        identity = self._policies(resource)
        if isinstance(resource, User):
            for name in resource.groups:
                identity += self._of_group(name, resource)
        boundary = resource.permissions_boundary
        limits = [] if boundary is None else [self._attached(boundary, resource)]
        policies = PolicySet(
            identity=tuple(_carriers(identity)), boundaries=tuple(_carriers(limits))
        )
        if len(policies.identity) == len(identity) and len(policies.boundaries) == len(limits):
            return Subject(resource=resource, policies=policies)
        layers = {Layer.IDENTITY: identity, Layer.BOUNDARY: limits}
        unread = frozenset(layer for layer, found in layers.items() if _gaps(found))
        return Subject(
            resource=resource,
            policies=replace(policies, unread=unread),
            gaps=(*_gaps(identity), *_gaps(limits)),
        )

    def _of_group(self, name: str, user: User) -> list[Carrier | Gap]:
        group = self._groups.get((user.account, name))
        if group is None:
            return [_absent(user, f"the group {name}", None)]
        found = self._held.get(group.arn)
        if found is None:
            found = self._held[group.arn] = self._policies(group)
        return found

    def _policies(self, holder: Holder) -> list[Carrier | Gap]:
        return [
            *(self._inline(policy, holder) for policy in holder.inline_policies),
            *(self._attached(policy.arn, holder) for policy in holder.attached_policies),
        ]

    def _inline(self, policy: InlinePolicy, holder: Holder) -> Carrier | Gap:
        return self._carrier(policy.name, policy.document, holder, policy.name)

    def _attached(self, arn: str, holder: Holder) -> Carrier | Gap:
        found = self._read.get(arn)
        if found is None:
            policy = self._managed.get(arn)
            if policy is None:
                return _absent(holder, f"the policy {arn}", arn)
            found = self._read[arn] = self._carrier(arn, policy.document, policy, "Document")
        return found

    def _carrier(
        self, name: str, text: str, holder: Holder | ManagedPolicy, at: str
    ) -> Carrier | Gap:
        carrier = self._carriers.get((name, text))
        if carrier is not None:
            return carrier
        try:
            document = self._documents.parse(text)
        except DocumentError as error:
            return _unreadable(holder, at, error)
        carrier = self._carriers[name, text] = Carrier(name=name, document=document)
        return carrier


def _carriers(found: list[Carrier | Gap]) -> list[Carrier]:
    return [one for one in found if isinstance(one, Carrier)]


def _gaps(found: list[Carrier | Gap]) -> list[Gap]:
    return [one for one in found if isinstance(one, Gap)]


def _unreadable(holder: Holder | ManagedPolicy, at: str, error: DocumentError) -> Gap:
    return Gap(
        kinds=(type(holder).__name__,),
        account=holder.account,
        region=holder.region,
        operation=at,
        reason=GapReason.INVALID,
        detail=f"the policy document cannot be read: {error}",
        subject=holder.arn,
    )


def _absent(holder: Holder, what: str, arn: str | None) -> Gap:
    kind = Group if arn is None else ManagedPolicy
    return Gap(
        kinds=(kind.__name__,),
        account=holder.account,
        region=holder.region,
        operation=_READ,
        reason=GapReason.INCOMPLETE,
        detail=f"the snapshot does not hold {what} of {holder.name}",
        subject=holder.arn if arn is None else arn,
    )
