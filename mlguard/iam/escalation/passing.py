"""Passing a role to a service: which may be passed, and which of them the service may take on."""

from typing import Final

from mlguard.data.escalation_paths import EscalationPath, On, resources_of
from mlguard.iam.escalation.chain import Step, unique
from mlguard.iam.escalation.means import PASS, Means
from mlguard.iam.escalation.powers import asks_for_created, at_home, located
from mlguard.iam.escalation.roster import NOBODY, Some
from mlguard.iam.escalation.terrain import Actor, Terrain

_EC2: Final = "ec2.amazonaws.com"
_UNASKED: Final = object()


class Passing:
    """Each answer is worked out once for all principals with the same statements.

    `made` are the patterns of what the role is passed for, where a policy asks for it.
    """

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain
        self._asked: dict[int, bool] = {}
        self._roles: dict[tuple[object, ...], Some] = {}
        self._steps: dict[tuple[object, ...], tuple[Step, Step] | None] = {}

    def made(self, actor: Actor, path: EscalationPath) -> tuple[str, ...]:
        """Return the patterns of what the path makes, if a policy of the actor asks for it."""
        profile = self._terrain.profile(actor)
        asked = self._asked.get(profile)
        if asked is None:
            asked = asks_for_created(actor.effective.permissions, PASS)
            self._asked[profile] = asked
        if not asked:
            return ()
        made = (text for action in path.on(On.ANY) for text in resources_of(action))
        return located(actor.principal.partition, actor.principal.account, unique(made))

    def roles(self, means: Means, path: EscalationPath) -> Some:
        """Return the other roles that the actor may pass and some service of the path may use."""
        actor = means.actor
        made = self.made(actor, path)
        key = (path.services, made)
        found = means.roles.get(key)
        if found is None:
            found = NOBODY
            for service in path.services:
                found |= self._roles_for(actor, service, made)
            found = means.roles[key] = found.within(~actor.own)
        return found

    def _roles_for(self, actor: Actor, service: str, made: tuple[str, ...]) -> Some:
        terrain = self._terrain
        key = (terrain.profile(actor), service, made)
        found = self._roles.get(key)
        if found is None:
            here = terrain.roles.get(actor.principal.account, 0)
            found = terrain.trusts.services((service,)).within(here)
            if found.maybe:
                around = at_home(actor.principal, made, passedtoservice=(service,))
                found &= terrain.powers.reached(actor.effective, PASS, around)
            if service == _EC2:
                found = Some(found.sure & terrain.in_profile, found.maybe)
            self._roles[key] = found
        return found

    def steps(
        self, actor: Actor, service: str, made: tuple[str, ...], place: int
    ) -> tuple[Step, Step] | None:
        """Return how the actor passes the role at that place and the service takes it on."""
        key = (self._terrain.profile(actor), service, made, place)
        found = self._steps.get(key, _UNASKED)
        if found is _UNASKED:
            found = self._steps[key] = self._found(actor, service, made, place)
        return found  # type: ignore[return-value]  # what is not unasked is an answer

    def _found(
        self, actor: Actor, service: str, made: tuple[str, ...], place: int
    ) -> tuple[Step, Step] | None:
        terrain, role = self._terrain, self._terrain.actors[place]
        taken = terrain.taken_on(place, service)
        around = at_home(actor.principal, made, passedtoservice=(service,))
        passing = terrain.powers.on(actor.effective, PASS, role.arn, around)
        if taken is None or passing is None:
            return None
        return terrain.outcomes.step(PASS, role.arn, passing), taken
