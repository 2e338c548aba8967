"""What a way to more permissions is: its steps, whom it leads to, and how sure it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from mlguard.iam.language import condition_words
from mlguard.iam.language.document import ConditionTest
from mlguard.iam.permissions.clauses import Clause

_MANY: Final = 4


class Certainty(IntEnum):
    """How sure a way is; the certainty of a chain is that of its weakest link.

    POSSIBLE: its target is not known, or something of it was not read. CONDITIONAL: open to
    whoever meets the conditions that stand beside it. PROVED: open.
    """

    POSSIBLE = 0
    CONDITIONAL = 1
    PROVED = 2

    @property
    def word(self) -> str:
        """The word for it in reports."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A statement: the policy that it stands in, and which one it is."""

    policy: str
    sid: str | None
    index: int

    @classmethod
    def of(cls, clause: Clause) -> "Cited":
        """Return where the clause stands."""
        statement = clause.statement
        return cls(policy=clause.policy, sid=statement.sid, index=statement.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request: who makes it, on what, and which statements let it through.

    `principal` is None where it is the one whose escalation it is; `policy` is the managed policy
    that the request attaches, or makes the boundary.
    """

    principal: str | None
    action: str
    resource: str | None
    policy: str | None = None
    statements: tuple[Cited, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """A way that gains its principal what it lacks; `target` is None where nobody knows it.

    `admin`: it ends with the permissions of an administrator.
    """

    path: str
    actions: tuple[str, ...]
    certainty: Certainty
    target: str | None
    steps: tuple[Step, ...]
    conditions: tuple[str, ...] = ()
    admin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalPaths:
    """A user or role, and its ways to more.

    `reaches_admin`: it is an administrator, or can make itself one for sure or under conditions.
    `unfinished`: the search stopped at one of its limits before it found such a way; there may
    be one that is not here.
    """

    arn: str
    admin: bool
    reaches_admin: bool
    escalations: tuple[Escalation, ...] = ()
    unfinished: bool = False


def joined(found: Sequence[tuple[str, Escalation]]) -> Escalation:
    """Return the chain of escalations, each of the principal beside it, named for the first."""
    links = [link for _, link in found]
    first = links[0]
    if len(links) == 1:
        return first
    return Escalation(
        path=first.path,
        actions=unique(action for link in links for action in link.actions),
        certainty=min(link.certainty for link in links),
        target=links[-1].target,
        steps=tuple(_by(who, step) for who, link in found for step in link.steps),
        conditions=unique(condition for link in links for condition in link.conditions),
        admin=links[-1].admin,
    )


def _by(who: str, step: Step) -> Step:
    return step if step.principal is not None else replace(step, principal=who)


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the texts, each once, in order."""
    return tuple(dict.fromkeys(texts))


def in_words(test: ConditionTest) -> str:
    """Return a condition test as a sentence, with the first of its values."""
    return condition_words.in_words(test, most=_MANY)
