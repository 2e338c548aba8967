"""A called action that is granted on more than was seen: a witness for each, or proof of none."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mlguard.iam.comparison.compare import compare
from mlguard.iam.evaluation.policies import PolicySet
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import VARIABLES_VERSION, Document, Effect, Statement
from mlguard.iam.language.wildcard import fold
from mlguard.iam.suggestion.need import Need
from mlguard.iam.suggestion.suggest import suggest


@dataclass(frozen=True, slots=True, kw_only=True)
class Wider:
    """A called action, and a request for it that is allowed too although nothing made it.

    `statement` allows it, on `granted`; `resource` is one of these that nothing called, or called
    otherwise, and `context` the request's. `undecided` is why it was not found out whether there
    is one.
    """

    action: str
    resource: str = "*"
    context: tuple[tuple[str, str], ...] = ()
    statement: str = ""
    granted: tuple[str, ...] = ()
    undecided: str | None = None


def wider_than(needs: Iterable[Need], policies: PolicySet) -> Iterator[Wider]:
    """Yield each action of the needs that the policies allow on more than the needs ask for."""
    by_action: dict[str, list[Need]] = {}
    for need in needs:
        by_action.setdefault(fold(need.action), []).append(need)
    has = [carrier.document for carrier in policies.identity]
    reach = {one.locator: _reach(one) for each in has for one in each.statements}
    limits = [[carrier.document] for carrier in policies.boundaries]
    for several in by_action.values():
        action = several[0].action
        found = compare(
            suggest(several).documents,
            has,
            new_limits=[*limits, [_only(action)]],
            known_actions=(action,) if actions().known(action) else (),
        )
        if found.new_access:
            one = found.new_access[0]
            context = tuple((key, ", ".join(values)) for key, values in sorted(one.context.items()))
            yield Wider(
                action=action,
                resource=one.resource,
                context=context,
                statement=one.statement,
                granted=reach[one.statement],
            )
        elif found.undecided:
            yield Wider(action=action, undecided=found.undecided[0].reason)


def _only(action: str) -> Document:
    """Return a limit that lets nothing but the action through."""
    statement = Statement(index=0, effect=Effect.ALLOW, actions=(action,), resources=("*",))
    return Document(version=VARIABLES_VERSION, statements=(statement,))


def _reach(statement: Statement) -> tuple[str, ...]:
    """Return what the statement is about, as it is written."""
    if statement.not_resources is not None:
        return tuple(f"all but {one}" for one in statement.not_resources)
    return statement.resources
