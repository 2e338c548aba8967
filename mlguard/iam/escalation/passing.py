"""Passing a role to a service: which may be passed, and which of them the service may take on."""

from functools import cached_property
from typing import Final

from mlguard.data.escalation_paths import EscalationPath, On, resources_of
from mlguard.iam.escalation.chain import Step, unique
from mlguard.iam.escalation.means import PASS
from mlguard.iam.escalation.powers import asks_for_created, at_home, located
from mlguard.iam.escalation.roster import NOBODY, Some
from mlguard.iam.escalation.terrain import Actor, Terrain

_EC2: Final = "ec2.amazonaws.com"


class Passing:
    """What those can pass who have the same statements about it: the actor is one of them.

    `made` are the patterns of what the role is passed for, where a policy asks for it.
    """

    def __init__(self, actor: Actor, terrain: Terrain) -> None:
        self._actor = actor
        self._terrain = terrain
        self._roles: dict[tuple[object, ...], Some] = {}
        self._steps: dict[tuple[object, ...], tuple[Step, Step] | None] = {}

    @cached_property
    def _asked(self) -> bool:
        return asks_for_created(self._actor.effective.permissions, PASS)

    def made(self, path: EscalationPath) -> tuple[str, ...]:
        """Return the patterns of what the path makes, if a policy asks for it."""
        if not self._asked:
            return ()
        principal = self._actor.principal
        made = (text for action in path.on(On.ANY) for text in resources_of(action))
        return located(principal.partition, principal.account, unique(made))

    def roles(self, path: EscalationPath) -> Some:
        """Return the roles that may be passed and that some service of the path may use."""
        made = self.made(path)
        key = (path.services, made)
        found = self._roles.get(key)
        if found is None:
            found = NOBODY
            for service in path.services:
                found |= self._roles_for(service, made)
            self._roles[key] = found
        return found

    def _roles_for(self, service: str, made: tuple[str, ...]) -> Some:
        key = (service, made)
        found = self._roles.get(key)
        if found is None:
            terrain, actor = self._terrain, self._actor
            here = terrain.roles.get(actor.principal.account, 0)
            found = terrain.trusts.services((service,)).within(here)
            if found.maybe:
                around = at_home(actor.principal, made, passedtoservice=(service,))
                found &= terrain.powers.reached(actor.effective, PASS, around)
            if service == _EC2:
                found = Some(found.sure & terrain.in_profile, found.maybe)
            self._roles[key] = found
        return found

    def steps(self, service: str, made: tuple[str, ...], place: int) -> tuple[Step, Step] | None:
        """Return how the role at that place is passed and the service takes it on."""
        key = (service, made, place)
        if key not in self._steps:
            self._steps[key] = self._found(service, made, place)
        return self._steps[key]

    def _found(self, service: str, made: tuple[str, ...], place: int) -> tuple[Step, Step] | None:
        terrain, role = self._terrain, self._terrain.actors[place]
        taken = terrain.taken_on(place, service)
        around = at_home(self._actor.principal, made, passedtoservice=(service,))
        passing = terrain.powers.on(self._actor.effective, PASS, role.arn, around)
        if taken is None or passing is None:
            return None
        return terrain.outcomes.step(PASS, role.arn, passing), taken
