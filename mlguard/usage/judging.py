"""Recordings held against a role, both ways: what it lacks, and what it has and nothing called.

By the role's own policies: what a bucket's or key's policy adds, no role tells.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from mlguard.errors import DocumentError
from mlguard.iam.evaluation.verdict import other_side
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import parse
from mlguard.iam.language.request import Context, Request, Rest
from mlguard.iam.language.wildcard import fold
from mlguard.iam.operations.calls import Need as CallNeed
from mlguard.iam.permissions.ability import Ability, Access, Question
from mlguard.iam.permissions.effective import Effective, effective
from mlguard.iam.permissions.provisos import of_ability
from mlguard.iam.permissions.settling import settled
from mlguard.iam.suggestion.need import Need
from mlguard.iam.suggestion.suggest import Suggestion, suggest
from mlguard.principals import Subject
from mlguard.resources.iam import Role
from mlguard.snapshot import Gap, Snapshot
from mlguard.usage.bearing import subject_of
from mlguard.usage.recording import Recording, Unmapped, Use
from mlguard.usage.wider import Wider, wider_than

_ANY: Final = "*"
# No ARN that AWS documents is longer.
_LONGEST: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A use, the tests that made it, and why it is refused or what it hangs on."""

    use: Use
    tests: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """A permission that a role lacks to which something is passed; by which call, and why."""

    role: str
    use: Use
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What recordings say of a role.

    `granted` are the known actions that it is allowed on some resource; `used` those of them that
    something called, `excess` the others. `missing` was called and is refused; `undecided` hangs
    on what no recording tells. `lacking` is what the roles that it passes on lack. `unlisted` are
    granted patterns that match no known action. With gaps, its policies were not all read.
    """

    role: str
    tests: tuple[str, ...]
    calls: int
    granted: tuple[str, ...]
    used: tuple[str, ...]
    missing: tuple[Held, ...]
    undecided: tuple[Held, ...]
    wider: tuple[Wider, ...]
    lacking: tuple[Lacking, ...]
    unmapped: tuple[Unmapped, ...]
    unlisted: tuple[str, ...]
    suggestion: Suggestion
    notes: tuple[str, ...]
    gaps: tuple[Gap, ...]

    @property
    def excess(self) -> tuple[str, ...]:
        """The granted actions that nothing used."""
        used = set(self.used)
        return tuple(action for action in self.granted if action not in used)


def missing_of(snapshot: Snapshot, who: str, recordings: Sequence[Recording]) -> tuple[Held, ...]:
    """Return what was called and the role is refused; raises AdviceError if there is no such role.

    The part of `judge` that one test is held to.
    """
    return _Role(subject_of(snapshot, who)).held(recordings)[0]


def judge(snapshot: Snapshot, who: str, recordings: Sequence[Recording]) -> Usage:
    """Return what the recordings say of the role with this ARN or name; raises AdviceError.

    What workloads that run under the role need counts as used: a function's log, say.
    """
    subject = subject_of(snapshot, who)
    role = _Role(subject)
    missing, undecided = role.held(recordings)
    needs = _needs(recordings)
    granted = role.granted
    called = {fold(need.action) for need in needs}
    suggestion = suggest(needs)
    return Usage(
        role=subject.arn,
        tests=tuple(dict.fromkeys(one.test for one in recordings)),
        calls=sum(one.calls for one in recordings),
        granted=granted,
        used=tuple(action for action in granted if fold(action) in called),
        missing=missing,
        undecided=undecided,
        wider=() if subject.gaps else tuple(wider_than(needs, subject.policies)),
        lacking=tuple(_lacking(snapshot, recordings)),
        unmapped=tuple(dict.fromkeys(found for one in recordings for found in one.unmapped)),
        unlisted=role.unlisted,
        suggestion=suggestion,
        notes=tuple(dict.fromkeys((*_notes(subject, recordings), *suggestion.notes))),
        gaps=subject.gaps,
    )


def least_of(recordings: Iterable[Recording]) -> Suggestion:
    """Return the least policies for what was recorded, of a role of which nothing was read."""
    return suggest(_needs(recordings))


class _Role:
    """A role, asked about uses; what it may do is worked out once for each context."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._effective: dict[tuple[tuple[str, str], ...], Effective] = {}

    @property
    def granted(self) -> tuple[str, ...]:
        return actions().expand(self._under(()).actions_anywhere)

    @property
    def unlisted(self) -> tuple[str, ...]:
        return self._under(()).permissions.unlisted

    def held(self, recordings: Sequence[Recording]) -> tuple[tuple[Held, ...], tuple[Held, ...]]:
        """Return the uses that are refused, and those of which it cannot be told."""
        tests: dict[Use, dict[str, None]] = {}
        for one in recordings:
            for use in one.uses:
                tests.setdefault(use, {})[one.test] = None
        missing, undecided = [], []
        for use, made in tests.items():
            access, reason = self.answer(use)
            held = Held(use=use, tests=tuple(made), reason=reason)
            if access is Access.DENIED:
                missing.append(held)
            elif access is Access.CONDITIONAL:
                undecided.append(held)
        return tuple(missing), tuple(undecided)

    def answer(self, use: Use) -> tuple[Access, str]:
        """Return whether the use is allowed, and why not or what it hangs on."""
        found = self._under(use.context)
        resource = _asked(use)
        question = Question.of(use.action, resource)
        ability = settled(
            found.can(use.action, resource), question, complete=not found.permissions.unread
        )
        if ability.access is Access.DENIED:
            return Access.DENIED, _refusal(ability)
        if ability.access is Access.CONDITIONAL:
            return Access.CONDITIONAL, _hangs_on(ability, question, use)
        request = Request(principal=self._subject.arn, action=use.action, resource=resource)
        beside = None if question.of_star else other_side(request)
        return (Access.CONDITIONAL, beside) if beside else (Access.ALLOWED, "")

    def _under(self, context: tuple[tuple[str, str], ...]) -> Effective:
        found = self._effective.get(context)
        if found is None:
            known = Context.of(dict(context), rest=Rest.UNKNOWN)
            subject = self._subject
            (found,) = effective([(subject.arn, subject.policies)], known=known)
            self._effective[context] = found
        return found


