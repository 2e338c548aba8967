"""Documents of commands: which of those that a principal may send run code of its own."""

from collections.abc import Container, Iterator
from typing import Final, NamedTuple

from mlguard.data.escalation_paths import command_documents
from mlguard.iam.escalation.chain import Step
from mlguard.iam.escalation.examples import instance
from mlguard.iam.escalation.powers import at_home, bit_of, named
from mlguard.iam.escalation.telling import Bearing
from mlguard.iam.escalation.terrain import Actor, Terrain

_CREATE: Final = "ssm:CreateDocument"
_DOCUMENT: Final = "document/"
# Of one principal alone.
_UNSHARED: Final = -1
ANYWHERE: Final = "*"
_UNKNOWN: Final = "a document that the caller may send runs code of its own"


class Sent(NamedTuple):
    """The request on a document; `doubt` is what nobody has read of the document."""

    step: Step
    doubt: str | None = None


class Commanding:
    """Which documents an actor may send.

    Run Command asks for leave on the document as on the node: Service Authorization Reference,
    "Actions, resources, and condition keys for AWS Systems Manager".
    """

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain
        # By the permissions, which the terrain keeps.
        self._sent: dict[tuple[int, str, str, str], Sent | None] = {}

    def sent(self, actor: Actor, action: str, region: str) -> Sent | None:
        """Return the best of the documents that the actor may send there, `*` being anywhere.

        None if there is none, or none that could run code of the actor.
        """
        key = (id(actor.effective.permissions), actor.principal.account, action, region)
        if key not in self._sent:
            self._sent[key] = self._best(actor, action, region)
        return self._sent[key]

    def _best(self, actor: Actor, action: str, region: str) -> Sent | None:
        if region == ANYWHERE:
            # The node was not read: one way is as good as another.
            return next(self._documents(actor, action, region), None)
        best: Sent | None = None
        for sent in self._documents(actor, action, region):
            if sent.doubt is None and not sent.step.conditions:
                return sent
            if best is None or _rank(sent) > _rank(best):
                best = sent
        return best

    def _documents(self, actor: Actor, action: str, region: str) -> Iterator[Sent]:
        known, bearing = command_documents(), _all_about(actor, action)
        of_aws = f"arn:{actor.principal.partition}:ssm:{region}::{_DOCUMENT}"
        for name in known.run_code:
            step = self._step(actor, action, bearing, of_aws + name)
            if step is not None:
                yield Sent(step)
        own = f"arn:{actor.principal.partition}:ssm:{region}:{actor.principal.account}:{_DOCUMENT}"
        anybodys = f"arn:{actor.principal.partition}:ssm:{region}:*:{_DOCUMENT}"
        for written in named(bearing.layers[0]):
            for pattern in (own, of_aws, anybodys):
                document = instance(written, f"{pattern}*")
                if document is None or not _may_run_code(document, known.run_none):
                    continue
                step = self._step(actor, action, bearing, document)
                if step is not None:
                    made = pattern == own and self._made(actor, document, written)
                    yield Sent(step, None if made else _UNKNOWN)

    def _made(self, actor: Actor, document: str, written: str) -> bool:
        """Return whether the actor writes such a document itself, under a name that is free."""
        if "*" not in written.rpartition(":")[2]:
            return False
        step = self._step(actor, _CREATE, _all_about(actor, _CREATE), document)
        return step is not None and not step.conditions

    def _step(self, actor: Actor, action: str, bearing: Bearing, document: str) -> Step | None:
        terrain = self._terrain
        found = terrain.powers.by(bearing, document, at_home(actor.principal))
        return None if found is None else terrain.outcomes.step(action, document, found)


def _all_about(actor: Actor, action: str) -> Bearing:
    """Return the statements about the action, whatever resources they name.

    The others that bear on paths are about what the table has for the action: a node, no document.
    """
    permissions, mask = actor.effective.permissions, bit_of(action)
    layers = tuple(
        tuple(clause for clause in side.clauses if clause.mask & mask) for side in permissions.sides
    )
    denies = tuple(clause for clause in permissions.denies if clause.mask & mask)
    return Bearing(layers, denies, _UNSHARED)


def _may_run_code(document: str, harmless: Container[str]) -> bool:
    """Return whether there may be such a document, and run code of the caller.

    Names have no colon and no slash, and nobody else gives one the name of one of AWS's: SSM API
    Reference, "CreateDocument".
    """
    name = document.partition(_DOCUMENT)[2]
    return not (":" in name or "/" in name or name in harmless)


def _rank(sent: Sent) -> tuple[bool, bool]:
    return sent.doubt is None, not sent.step.conditions
