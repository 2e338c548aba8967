"""What one principal can make or use on its way: asked again for each path, worked out once."""

from typing import Final, NamedTuple

from mlguard.data.escalation_paths import EscalationPath
from mlguard.iam.escalation.chain import Step
from mlguard.iam.escalation.roster import Some
from mlguard.iam.escalation.terrain import Actor, Terrain

PASS: Final = "iam:PassRole"  # noqa: S105  # an action


class Used(NamedTuple):
    """The requests on a host, or on one that nobody has read; `doubt` is what was not read."""

    steps: tuple[Step, ...]
    path: EscalationPath
    doubt: str | None = None


class Means:
    """What is known of an actor so far.

    `roles` is for whoever knows whom it may pass, `hosts` for whoever knows what it may change.
    """

    def __init__(self, actor: Actor, terrain: Terrain) -> None:
        self.actor = actor
        self.roles: dict[tuple[object, ...], Some] = {}
        self.hosts: dict[str, Used | None] = {}
        self._terrain = terrain
        self._steps: dict[str, Step | None] = {}
        # Most are easily told, all at once; the others take a closer look, one by one.
        powers = terrain.powers
        plain = powers.plainly(actor.effective, powers.open_to(actor.effective))
        self._asked = self._can = self._surely = plain

    def step(self, action: str) -> Step | None:
        """Return the step on something that the actor likes to make or use, if it may."""
        if action not in self._steps:
            found = self._terrain.powers.some(self.actor.effective, action)
            outcomes = self._terrain.outcomes
            self._steps[action] = None if found is None else outcomes.step(action, None, found)
        return self._steps[action]

    def makes(self, needed: int) -> tuple[int, int]:
        """Return which of the actions the actor may use on something, and which surely."""
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
        """Return the steps on what the actor makes, or on what nobody has read."""
        steps = [self.step(action) for action in path.actions if action != PASS]
        return tuple([step for step in steps if step is not None])
