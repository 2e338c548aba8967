"""The ways to more permissions in a snapshot: what `mlguard paths` prints."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from mlguard.data.escalation_paths import EscalationPath
from mlguard.errors import DocumentError
from mlguard.iam.escalation.account import AccountView, Host, Member, Team
from mlguard.iam.escalation.chain import PrincipalPaths
from mlguard.iam.escalation.search import escalations, quarantined
from mlguard.iam.evaluation.policies import Carrier
from mlguard.iam.language.arn import account_of
from mlguard.iam.language.document import parse
from mlguard.principals import Principals, Subject, principals
from mlguard.resources.base import Resource
from mlguard.resources.functions import Function
from mlguard.resources.iam import Group, ManagedPolicy, Role, User, UserCredentials
from mlguard.resources.instances import Instance
from mlguard.resources.notebooks import NotebookInstance
from mlguard.snapshot import Gap, GapReason, Snapshot

_SEARCH: Final = "iam:escalation"
_PEOPLE: Final = frozenset({Role.__name__, User.__name__})
_HOSTS: Final[Mapping[str, type[Resource]]] = {
    "function": Function,
    "notebook-instance": NotebookInstance,
    "ec2-instance": Instance,
}

# Only what is in service can be opened, and what is stopped, or failed, can be started:
# SageMaker API Reference, "StartNotebookInstance"; EC2 API Reference, "StartInstances".
_STOPPED: Final = frozenset({"Stopped", "Stopping", "Failed", "stopped", "stopping"})
# IAM User Guide, "IAM and AWS STS quotas".
_KEYS: Final = 2
_DELETING: Final = "Deleting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalations:
    """Every user and role with its ways to more, and what could not be judged."""

    principals: tuple[PrincipalPaths, ...]
    gaps: tuple[Gap, ...]

    def bearing_on(self, arn: str) -> tuple[Gap, ...]:
        """Return the gaps behind which there may be a way of the principal that was not found."""
        return tuple(gap for gap in self.gaps if gap.operation != _SEARCH or gap.subject == arn)

    def hiding(self, one: PrincipalPaths) -> tuple[Gap, ...]:
        """Return of these what counts beside what was found of the principal.

        Whoever has a way is told that, whatever else was not read; a search cut short is told too.
        """
        gaps = self.bearing_on(one.arn)
        if one.escalations or one.admin:
            return tuple(gap for gap in gaps if gap.operation == _SEARCH)
        return gaps


def find(snapshot: Snapshot, *, today: date, known: Principals | None = None) -> Escalations:
    """Return the ways to more of every user and role; dates in policies are held against today."""
    known = known or principals(snapshot)
    trusts = _Trusts()
    found = escalations(_view(snapshot, known, trusts), today=today)
    unfinished = (_unfinished(one) for one in found if one.unfinished)
    return Escalations(
        principals=found,
        gaps=(*known.gaps, *trusts.gaps, *map(_gap, quarantined()), *unfinished),
    )


def _view(snapshot: Snapshot, known: Principals, trusts: "_Trusts") -> AccountView:
    groups = {(group.account, group.name): group for group in snapshot.of(Group)}
    managed = _Managed(snapshot.of(ManagedPolicy))
    credentials = {one.arn: one for one in snapshot.of(UserCredentials)}
    arns = {subject.arn for subject in known.subjects}
    return AccountView(
        members=tuple(
            _member(subject, groups, trusts, credentials.get(subject.arn))
            for subject in known.subjects
        ),
        teams=tuple(_team(group, managed) for group in groups.values()),
        managed=managed,
        versions=_Versions(snapshot.of(ManagedPolicy)),
        hosts=tuple(_hosts(snapshot)),
        hosts_read=frozenset(name for name, kind in _HOSTS.items() if _read(snapshot, kind)),
        whole=not any(_hides(gap, arns) for gap in snapshot.gaps),
    )


def _member(
    subject: Subject,
    groups: Mapping[tuple[str, str], Group],
    trusts: "_Trusts",
    credentials: UserCredentials | None,
) -> Member:
    resource = subject.resource
    found = (groups.get((resource.account, name)) for name in _groups(resource))
    teams = [group for group in found if group is not None]
    return Member(
        arn=subject.arn,
        policies=subject.policies,
        attached=tuple(
            policy.arn for holder in (resource, *teams) for policy in holder.attached_policies
        ),
        groups=tuple(group.arn for group in teams),
        boundary=resource.permissions_boundary,
        trust=trusts.of(resource) if isinstance(resource, Role) else None,
        password=None if credentials is None else credentials.password_enabled,
        keys_full=None if credentials is None else len(credentials.access_keys) >= _KEYS,
        in_profile=bool(resource.instance_profiles) if isinstance(resource, Role) else None,
    )


def _groups(resource: Role | User) -> tuple[str, ...]:
    return resource.groups if isinstance(resource, User) else ()


def _team(group: Group, managed: "_Managed") -> Team:
    inline = (_carrier(one.name, one.document) for one in group.inline_policies)
    attached = (managed.get(one.arn) for one in group.attached_policies)
    return Team(
        arn=group.arn,
        policies=tuple(one for one in (*inline, *attached) if one is not None),
        attached=tuple(one.arn for one in group.attached_policies),
    )


def _hosts(snapshot: Snapshot) -> Iterator[Host]:
    for function in snapshot.of(Function):
        yield Host(kind="function", arn=function.arn, role=function.role_arn)
    for notebook in snapshot.of(NotebookInstance):
        if notebook.status != _DELETING:
            yield Host(
                kind="notebook-instance",
                arn=notebook.arn,
                role=notebook.role_arn,
                stopped=notebook.status in _STOPPED,
                script=_script_of(notebook),
            )
    profiles = {arn: role.arn for role in snapshot.of(Role) for arn in role.instance_profiles}
    for instance in snapshot.of(Instance):
        role = profiles.get(instance.instance_profile_arn or "")
        if role is not None:
            stopped = instance.state in _STOPPED
            yield Host(kind="ec2-instance", arn=instance.arn, role=role, stopped=stopped)


def _script_of(notebook: NotebookInstance) -> str | None:
    """Return the ARN of the scripts that the notebook instance runs when it starts, if any."""
    if notebook.lifecycle_config is None:
        return None
    home = notebook.arn.rpartition(":")[0]
    return f"{home}:notebook-instance-lifecycle-config/{notebook.lifecycle_config}"


def _read(snapshot: Snapshot, kind: type[Resource]) -> bool:
    """Return whether the snapshot has all of a kind that there is in the account."""
    name = kind.__name__
    if name not in snapshot.covers or not snapshot.whole_account:
        return False
    return not any(name in gap.kinds for gap in snapshot.gaps)


def _hides(gap: Gap, arns: set[str]) -> bool:
    """Return whether a gap hides a whole role or user."""
    return not _PEOPLE.isdisjoint(gap.kinds) and gap.subject not in arns


def _carrier(name: str, text: str) -> Carrier | None:
    # That it cannot be read, the gaps of the principals say already.
    try:
        return Carrier(name=name, document=parse(text))
    except DocumentError:
        return None


def _gap(path: EscalationPath) -> Gap:
    return Gap(
        kinds=(Role.__name__, User.__name__),
        account="",
        region="global",
        operation=path.id,
        reason=GapReason.UNSUPPORTED,
        detail=(
            f"the path {path.id} was not searched: the list of actions does not know all of "
            f"{', '.join(path.actions)}"
        ),
    )


def _unfinished(one: PrincipalPaths) -> Gap:
    return Gap(
        kinds=(Role.__name__, User.__name__),
        account=account_of(one.arn),
        region="global",
        operation=_SEARCH,
        reason=GapReason.INCOMPLETE,
        detail=(
            f"{one.arn} can change more users, roles and policies than were looked at one by one: "
            "there may be a way to administrator that is not told"
        ),
        subject=one.arn,
    )


class _Trusts:
    """Trust policies: each text is parsed once; `gaps` are those that cannot be read."""

    def __init__(self) -> None:
        self._found: dict[str, Carrier | DocumentError] = {}
        self.gaps: list[Gap] = []

    def of(self, role: Role) -> Carrier | None:
        """Return the trust policy of the role, None if it cannot be read."""
        text = role.trust_policy
        if text not in self._found:
            try:
                self._found[text] = Carrier(name="trust policy", document=parse(text))
            except DocumentError as error:
                self._found[text] = error
        found = self._found[text]
        if isinstance(found, Carrier):
            return found
        self.gaps.append(_unreadable(role, found))
        return None


def _unreadable(role: Role, error: DocumentError) -> Gap:
    return Gap(
        kinds=(Role.__name__,),
        account=role.account,
        region=role.region,
        operation="AssumeRolePolicyDocument",
        reason=GapReason.INVALID,
        detail=f"the trust policy cannot be read: {error}",
        subject=role.arn,
    )


class _Managed(Mapping[str, Carrier]):
    """The managed policies that can be read, by ARN; each is parsed when it is asked for."""

    def __init__(self, policies: Iterable[ManagedPolicy]) -> None:
        self._texts = {policy.arn: policy.document for policy in policies}
        self._parsed: dict[str, Carrier | None] = {}

    def __getitem__(self, arn: str) -> Carrier:
        if arn not in self._parsed:
            self._parsed[arn] = _carrier(arn, self._texts[arn])
        found = self._parsed[arn]
        if found is None:
            raise KeyError(arn)
        return found

    def __iter__(self) -> Iterator[str]:
        return (arn for arn in self._texts if self.get(arn) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Versions(Mapping[str, tuple[Carrier, ...]]):
    """The versions not in force of the policies of which all can be read, parsed when asked for."""

    def __init__(self, policies: Iterable[ManagedPolicy]) -> None:
        self._texts = {
            policy.arn: policy.other_versions
            for policy in policies
            if policy.other_versions is not None
        }
        self._parsed: dict[str, tuple[Carrier | None, ...]] = {}

    def __getitem__(self, arn: str) -> tuple[Carrier, ...]:
        if arn not in self._parsed:
            versions = self._texts[arn]
            self._parsed[arn] = tuple(_carrier(arn, one.document) for one in versions)
        read = tuple(one for one in self._parsed[arn] if one is not None)
        if len(read) < len(self._parsed[arn]):
            raise KeyError(arn)
        return read

    def __iter__(self) -> Iterator[str]:
        return (arn for arn in self._texts if self.get(arn) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)