def _asked(use: Use) -> str:
    """Return the resource as a request has it; a pattern if the call did not tell all of it."""
    literal = CallNeed(action=use.action, resource=use.resource).literal
    if literal is not None:
        return literal
    return use.resource.replace("${*}", _ANY).replace("${?}", "?").replace("${$}", "$")


def _refusal(ability: Ability) -> str:
    if ability.denies:
        return "; ".join(
            f"statement {clause.statement.locator} of {clause.policy} ({clause.layer.value}) denies"
            for clause in ability.denies
        )
    if ability.grants:
        return "the conditions of the statements that name it leave nothing allowed"
    layer = "identity" if ability.layer is None else ability.layer.value
    return f"no statement of the {layer} layer allows it"


def _hangs_on(ability: Ability, question: Question, use: Use) -> str:
    provisos = [
        f"{'unless' if one.denies else 'if'} {one.text}"
        for one in of_ability(ability, question)
        if one.text
    ]
    return "; ".join(provisos) or use.doubt or "policies that were not read decide it"


def _needs(recordings: Iterable[Recording]) -> list[Need]:
    """Return what was recorded as needs of a policy; what no policy could hold is left out."""
    uses = dict.fromkeys(use for one in recordings for use in (*one.uses, *one.work))
    return [
        Need(action=use.action, resource=use.resource, conditions=use.conditions)
        for use in uses
        if len(use.resource) <= _LONGEST
    ]


def _lacking(snapshot: Snapshot, recordings: Iterable[Recording]) -> Iterator[Lacking]:
    """Yield what roles that were passed on surely lack, where the snapshot has them."""
    roles = {role.arn: role for role in snapshot.of(Role)}
    known: dict[str, _Role] = {}
    for handed in dict.fromkeys(chain.from_iterable(one.handed for one in recordings)):
        if handed.role not in roles:
            continue
        if handed.role not in known:
            known[handed.role] = _Role(subject_of(snapshot, handed.role))
        for use in handed.needs:
            access, reason = known[handed.role].answer(use)
            if access is Access.DENIED:
                yield Lacking(role=handed.role, use=use, reason=reason)


def _notes(subject: Subject, recordings: Sequence[Recording]) -> Iterator[str]:
    for one in recordings:
        yield from one.notes
        for use in one.uses:
            if use.doubt:
                yield f"{use.by} needs {use.action} on {use.resource:.200}: {use.doubt}"
            if len(use.resource) > _LONGEST:
                yield f"{use.by}: {use.resource:.60}... is too long for a policy, and left out"
        for handed in one.handed:
            for note in handed.notes:
                yield f"{handed.role}, passed by {handed.call}: {note}"
    services = [] if any(one.work for one in recordings) else list(_services(subject))
    if services:
        yield (
            f"no workload that runs under it was read: what {' or '.join(services)} does with it "
            "by itself (write a function's log, say) is in no recorded call"
        )


def _services(subject: Subject) -> Iterator[str]:
    """Yield the services that may run under the role."""
    if not isinstance(subject.resource, Role):
        return
    try:
        trust = parse(subject.resource.trust_policy)
    except DocumentError:
        return
    for statement in trust.statements:
        if statement.principals is not None:
            yield from statement.principals.service
