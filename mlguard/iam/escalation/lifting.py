"""Principals that are given more, by themselves or by others: what they are then.

A boundary taken off and a policy written, or two policies attached, may come to more than either
alone; and what is gained may open other ways.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple, TypeAlias

from mlguard.data.escalation_paths import EscalationPath
from mlguard.iam.escalation.account import Member
from mlguard.iam.escalation.chain import Certainty, Escalation, Step, unique
from mlguard.iam.escalation.editing import SWITCHES
from mlguard.iam.escalation.gains import Gain
from mlguard.iam.escalation.growing import Growing, Growth
from mlguard.iam.escalation.terrain import Actor, Terrain
from mlguard.iam.escalation.uplift import denies
from mlguard.iam.permissions.effective import Effective

# The paths open to an actor by which it edits itself, or others.
OwnPaths: TypeAlias = Callable[[Actor], Iterable[EscalationPath]]

# Each round gains something; after so many the search stops, and says so.
_ROUNDS: Final = 4
# Up to so many edits are tried without each of them, to name only those that it takes.
_TRIED: Final = 64
_TELLING: Final = "iam:AttachRolePolicy"
_UNREAD: Final = "its policies were not all read"


class Lift(NamedTuple):
    """Somebody as edits have made it, and the edits; `whole` if no more of them may follow."""

    actor: Actor
    escalation: Escalation
    whole: bool = True


class Lifting:
    """What principals come to by all the edits together that somebody may make of them."""

    def __init__(self, terrain: Terrain, growing: Growing, own_paths: OwnPaths) -> None:
        self._terrain = terrain
        self._growing = growing
        self._own_paths = own_paths

    def lifts(self, actor: Actor, subject: Actor) -> Iterator[Lift]:
        """Yield the subject with all that the actor can give it for sure, and with all it may."""
        for level in (Certainty.PROVED, Certainty.CONDITIONAL):
            found = self.lift(actor, subject, level)
            if found is not None and found.escalation.certainty <= level:
                yield found

    def lift(self, actor: Actor, subject: Actor, level: Certainty) -> Lift | None:
        """Return the subject with all that the actor can give it, as sure as the level at least."""
        rounds: list[tuple[Actor, list[Growth]]] = []
        now = subject
        first: str | None = None
        while len(rounds) < _ROUNDS and not now.effective.administrator:
            # Whoever edits itself can do more the next time.
            found = self._round(now if actor is subject else actor, now, level)
            found = self._with_one_switch(found, _switched(rounds))
            after = self._after(now, [growth for _, growth in found])
            if not found or self._gain(now, after) is Gain.NONE:
                break
            first = first or found[0][0].id
            rounds.append((now, [growth for _, growth in found]))
            now = replace(now, member=after, effective=self._terrain.uplift.of(after))
            if actor is not subject:
                break
        if first is None:
            return None
        whole = now.effective.administrator or len(rounds) < _ROUNDS
        return Lift(now, self._escalation(actor, now, self._steps(now, rounds), first), whole)

    def _steps(self, now: Actor, rounds: list[tuple[Actor, list[Growth]]]) -> tuple[Step, ...]:
        """Return the steps of all edits, for an administrator those that it takes."""
        growths = [growth for _, found in rounds for growth in found]
        if not now.effective.administrator:
            return _each(growths)
        last = _each(self._enough(*rounds[-1]))
        earlier = _each([growth for _, found in rounds[:-1] for growth in found])
        grounds = now.effective.can(_TELLING, "*").statements
        return (*_cited_only(earlier, last, {one.policy for one in grounds}), *last)

    def _round(
        self, actor: Actor, subject: Actor, level: Certainty
    ) -> list[tuple[EscalationPath, Growth]]:
        """Return the edits of the subject that the actor may make and that take nothing away.

        One that gives nobody knows what makes nothing surer.
        """
        return [
            (path, growth)
            for path in self._own_paths(actor)
            for growth in self._growing.edits(actor, path, subject)
            if level is not Certainty.PROVED or not any(one.conditions for one in growth.steps)
            if growth.edit.after.policies.unread <= subject.member.policies.unread
            if not self._takes_away(subject, growth.edit.after)
        ]

    def _with_one_switch(
        self, found: list[tuple[EscalationPath, Growth]], switched: Container[str]
    ) -> list[tuple[EscalationPath, Growth]]:
        """Return the edits with that version of a policy last which allows most, if any.

        A policy has one version in force; what the others allowed is gone, and with it maybe what
        allows another edit. `switched` are the policies that had their turn.
        """
        switches = [
            (path, growth)
            for path, growth in found
            if _switches(growth) and growth.target not in switched
        ]
        kept = [(path, growth) for path, growth in found if not _switches(growth)]
        best = max(switches, key=lambda one: self._size(one[1]), default=None)
        return kept if best is None else [*kept, best]

    def _size(self, growth: Growth) -> tuple[bool, int]:
        after = self._terrain.uplift.of(growth.edit.after)
        return after.administrator, after.actions_anywhere.bit_count()

    def _takes_away(self, actor: Actor, after: Member) -> bool:
        have = {id(policy) for policy in actor.member.policies.identity}
        return any(denies(one) for one in after.policies.identity if id(one) not in have)

    def _after(self, actor: Actor, growths: Iterable[Growth]) -> Member:
        edited = (growth.edit.after for growth in growths)
        return self._terrain.uplift.together(actor.member, edited)

    def _gain(self, actor: Actor, after: Member) -> Gain:
        effective = self._terrain.uplift.of(after)
        return self._terrain.gains.between(actor.effective, effective)

    def _enough(self, actor: Actor, growths: list[Growth]) -> list[Growth]:
        """Return edits that make an administrator, none of which can be spared."""
        if len(growths) > _TRIED:
            return growths
        kept = growths
        for growth in growths:
            fewer = [one for one in kept if one is not growth]
            if self._worth(actor, fewer).administrator:
                kept = fewer
        return kept

    def _worth(self, actor: Actor, growths: Iterable[Growth]) -> Effective:
        return self._terrain.uplift.of(self._after(actor, growths))

    def _escalation(
        self, actor: Actor, now: Actor, steps: tuple[Step, ...], path: str
    ) -> Escalation:
        conditions = unique(condition for step in steps for condition in step.conditions)
        found = Escalation(
            path=path,
            actions=unique(step.action for step in steps),
            certainty=Certainty.CONDITIONAL if conditions else Certainty.PROVED,
            target=now.arn,
            steps=steps,
            conditions=conditions,
            admin=now.effective.administrator,
        )
        unread = actor.unread or now.unread
        return self._terrain.outcomes.weakened(found, _UNREAD) if unread else found


def needed(lift: Escalation, following: Sequence[Step]) -> Escalation:
    """Return the lift without attachments of policies that no later step rests on."""
    steps = _cited_only(lift.steps, following, set())
    if not steps or len(steps) == len(lift.steps):
        return lift
    return replace(lift, actions=unique(step.action for step in steps), steps=steps)


def _switches(growth: Growth) -> bool:
    return growth.edit.step.action == SWITCHES


def _switched(rounds: Iterable[tuple[Actor, list[Growth]]]) -> frozenset[str]:
    """Return the policies of which another version was put in force already."""
    return frozenset(one.target for _, found in rounds for one in found if _switches(one))


def _each(growths: Iterable[Growth]) -> tuple[Step, ...]:
    return tuple(dict.fromkeys(step for growth in growths for step in growth.steps))


def _cited_only(
    steps: Sequence[Step], following: Iterable[Step], cited: Iterable[str]
) -> tuple[Step, ...]:
    """Return the steps that attach nothing, or what is cited or a later step rests on."""
    names = {*cited, *(one.policy for step in following for one in step.statements)}
    kept: list[Step] = []
    for step in reversed(steps):
        if step.policy is None or step.policy in names:
            kept.append(step)
            names |= {one.policy for one in step.statements}
    return tuple(kept[::-1])
