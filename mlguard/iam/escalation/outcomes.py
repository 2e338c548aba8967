"""Steps and the escalations that they make: each is one object, however many principals have it."""

from typing import Final

from mlguard.data.escalation_paths import EscalationPath
from mlguard.iam.escalation.chain import Certainty, Cited, Escalation, Step, unique
from mlguard.iam.escalation.possibility import Possibility
from mlguard.iam.permissions.clauses import Clause

_LACKS: Final = {
    "identity-pool": "an identity pool exists that the caller can sign in to",
    "identity-center-assignment": "the caller has a permission set of IAM Identity Center",
    "instance-to-work-on": "an instance runs on which the caller can run commands",
}
_UNREAD: Final = "its policies that were not read deny nothing of it"


class Outcomes:
    """What was made already.

    Accounts have a hundred times as many escalations as there are different ones. Keyed by
    identity; what is kept keeps what it was made of.
    """

    def __init__(self) -> None:
        self._cited: dict[int, tuple[Clause, Cited]] = {}
        self._steps: dict[tuple[object, ...], tuple[tuple[Clause, ...], Step]] = {}
        self._made: dict[tuple[object, ...], Escalation] = {}
        self._weakened: dict[tuple[int, str], tuple[Escalation, Escalation]] = {}

    def step(
        self, action: str, resource: str | None, found: Possibility, *, policy: str | None = None
    ) -> Step:
        """Return a request of the one whose escalation it is as a step."""
        key = (action, resource, policy, *map(id, found.clauses), *found.conditions)
        made = self._steps.get(key)
        if made is None:
            step = Step(
                principal=None,
                action=action,
                resource=resource,
                policy=policy,
                statements=tuple(map(self._cite, found.clauses)),
                conditions=found.conditions,
            )
            made = self._steps[key] = (found.clauses, step)
        return made[1]

    def reached(
        self,
        path: EscalationPath,
        steps: tuple[Step, ...],
        target: str | None,
        *,
        admin: bool,
        unread: bool,
    ) -> Escalation:
        """Return the escalation that the steps make, as sure as the least sure of them.

        `unread`: of the policies of whoever takes it, some were not read.
        """
        key = (path.id, target, admin, unread, *map(id, steps))
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = _reached(path, steps, target, admin=admin)
            if path.lacks is not None:
                found = self._made[key] = self.weakened(found, _LACKS[path.lacks])
            if unread:
                found = self._made[key] = self.weakened(found, _UNREAD)
        return found

    def weakened(self, found: Escalation, condition: str) -> Escalation:
        """Return the escalation as one that is but possible, for what was not read."""
        key = (id(found), condition)
        made = self._weakened.get(key)
        if made is None:
            made = self._weakened[key] = (found, _weakened(found, condition))
        return made[1]

    def _cite(self, clause: Clause) -> Cited:
        found = self._cited.get(id(clause))
        if found is None:
            found = self._cited[id(clause)] = (clause, Cited.of(clause))
        return found[1]


def _reached(
    path: EscalationPath, steps: tuple[Step, ...], target: str | None, *, admin: bool
) -> Escalation:
    conditions = unique(condition for one in steps for condition in one.conditions)
    if path.inferred:
        services = " or ".join(path.services)
        conditions = (*conditions, f"roles are passed to {services}, as no document says")
    return Escalation(
        path=path.id,
        actions=path.actions,
        certainty=Certainty.CONDITIONAL if conditions else Certainty.PROVED,
        target=target,
        steps=steps,
        conditions=conditions,
        admin=admin,
    )


def _weakened(found: Escalation, condition: str) -> Escalation:
    return Escalation(
        path=found.path,
        actions=found.actions,
        certainty=Certainty.POSSIBLE,
        target=found.target,
        steps=found.steps,
        conditions=unique((*found.conditions, condition)),
        admin=found.admin,
    )
