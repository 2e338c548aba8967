"""What can be made or used on the way: asked again for each path and principal, found out once."""

from typing import Final, NamedTuple

from mlguard.data.escalation_paths import EscalationPath
from mlguard.iam.escalation.chain import Step
from mlguard.iam.escalation.terrain import Actor, Terrain

PASS: Final = "iam:PassRole"  # noqa: S105  # an action


class Used(NamedTuple):
    """The requests on a host, or on one that nobody has read; `doubt` is what was not read."""

    steps: tuple[Step, ...]
    path: EscalationPath
    doubt: str | None = None


class Means:
    """What those can make or use who have the same statements about it: the actor is one of them.

    Known so far, that is. `unread` and `hosts` are for whoever knows what can be done with hosts:
    by the ids of paths.
    """

    def __init__(self, actor: Actor, about: int, terrain: Terrain) -> None:
        self.actor = actor
        self.unread: dict[str, Used | None] = {}
        self.hosts: dict[str, Used | None] = {}
        self._terrain = terrain
        self._steps: dict[str, Step | None] = {}
        # Most are easily told, all at once; the others take a closer look, one by one.
        powers = terrain.powers
        plain = powers.plainly(actor.effective, powers.open_to(actor.effective) & about)
        self._asked = self._can = self._surely = plain

    def step(self, action: str) -> Step | None:
        """Return the step on something that one likes to make or use, if one may."""
        if action not in self._steps:
            found = self._terrain.powers.some(self.actor.effective, action)
            outcomes = self._terrain.outcomes
            self._steps[action] = None if found is None else outcomes.step(action, None, found)
        return self._steps[action]

    def makes(self, needed: int) -> tuple[int, int]:
        """Return which of the actions may be used on something, and which surely."""
        missing = needed & ~self._asked
        if missing:
            foresight = self._terrain.foresight
            for action in foresight.names(missing):
                making = self.step(action)
                if making is not None:
                    self._can |= foresight.bit(action)
                    self._surely |= 0 if making.conditions else foresight.bit(action)
            self._asked |= missing
        return self._can, self._surely

    def on_one(self, path: EscalationPath) -> bool:
        """Return whether what acts on one kind of thing may do so on one and the same."""
        powers, effective = self._terrain.powers, self.actor.effective
        return all(powers.on_one(effective, actions) for actions in path.of_one_kind)

    def rest(self, path: EscalationPath) -> tuple[Step, ...]:
        """Return the steps on what is made, or on what nobody has read."""
        steps = [self.step(action) for action in path.actions if action != PASS]
        return tuple([step for step in steps if step is not None])
