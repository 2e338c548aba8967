"""What the recorder says: of one test that fails, and at the end of each role.

Whatever came from outside goes through `printable`: what is returned acts on no terminal.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from mlguard.reporters.escaping import printable
from mlguard.reporters.terminal_layout import Page
from mlguard.snapshot import Gap
from mlguard.usage.judging import Held, Usage
from mlguard.usage.wider import Wider

_SHOWN: Final = 10
_CURE: Final = (
    "Allow it in the role's policies, or take the call out; --mlguard-write-policy DIR writes a "
    "policy with just what the tests call."
)


def missing_text(role: str, missing: Iterable[Held], *, test: str) -> str:
    """Return one paragraph for a test that called what the role may not."""
    held = tuple(missing)
    said = [_refused(one) for one in held]
    more = [f"and {len(said) - _SHOWN} more"] if len(said) > _SHOWN else []
    actions = tuple(dict.fromkeys(one.use.action for one in held))
    return printable(
        f"missing {_some(actions)}: {role} may not do what {test} calls, and it would fail in "
        f"production: {'; '.join((*said[:_SHOWN], *more))}. {_CURE}"
    )


def unread_text(role: str, gaps: Iterable[Gap]) -> str:
    """Return one paragraph on a role whose policies were not all read."""
    reasons = "; ".join(dict.fromkeys(f"{gap.operation}: {gap.detail}" for gap in gaps))
    return printable(f"{role} is not evaluated: {reasons}")


def budget_text(usage: Usage, budget: int) -> str:
    """Return one paragraph for a role with more excess actions than it may have."""
    needs = [
        f"{_some(statement.actions, ' and ')} on {_some(statement.resources, ' and ')}"
        for document in usage.suggestion.documents
        for statement in document.statements
    ]
    more = [f"and {number(len(needs) - _SHOWN, 'statement')} more"] if len(needs) > _SHOWN else []
    instead = "; ".join((*needs[:_SHOWN], *more)) or "no permission at all"
    return printable(
        f"{usage.role} is granted {number(len(usage.excess), 'action')} that no test called, and "
        f"may have {budget}: {_summed(usage.excess)}. It uses {_used(usage)}. "
        f"Use instead: {instead}. --mlguard-write-policy DIR writes that as a policy."
    )


def write_usage(usage: Usage, page: Page) -> None:
    """Write what the recordings say of a role."""
    made = f"{number(usage.calls, 'call')} in {number(len(usage.tests), 'test')}"
    page.prose((printable(usage.role), "bold"), f": {_used(usage)} used by {made}", hang=2)
    if usage.gaps:
        page.prose(unread_text(usage.role, usage.gaps), indent=2, hang=2)
    for line in _lines(usage):
        page.prose(printable(line), indent=2, hang=2)


def _lines(usage: Usage) -> Iterator[str]:
    for one in usage.missing:
        yield f"missing: {_refused(one)} (called by {_some(one.tests)})"
    if usage.excess:
        count = number(len(usage.excess), "action")
        yield f"excess: {count} that no test called: {_summed(usage.excess)}"
    yield from _wider(usage.wider)
    for held in usage.undecided:
        use = held.use
        yield f"undecided: {use.action} on {use.resource}, for {use.by}: {held.reason}"
    for lack in usage.lacking:
        use = lack.use
        yield (
            f"passed on: {lack.role} lacks {use.action} on {use.resource}, which {use.by} makes it "
            f"need: {lack.reason}"
        )
    for call in usage.unmapped:
        yield f"not mapped: {call.call}: {call.reason}"
    if usage.unlisted:
        yield f"granted, but no action known: {_some(usage.unlisted)}"
    yield from (f"note: {note}" for note in usage.notes)


def _refused(held: Held) -> str:
    use = held.use
    return f"{use.by} needs {use.action} on {use.resource}: {held.reason}"


def _wider(found: Iterable[Wider]) -> Iterator[str]:
    """Yield a line for each statement that grants called actions on more than they were called."""
    by_statement: dict[tuple[str, tuple[str, ...]], list[Wider]] = {}
    for one in found:
        if one.undecided:
            yield f"wider or not: {one.action}: not decided: {one.undecided}"
        else:
            by_statement.setdefault((one.statement, one.granted), []).append(one)
    for (statement, granted), several in by_statement.items():
        first = several[0]
        context = ", ".join(f"{key} {value}" for key, value in first.context)
        given = f" with {context}" if context else ""
        yield (
            f"wider: {statement} grants {_some(tuple(one.action for one in several))} on "
            f"{_some(granted)}; no test called {first.action} on {first.resource}{given}, say"
        )


def _used(usage: Usage) -> str:
    return f"{len(usage.used)} of {number(len(usage.granted), 'granted action')}"


def _summed(names: tuple[str, ...]) -> str:
    """Return the actions; of many, how many of each service, most first."""
    if len(names) <= _SHOWN:
        return ", ".join(names)
    services = Counter(name.partition(":")[0] for name in names).most_common()
    shown = [f"{count} of {service}" for service, count in services[:_SHOWN]]
    left = sum(count for _, count in services[_SHOWN:])
    return ", ".join((*shown, *([f"{left} of other services"] if left else [])))


def number(count: int, noun: str) -> str:
    """Return how many there are, in words: `1 call`, `2 calls`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _some(names: tuple[str, ...], between: str = ", ") -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return between.join(names[:_SHOWN]) + more
