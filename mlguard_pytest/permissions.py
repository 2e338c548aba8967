"""What a role may do, to be held against a set: `role.permissions <= {"s3:GetObject on arn..."}`.

What is compared is proved, not matched as text: by `mlguard.iam.comparison`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from mlguard.iam.comparison.compare import Comparison, NewAccess, compare
from mlguard.iam.evaluation.policies import Carrier
from mlguard.iam.language.actions import actions
from mlguard.iam.language.condition_words import in_words
from mlguard.iam.language.document import Document, Effect, Statement
from mlguard.iam.language.wildcard import matches
from mlguard.principals import Subject
from mlguard.reporters.escaping import printable
from mlguard_pytest.doubt import NotEvaluatedError, refuse_gaps
from mlguard_pytest.entries import Entry, documents_of, entries_of, entry_of, refuse_unknown

Layers: TypeAlias = list[list[Document]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A request that is allowed: by which statement of which policy, and under which conditions."""

    action: str
    resource: str
    policy: str
    statement: str
    conditions: tuple[str, ...]

    @property
    def entry(self) -> str:
        """The request as tests write it."""
        return printable(f"{self.action} on {self.resource}")

    def __str__(self) -> str:
        under = f" if {' and '.join(self.conditions)}" if self.conditions else ""
        return printable(f"{self.entry}{under}  ({self.policy}[{self.statement}])")


class Permissions:
    """What the policies of a role allow, boundary and denies included.

    It compares with a set of texts, or with the permissions of another role: `<=` may do nothing
    beyond, `>=` all of it, unconditionally, `==` both; `in` is one entry. Conditions on the role
    only narrow it. What policies of resources add (a bucket's, a key's) was not read, and is not in
    here. Where something of the role was not read, or nobody can decide, each raises
    NotEvaluatedError; `in` also where it is allowed in part. A set that holds no permissions is a
    ValueError.
    """

    __hash__ = None  # type: ignore[assignment]  # equal to sets

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def __repr__(self) -> str:
        return f"<permissions of {printable(self._subject.resource.name)}>"

    def __le__(self, other: "Iterable[str] | Permissions") -> bool:
        __tracebackhide__ = True
        return not self.beyond(other)

    def __ge__(self, other: "Iterable[str] | Permissions") -> bool:
        __tracebackhide__ = True
        return not self.lacking(other)

    def __eq__(self, other: object) -> bool:
        __tracebackhide__ = True
        if not isinstance(other, Permissions | set | frozenset):
            return NotImplemented
        return self <= other and self >= other

    def __contains__(self, text: object) -> bool:
        __tracebackhide__ = True
        entry = entry_of(text)
        refuse_unknown(entry)
        if not self.lacking([entry]):
            return True
        found = self.within(entry)
        if found:
            said = f"{self._name} may do part of {entry}: {found[0]}"
            raise NotEvaluatedError(f"{said}; ask can() or assert_cannot() of it")
        return False

    def beyond(self, other: "Iterable[str | Entry] | Permissions") -> tuple[Access, ...]:
        """Return what the role may do that the other does not allow; empty is a proof of none."""
        __tracebackhide__ = True
        old, limits = self._other(other)
        return self.beyond_documents(old, limits)

    def beyond_documents(
        self, old: Iterable[Document], limits: Layers | None = None
    ) -> tuple[Access, ...]:
        """Return what the role may do that the documents, within their limits, do not allow."""
        __tracebackhide__ = True
        return self._of_role(
            compare(
                list(old),
                self._documents,
                old_limits=limits or [],
                new_limits=self._limits,
                known_actions=actions().names,
            )
        )

    def lacking(self, other: "Iterable[str | Entry] | Permissions") -> tuple[str, ...]:
        """Return what the other allows and the role may not do, or only under conditions."""
        __tracebackhide__ = True
        new, limits = self._other(other)
        found = compare(
            self._documents,
            list(new),
            old_limits=self._limits,
            new_limits=limits,
            known_actions=actions().names,
        )
        self._refuse_doubt(found)
        return tuple(printable(f"{one.action} on {one.resource}") for one in found.new_access)

    def within(self, entry: Entry) -> tuple[Access, ...]:
        """Return what the role may do of the entry, under conditions or not."""
        __tracebackhide__ = True
        return self._of_role(
            compare(
                [],
                self._documents,
                new_limits=[*self._limits, list(documents_of([entry]))],
                known_actions=actions().names,
            )
        )

    @property
    def _name(self) -> str:
        return printable(self._subject.resource.name)

    @property
    def _documents(self) -> list[Document]:
        __tracebackhide__ = True
        refuse_gaps(self._subject.gaps, f"what {self._name} may do")
        return [carrier.document for carrier in self._subject.policies.identity]

    @property
    def _limits(self) -> Layers:
        """The boundaries; each must allow by itself."""
        return [[carrier.document] for carrier in self._subject.policies.boundaries]

    def _other(
        self, other: "Iterable[str | Entry] | Permissions"
    ) -> tuple[Iterable[Document], Layers]:
        __tracebackhide__ = True
        if isinstance(other, Permissions):
            return other._documents, other._limits  # noqa: SLF001  # its own kind
        texts = (str(one) if isinstance(one, Entry) else one for one in _given(other))
        return documents_of(entries_of(texts)), []

    def _of_role(self, found: Comparison) -> tuple[Access, ...]:
        __tracebackhide__ = True
        self._refuse_doubt(found)
        return tuple(map(self._access, found.new_access))

    def _refuse_doubt(self, found: Comparison) -> None:
        """Raise NotEvaluatedError if nothing is new for sure, and something may be."""
        __tracebackhide__ = True
        if found.undecided and not found.new_access:
            first = found.undecided[0]
            what = f"{first.action} on {first.resource} ({first.statement})"
            raise NotEvaluatedError(
                printable(f"{self._name}: it was not decided whether {what} is more: ")
                + printable(first.reason)
            )

    def _access(self, one: NewAccess) -> Access:
        policy, statement = next(self._allowing(one))
        return Access(
            action=one.action,
            resource=one.resource,
            policy=policy,
            statement=statement.sid or str(statement.index),
            conditions=tuple(map(in_words, statement.conditions)),
        )

    def _allowing(self, one: NewAccess) -> Iterator[tuple[str, Statement]]:
        """Return the statements that this may be: policies may use one Sid twice."""
        named = [
            (_short(carrier), statement)
            for carrier in self._subject.policies.identity
            for statement in carrier.document.statements
            if statement.effect is Effect.ALLOW and statement.locator == one.statement
        ]
        yield from (pair for pair in named if _is_about(pair[1], one))
        yield from named


def _given(other: "Iterable[str | Entry]") -> "Iterable[str | Entry]":
    __tracebackhide__ = True
    if isinstance(other, str):
        raise ValueError(f"{other!r} is one text: write a set, {{{other!r}}}")  # noqa: TRY004
    return other


def _is_about(statement: Statement, one: NewAccess) -> bool:
    by_action = any(matches(action.lower(), one.action.lower()) for action in statement.actions)
    by_resource = any(matches(resource, one.resource) for resource in statement.resources)
    return (by_action or statement.not_actions is not None) and (
        by_resource or statement.not_resources is not None
    )


def _short(carrier: Carrier) -> str:
    """Return the name of a policy; of a managed one, what stands after `policy/`."""
    return carrier.name.rpartition(":policy/")[2]
