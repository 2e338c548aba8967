"""The least identity policy for what is needed: grouped for readers, never wider than asked for."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from mlguard.iam.language.document import (
    VARIABLES_VERSION,
    ConditionTest,
    Document,
    Effect,
    Statement,
)
from mlguard.iam.suggestion.need import Need, least

MANAGED_LIMIT: Final = 6_144
"""Characters of a managed policy, whitespace not counted.

IAM User Guide, "IAM and AWS STS quotas"; so are the others.
"""

ROLE_INLINE_LIMIT: Final = 10_240
"""Characters of all inline policies of a role together."""

ATTACHED_LIMIT: Final = 10
"""Managed policies that a role can have attached unless the account asked for more."""

_DIGEST: Final = 6
_READING: Final = ("Get", "List", "Describe", "BatchGet", "BatchCheck", "Head", "Query", "Scan")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedPolicy:
    """A policy of a suggestion; `text` is its JSON, `size` what AWS counts of it."""

    document: Document
    text: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """The policies, to be attached together; the notes say what else has to be known."""

    policies: tuple[SuggestedPolicy, ...]
    notes: tuple[str, ...] = ()

    @property
    def documents(self) -> tuple[Document, ...]:
        """The policy documents."""
        return tuple(policy.document for policy in self.policies)

    @property
    def size(self) -> int:
        """Characters of all of them."""
        return sum(policy.size for policy in self.policies)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """A statement to be: all its actions on all its resources are needed."""

    service: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[ConditionTest, ...]

    def halves(self) -> Iterator["_Group"]:
        """Return two groups that come to the same."""
        by_action = len(self.actions) > len(self.resources)
        parts = self.actions if by_action else self.resources
        middle = len(parts) // 2
        for half in (parts[:middle], parts[middle:]):
            yield _Group(
                service=self.service,
                actions=half if by_action else self.actions,
                resources=self.resources if by_action else half,
                conditions=self.conditions,
            )


def suggest(
    needs: Iterable[Need], *, sid_prefix: str = "", limit: int = MANAGED_LIMIT
) -> Suggestion:
    """Return the least policies that allow the needs, each of at most `limit` characters.

    Statements come by service, actions and resources sorted; a Sid hangs on what its statement
    says, so that it stays when others come and go. Raises ValueError if a single need is too long.
    """
    groups = _grouped(least(needs))
    prefix = "".join(letter for letter in sid_prefix if letter.isascii() and letter.isalnum())
    fitting = [small for group in groups for small in _fitting(group, prefix, limit)]
    packed = _packed(fitting, prefix, limit)
    policies = tuple(_policy(part, prefix) for part in packed)
    return Suggestion(policies=policies, notes=tuple(_notes(policies, limit)))


def plain(document: Document) -> dict[str, object]:
    """Return the document as JSON would have it."""
    return {
        "Version": document.version,
        "Statement": [statement.plain() for statement in document.statements],
    }


def size_of(document: Document) -> int:
    """Return the characters that AWS counts: all but whitespace."""
    return sum(not letter.isspace() for letter in json.dumps(plain(document)))


def _grouped(needs: Iterable[Need]) -> list[_Group]:
    """Return groups in which each action is needed on each resource."""
    actions: dict[tuple[str, tuple[ConditionTest, ...], str], list[str]] = {}
    for need in needs:
        actions.setdefault((need.service, need.conditions, need.resource), []).append(need.action)
    resources: dict[tuple[str, tuple[ConditionTest, ...], tuple[str, ...]], list[str]] = {}
    for (service, conditions, resource), several in actions.items():
        key = service, conditions, tuple(sorted(several, key=str.lower))
        resources.setdefault(key, []).append(resource)
    groups = [
        _Group(
            service=service,
            actions=several,
            resources=tuple(sorted(found)),
            conditions=conditions,
        )
        for (service, conditions, several), found in resources.items()
    ]
    return sorted(groups, key=lambda group: (group.service, group.actions, group.resources))


def _fitting(group: _Group, prefix: str, limit: int) -> Iterator[_Group]:
    """Return the group, in parts if it is too long for one policy."""
    if size_of(_document([group], prefix)) <= limit:
        yield group
        return
    if len(group.actions) == len(group.resources) == 1:
        text = f"{group.actions[0]} on {group.resources[0]:.80}"
        raise ValueError(f"{text}: does not fit a policy of {limit} characters")
    for half in group.halves():
        yield from _fitting(half, prefix, limit)


def _packed(groups: list[_Group], prefix: str, limit: int) -> list[list[_Group]]:
    """Return the groups in as many policies as they take, in order."""
    packed: list[list[_Group]] = []
    filled = 0
    empty = size_of(Document(version=VARIABLES_VERSION, statements=()))
    for group in groups:
        # One for the comma; a Sid that has to be told apart may be longer by its digest.
        statement = _statement(group, 0, _sid(group, prefix)).plain()
        size = len(json.dumps(statement, separators=(",", ":"))) + 1 + _DIGEST
        if not packed or filled + size > limit:
            packed.append([])
            filled = empty
        packed[-1].append(group)
        filled += size
    return packed


def _policy(groups: list[_Group], prefix: str) -> SuggestedPolicy:
    document = _document(groups, prefix)
    text = json.dumps(plain(document), indent=2)
    return SuggestedPolicy(document=document, text=text, size=size_of(document))


def _document(groups: list[_Group], prefix: str) -> Document:
    sids = [_sid(group, prefix) for group in groups]
    named = [
        sid if sids.count(sid) == 1 else f"{sid}{_digest(group)}"
        for sid, group in zip(sids, groups, strict=True)
    ]
    statements = tuple(
        _statement(group, at, sid)
        for at, (group, sid) in enumerate(zip(groups, named, strict=True))
    )
    return Document(version=VARIABLES_VERSION, statements=statements)


def _statement(group: _Group, index: int, sid: str) -> Statement:
    return Statement(
        index=index,
        sid=sid,
        effect=Effect.ALLOW,
        actions=group.actions,
        resources=group.resources,
        conditions=group.conditions,
    )


def _sid(group: _Group, prefix: str) -> str:
    """Return a name for the statement, as in `S3GetObject`, `LogsWrite`, `S3Read`."""
    service = "".join(part.capitalize() for part in group.service.split("-") if part.isalnum())
    names = [action.partition(":")[2] or "*" for action in group.actions]
    if len(names) == 1:
        verb = "".join(letter for letter in names[0] if letter.isalnum()) or "All"
    elif all(name.startswith(_READING) for name in names):
        verb = "Read"
    else:
        verb = "Write" if not any(name.startswith(_READING) for name in names) else "ReadWrite"
    return f"{prefix}{service}{verb}"


def _digest(group: _Group) -> str:
    return sha256(repr((group.actions, group.resources, group.conditions)).encode()).hexdigest()[
        :_DIGEST
    ]


def _notes(policies: tuple[SuggestedPolicy, ...], limit: int) -> Iterator[str]:
    if len(policies) <= 1:
        return
    total = sum(policy.size for policy in policies)
    yield f"{total} characters do not fit one policy of {limit}: attach all {len(policies)} parts"
    if total > ROLE_INLINE_LIMIT:
        yield f"too long for inline policies: a role holds {ROLE_INLINE_LIMIT} characters of them"
    if len(policies) > ATTACHED_LIMIT:
        yield f"a role holds {ATTACHED_LIMIT} attached policies, unless the quota was raised"
