"""What has to be allowed, and which of several needs imply others."""

from collections.abc import Iterable
from dataclasses import dataclass

from mlguard.iam.language.document import ConditionTest
from mlguard.iam.language.resource_pattern import ResourcePattern
from mlguard.iam.language.wildcard import covers, fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that has to be allowed; wildcards are as wide as the need itself is."""

    action: str
    resource: str
    conditions: tuple[ConditionTest, ...] = ()

    @property
    def service(self) -> str:
        """The prefix of the action, or `*` if it has none."""
        prefix, colon, _ = self.action.partition(":")
        return fold(prefix) if colon else "*"


def least(needs: Iterable[Need]) -> list[Need]:
    """Return the needs without those that another one implies."""
    tidy = sorted({_tidy(need) for need in needs}, key=_order)
    by_service: dict[str, list[Need]] = {}
    for need in tidy:
        by_service.setdefault(need.service, []).append(need)
    wide = by_service.get("*", [])
    return [
        need
        for need in tidy
        if not any(_implies(other, need) for other in (*by_service[need.service], *wide))
    ]


def _tidy(need: Need) -> Need:
    """Return the need with its conditions in order; raise ValueError if they have no one form."""
    tests = {
        ConditionTest(
            operator=test.operator,
            qualifier=test.qualifier,
            if_exists=test.if_exists,
            key=test.key,
            values=tuple(sorted(set(test.values))),
        )
        for test in need.conditions
    }
    if len({(test.written, fold(test.key)) for test in tests}) < len(tests):
        raise ValueError(f"{need.action}: one operator has one key twice, which no policy can say")
    ordered = tuple(sorted(tests, key=lambda test: (test.written, test.key, test.values)))
    return Need(action=need.action, resource=need.resource, conditions=ordered)


def _order(need: Need) -> tuple[str, str, str, str]:
    return fold(need.action), need.action, need.resource, repr(need.conditions)


def _implies(wide: Need, need: Need) -> bool:
    """Tell whether one need makes the other superfluous; of two equal ones, the first does."""
    if wide == need or not _covers(wide, need):
        return False
    return not _covers(need, wide) or _order(wide) < _order(need)


def _covers(wide: Need, narrow: Need) -> bool:
    return (
        set(wide.conditions) <= set(narrow.conditions)
        and covers(fold(wide.action), fold(narrow.action))
        and (wide.resource == narrow.resource or _covers_resource(wide.resource, narrow.resource))
    )


def _covers_resource(wide: str, narrow: str) -> bool:
    """Tell whether one entry covers another; only `*` covers requests without a resource.

    A star stands for colons only where it ends a segment, so others are not looked into.
    """
    if wide == "*":
        return True
    if ResourcePattern.of(wide, variables=True).fault:
        return False
    ends_only = all(wide[at + 1 : at + 2] in ("", ":") for at, one in enumerate(wide) if one == "*")
    return ends_only and "?" not in wide and "${" not in wide + narrow and covers(wide, narrow)
