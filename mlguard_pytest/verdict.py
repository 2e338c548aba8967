"""What pytest needs to know of one (check, resource): plain data, to be sent to workers."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import Enum
from typing import Any


class Fate(Enum):
    """What becomes of a test."""

    PASS = "pass"  # noqa: S105  # no password
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A test to be: its name, what becomes of it, what it says; nothing here acts on a terminal.

    `headline` is one line, `text` all there is to say of a failure.
    """

    name: str
    fate: Fate
    headline: str = ""
    text: str = ""
    check: str = ""
    severity: str = ""
    resource: str = ""
    arn: str = ""
    fingerprints: tuple[str, ...] = ()

    def answers(self, name: str) -> bool:
        """Return whether a name on the command line means this test; a bare check means all its."""
        return name in ("", self.name, self.name.partition("[")[0])

    def properties(self) -> list[tuple[str, object]]:
        """Return what stands in a JUnit report beside the test."""
        pairs = [
            ("check", self.check),
            ("severity", self.severity),
            ("resource", self.resource),
            ("arn", self.arn),
            *(("fingerprint", each) for each in self.fingerprints),
        ]
        return [(name, value) for name, value in pairs if value]

    def message(self) -> dict[str, Any]:
        """Return the verdict in the types that xdist can send."""
        return asdict(self) | {"fate": self.fate.value}


def received(message: Mapping[str, Any]) -> Verdict:
    """Return the verdict that was sent as this message."""
    return Verdict(**{**message, "fate": Fate(message["fate"])})


def told_apart(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """Return the verdicts, each with a name of its own.

    Where two resources of a check share a name, each is called by its ARN; what shares even that
    is numbered in the order of the report.
    """
    by_name = Counter(verdict.name for verdict in verdicts)
    named = [
        replace(verdict, name=f"{verdict.check}[{verdict.arn}]")
        if by_name[verdict.name] > 1 and verdict.arn
        else verdict
        for verdict in verdicts
    ]
    taken: set[str] = set()
    return tuple(_numbered(verdict, taken) for verdict in named)


def _numbered(verdict: Verdict, taken: set[str]) -> Verdict:
    name, number = verdict.name, 1
    while name in taken:
        number += 1
        name = f"{verdict.name.removesuffix(']')}#{number}]"
    taken.add(name)
    return replace(verdict, name=name)
