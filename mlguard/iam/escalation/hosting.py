"""Hosts: what runs with a role already, and what an actor may do with it."""

from collections.abc import Iterator
from typing import Final

from mlguard.data.escalation_paths import EscalationPath, Need, On
from mlguard.iam.escalation.account import Host
from mlguard.iam.escalation.chain import Step
from mlguard.iam.escalation.commanding import ANYWHERE, Commanding
from mlguard.iam.escalation.means import PASS, Means, Used
from mlguard.iam.escalation.powers import at_home
from mlguard.iam.escalation.terrain import Actor, Terrain
from mlguard.iam.language.arn import account_of

# An ARN: arn, partition, service, region, account, resource.
_REGION: Final = 3


class Hosting:
    """What actors may do with hosts, those in view and others."""

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain
        self._commanding = Commanding(terrain)

    def known(self, actor: Actor, path: EscalationPath) -> Iterator[Host]:
        """Yield the hosts in view of the path's kind and the actor's account.

        Those of other accounts would have to let the actor in themselves.
        """
        for host in self._terrain.view.hosts:
            if host.kind == path.host and account_of(host.arn) == actor.principal.account:
                yield host

    def all_read(self, path: EscalationPath) -> bool:
        """Return whether every host of the path's kind is in view."""
        return path.host in self._terrain.view.hosts_read

    def used(self, means: Means, path: EscalationPath, host: Host) -> Used | None:
        """Return the actor's requests on the host, None if it may not make them all."""
        way = path.on_stopped if host.stopped else path
        steps: list[Step] = []
        for need in way.needs:
            if need.action == PASS:
                continue
            found = self._request(means, need, host)
            if found is None:
                return None
            steps.append(found)
        return self._sending(means.actor, way, tuple(steps), host.arn.split(":")[_REGION])

    def changed(self, means: Means, path: EscalationPath) -> Used | None:
        """Return the actor's requests on a known host that it gives another role, surest first."""
        best: Used | None = None
        for host in self.known(means.actor, path):
            found = self.used(means, path, host)
            if found is not None and not any(step.conditions for step in found.steps):
                return found
            best = best or found
        return best

    def unread(self, means: Means, path: EscalationPath) -> Used | None:
        """Return the actor's requests on a host that nobody has read; it has all the actions."""
        return self._sending(means.actor, path, means.rest(path), ANYWHERE)

    def _sending(
        self, actor: Actor, path: EscalationPath, steps: tuple[Step, ...], region: str
    ) -> Used | None:
        """Return the requests with that on a document, where the path takes one."""
        if path.document is None:
            return Used(steps, path)
        sent = self._commanding.sent(actor, path.document, region)
        return None if sent is None else Used((*steps, sent.step), path, sent.doubt)

    def _request(self, means: Means, need: Need, host: Host) -> Step | None:
        """Return the request of one need, on the host or on what belongs to it."""
        if need.on not in (On.HOST, On.SCRIPT):
            return means.step(need.action)
        resource = host.arn if need.on is On.HOST else host.script
        if resource is None:
            return None
        terrain, actor = self._terrain, means.actor
        around = at_home(actor.principal)
        may = terrain.powers.on(actor.effective, need.action, resource, around)
        return None if may is None else terrain.outcomes.step(need.action, resource, may)
