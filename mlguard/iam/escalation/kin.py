"""Paths through the same services: what is known of them is shared by many principals."""

from collections.abc import Iterable
from typing import NamedTuple

from mlguard.data.escalation_paths import EscalationPath
from mlguard.iam.escalation.foresight import Foresight
from mlguard.iam.escalation.means import PASS


class Kin(NamedTuple):
    """The actions of paths through the same services, beside the passing of roles.

    `documents`: some of them take a document of commands, too.
    """

    about: int
    documents: bool


def kin_of(paths: Iterable[EscalationPath], foresight: Foresight) -> dict[str, Kin]:
    """Return by the id of each path what all paths through the same services ask for.

    So whoever has the same to say of one service shares what is known of it, whatever else it may.
    """
    kin: dict[frozenset[str], list[EscalationPath]] = {}
    for path in paths:
        actions = path.actions if path.document is None else (*path.actions, path.document)
        services = frozenset(action.partition(":")[0] for action in actions if action != PASS)
        kin.setdefault(services, []).append(path)
    found: dict[str, Kin] = {}
    for several in kin.values():
        ways = [way for path in several for way in (path, path.on_stopped)]
        asked = (action for way in ways for action in way.actions if action != PASS)
        documents = any(path.document is not None for path in several)
        found |= dict.fromkeys([path.id for path in several], Kin(foresight.mask(asked), documents))
    return found
