"""The shipped tables of operations: which actions stand behind one, and on which resources."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final, Self

from mlguard.data.files import read
from mlguard.iam.language.actions import actions

_WRITTEN: Final = "operations.json"
_DERIVED: Final = "operation_resources.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRule:
    """One action that an operation needs; `each` names a list whose every element needs it.

    `when` and `unless` are conditions on the parameters: `Path`, `Path|transform`, `Path=value`.
    """

    action: str
    resources: tuple[str, ...]
    each: str
    when: str
    unless: str
    context: Mapping[str, str]

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> Self:
        """Return the rule that a row of the table is."""
        resources = written.get("resource", ())
        return cls(
            action=written["action"],
            resources=(resources,) if isinstance(resources, str) else tuple(resources),
            each=written.get("each", ""),
            when=written.get("when", ""),
            unless=written.get("unless", ""),
            context=written.get("context", {}),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationRule:
    """What was written by hand of an operation, with the page of AWS that says so.

    `needs` stand for the action of the operation's own name, or `beside` it. Of an `unverified`
    rule the page does not say it: others have seen it so.
    """

    needs: tuple[NeedRule, ...]
    beside: bool
    context: Mapping[str, str]
    source: str
    unverified: bool


class OperationTable:
    """What is known of every operation; keys are `service.Operation`, as botocore names both."""

    def __init__(self, written: Mapping[str, Any], derived: Mapping[str, Any]) -> None:
        self._written = written
        self._derived = derived

    @cached_property
    def _prefixes(self) -> Mapping[str, str]:
        return {row[0]: row[1] if len(row) > 1 else row[0] for row in self._derived["prefixes"]}

    @cached_property
    def resources(self) -> Mapping[str, tuple[str, ...]]:
        """The templates of the ARNs that an operation's own action is asked for."""
        return {key: tuple(templates) for key, *templates in self._derived["resources"]}

    @cached_property
    def roles(self) -> Mapping[str, tuple[str, ...]]:
        """Where in an operation's parameters stand roles for the service to take on."""
        return {key: tuple(paths) for key, *paths in self._derived["roles"]}

    @cached_property
    def rules(self) -> Mapping[str, tuple[OperationRule, ...]]:
        """The rules written by hand; `service.*` are those of all operations of a service."""
        found: dict[str, tuple[OperationRule, ...]] = {}
        for row in self._written["operations"]:
            rule = OperationRule(
                needs=tuple(NeedRule.of(need) for need in row.get("needs", ())),
                beside=row.get("beside", False),
                context=row.get("context", {}),
                source=self._written["sources"][row["source"]],
                unverified=row.get("unverified", False),
            )
            for key in row["on"]:
                found[key] = (*found.get(key, ()), rule)
        return found

    def action(self, service: str, operation: str) -> str | None:
        """Return the action of the operation's own name as AWS writes it, None if there is none."""
        named = f"{self._prefixes.get(service, service)}:{operation}"
        bit = actions().bit(named)
        return None if bit is None else actions().names[bit]

    @property
    def _as_of(self) -> str:
        return str(self._derived["reference"])

    def unmapped(self, service: str, operation: str) -> str:
        """Return why nothing is known of an operation."""
        reasons: Mapping[str, str] = self._written["unmapped"]
        named = f"{self._prefixes.get(service, service)}:{operation}"
        return (
            reasons.get(f"{service}.{operation}")
            or reasons.get(service)
            or f"no action {named} in AWS's Service Authorization Reference, as of {self._as_of}"
        )

    def tagging(self, key: str) -> tuple[str, str] | None:
        """Return the parameter that tags what an operation makes, and the action for it."""
        rows: Mapping[str, list[str]] = self._written["tagging"]
        found = rows.get(key) or rows.get(key.partition(".")[0])
        return (found[0], found[1]) if found else None

    def receiver(self, key: str) -> str | None:
        """Return the service principal that a role is passed to, None if it is not known."""
        rows: Mapping[str, str] = self._written["passed_to"]
        return rows.get(key) or rows.get(key.partition(".")[0])

    def names_roles(self, service: str) -> bool:
        """Return whether the service takes a role by its name as well as by its ARN."""
        return service in self._written["roles_by_name"]

    def account_parameter(self, service: str) -> str:
        """Return the parameter that names another account, empty if there is none."""
        rows: Mapping[str, str] = self._written["account_parameters"]
        return rows.get(service, "")

    def opens_session(self, operation: str) -> bool:
        """Return whether S3 asks for a session where the bucket is a directory bucket."""
        return operation in self._written["directory_bucket_sessions"]


@cache
def operations() -> OperationTable:
    """Return the shipped tables; they are read once."""
    return OperationTable(read(_WRITTEN), read(_DERIVED))
