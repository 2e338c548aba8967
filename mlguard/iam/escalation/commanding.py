"""Documents of commands: which of those that a principal may send run code of its own."""

from collections.abc import Container, Iterator
from typing import Final, NamedTuple

from mlguard.data.escalation_paths import command_documents
from mlguard.iam.escalation.chain import Step
from mlguard.iam.escalation.examples import instance
from mlguard.iam.escalation.powers import at_home
from mlguard.iam.escalation.terrain import Actor, Terrain

_CREATE: Final = "ssm:CreateDocument"
_DOCUMENT: Final = "document/"
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

    def sent(self, actor: Actor, action: str, region: str) -> Sent | None:
        """Return the best of the documents that the actor may send there, `*` being anywhere.

        None if there is none, or none that could run code of the actor.
        """
        best: Sent | None = None
        for sent in self._documents(actor, action, region):
            if sent.doubt is None and not sent.step.conditions:
                return sent
            if best is None or _rank(sent) > _rank(best):
                best = sent
        return best

    def _documents(self, actor: Actor, action: str, region: str) -> Iterator[Sent]:
        known = command_documents()
        of_aws = f"arn:{actor.principal.partition}:ssm:{region}::{_DOCUMENT}"
        for name in known.run_code:
            step = self._step(actor, action, of_aws + name)
            if step is not None:
                yield Sent(step)
        own = f"arn:{actor.principal.partition}:ssm:{region}:{actor.principal.account}:{_DOCUMENT}"
        anybodys = f"arn:{actor.principal.partition}:ssm:{region}:*:{_DOCUMENT}"
        for written in self._terrain.powers.written(actor.effective, action):
            for pattern in (own, of_aws, anybodys):
                document = instance(written, f"{pattern}*")
                if document is None or not _may_run_code(document, known.run_none):
                    continue
                step = self._step(actor, action, document)
                if step is not None:
                    made = pattern == own and self._made(actor, document, written)
                    yield Sent(step, None if made else _UNKNOWN)

    def _made(self, actor: Actor, document: str, written: str) -> bool:
        """Return whether the actor writes such a document itself, under a name that is free."""
        free = "*" in written.rpartition(":")[2]
        step = self._step(actor, _CREATE, document) if free else None
        return step is not None and not step.conditions

    def _step(self, actor: Actor, action: str, document: str) -> Step | None:
        terrain = self._terrain
        found = terrain.powers.on(actor.effective, action, document, at_home(actor.principal))
        return None if found is None else terrain.outcomes.step(action, document, found)


def _may_run_code(document: str, harmless: Container[str]) -> bool:
    """Return whether there may be such a document, and run code of the caller.

    Names have no colon and no slash, and nobody else gives one the name of one of AWS's: SSM API
    Reference, "CreateDocument".
    """
    name = document.partition(_DOCUMENT)[2]
    return not (":" in name or "/" in name or name in harmless)


def _rank(sent: Sent) -> tuple[bool, bool]:
    return sent.doubt is None, not sent.step.conditions
