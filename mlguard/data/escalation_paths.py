"""Ways from permissions to more permissions: which actions each needs, and on what.

The table is what is publicly known; to it come the SageMaker operations that take a role and run
the caller's code under it. A name is no evidence: ask for the actions of a path, not for its id.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, cached_property
from typing import Any, Final

from mlguard.data.files import read

_TABLE: Final = "escalation_paths.json"
_OPERATIONS: Final = "role_operations.json"
_PASSING: Final = "iam:PassRole"
_ACTIVE: Final = "active"
_OBSOLETE: Final = "obsolete"
_INFERRED: Final = frozenset({"inferred", "inferred-unverified"})


class Category(StrEnum):
    """What a path comes down to."""

    NEW_PASSROLE = "new-passrole"
    EXISTING_PASSROLE = "existing-passrole"
    SELF_ESCALATION = "self-escalation"
    PRINCIPAL_ACCESS = "principal-access"


class On(StrEnum):
    """What an action of a path must be allowed on.

    OWN is what the caller is, or belongs to, or is governed by; HOST runs with a role already,
    and SCRIPT is what it runs whenever it starts;
    ANY may be whatever the caller likes to make or to use; NEW is a principal that it makes.
    """

    PASSED_ROLE = "passed-role"
    ANY = "any"
    HOST = "host"
    SCRIPT = "script"
    OWN_POLICY = "own-policy"
    OWN_USER = "own-user"
    OWN_ROLE = "own-role"
    OWN_GROUP = "own-group"
    GROUP = "group"
    USER = "user"
    ROLE = "role"
    POLICY_OF_ROLE = "policy-of-role"
    NEW_USER = "new-user"
    NEW_ROLE = "new-role"
    NEW_GROUP = "new-group"


class Use(StrEnum):
    """What an operation does with the role that it is given."""

    RUNS_CODE = "runs-code"
    DATA = "data"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """An action, and what it must be allowed on."""

    action: str
    on: On


@dataclass(frozen=True, kw_only=True)
class EscalationPath:
    """One way: all its needs together.

    The role in question is one that any of `services` may use; if that is `inferred`, no source
    says so. `host` is the kind of resource that has such a role already; where it must run first,
    or need not be stopped, `stopped` are the needs for one that is stopped. `document` is the
    action that must be allowed, too, on a document of commands by which the caller's code runs.
    What the path `lacks` is something that must exist besides and that nobody has read.
    """

    id: str
    category: Category
    needs: tuple[Need, ...]
    services: tuple[str, ...] = ()
    inferred: bool = False
    host: str | None = None
    stopped: tuple[Need, ...] = ()
    document: str | None = None
    lacks: str | None = None
    ml: bool = False
    status: str = _ACTIVE
    references: tuple[str, ...] = ()

    @cached_property
    def actions(self) -> tuple[str, ...]:
        """The actions that it needs."""
        return tuple(need.action for need in self.needs)

    @cached_property
    def on_stopped(self) -> "EscalationPath":
        """The path as it is for a host that is stopped."""
        return replace(self, needs=self.stopped, stopped=()) if self.stopped else self

    @cached_property
    def of_one_kind(self) -> tuple[tuple[str, ...], ...]:
        """The actions that act on one kind of thing, kind by kind: it is the same for all of them.

        What is made is what is started; an action that acts on several kinds is not held to it.
        """
        found: dict[str, list[str]] = {}
        for action in self.on(On.ANY):
            kinds = resources_of(action)
            if len(kinds) == 1:
                found.setdefault(kinds[0], []).append(action)
        return tuple(tuple(actions) for actions in found.values() if len(actions) > 1)

    @property
    def obsolete(self) -> bool:
        """Whether AWS has shut the service down: nobody can go this way any more."""
        return self.status == _OBSOLETE

    def on(self, *targets: On) -> tuple[str, ...]:
        """Return the actions that it needs on such targets."""
        found: tuple[str, ...] = ()
        for target in targets:
            found += self._by_target.get(target, ())
        return found

    @cached_property
    def _by_target(self) -> Mapping[On, tuple[str, ...]]:
        found: dict[On, tuple[str, ...]] = {}
        for need in self.needs:
            found[need.on] = (*found.get(need.on, ()), need.action)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleOperation:
    """A SageMaker operation that takes a role, where it takes it, and what it does with it."""

    operation: str
    role_in: tuple[str, ...]
    use: Use
    source: str
    paths: tuple[EscalationPath, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandDocuments:
    """Documents of AWS that Run Command carries out, by name: with the caller's code, or with none.

    Of those in neither, nobody here knows.
    """

    run_code: tuple[str, ...]
    run_none: frozenset[str]
    source: str


@cache
def escalation_paths() -> tuple[EscalationPath, ...]:
    """Return every path that is still open, in the order of the tables."""
    listed = [path for path in listed_paths() if not path.obsolete]
    ids = {path.id for path in listed}
    made = (path for one in role_operations() for path in one.paths if path.id not in ids)
    return (*listed, *made)


def listed_paths() -> Iterator[EscalationPath]:
    """Yield the paths of the table, the obsolete ones too."""
    for row in read(_TABLE)["paths"]:
        yield EscalationPath(
            id=row["id"],
            category=Category(row["category"]),
            needs=_needs(row["needs"]),
            services=tuple(row.get("services", ())),
            inferred=row.get("services_are") in _INFERRED,
            host=row.get("host"),
            stopped=_needs(row.get("stopped", ())),
            document=row.get("document"),
            lacks=row.get("lacks"),
            ml=row["ml"],
            status=row["status"],
            references=tuple(row["references"]),
        )


@cache
def role_operations() -> tuple[RoleOperation, ...]:
    """Return every SageMaker operation that takes a role."""
    return tuple(_operation(row) for row in read(_OPERATIONS)["operations"])


@cache
def resources_of(action: str) -> tuple[str, ...]:
    """Return what the action acts on, as patterns with {partition} and {account} to fill in.

    None for an action that takes no resource: Service Authorization Reference.
    """
    return tuple(_resources().get(action, ()))


@cache
def _resources() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = read(_TABLE)["resources"]
    return found


@cache
def command_documents() -> CommandDocuments:
    """Return what is known of AWS's own documents of commands."""
    row = read(_TABLE)["documents"]
    return CommandDocuments(
        run_code=tuple(row["run_code"]), run_none=frozenset(row["run_none"]), source=row["source"]
    )


def _needs(rows: Iterable[tuple[str, str]]) -> tuple[Need, ...]:
    return tuple(Need(action=action, on=On(on)) for action, on in rows)


def _operation(row: Mapping[str, Any]) -> RoleOperation:
    return RoleOperation(
        operation=row["operation"],
        role_in=tuple(row["role_in"]),
        use=Use(row["use"]),
        source=row["source"],
        paths=tuple(_path(row, *way) for way in row.get("ways", ())),
    )


def _path(row: Mapping[str, Any], name: str, *actions: str) -> EscalationPath:
    host = row.get("host")
    passing = Need(action=_PASSING, on=On.PASSED_ROLE)
    needs = tuple(Need(action=one, on=On.ANY if host is None else On.HOST) for one in actions)
    running_only = row.get("running_only", ())
    stopped = (need for need in needs if need.action not in running_only)
    return EscalationPath(
        id=name,
        category=Category.NEW_PASSROLE,
        needs=(passing, *needs),
        host=host,
        stopped=(passing, *stopped) if running_only else (),
        services=tuple(row["services"]),
        inferred=not _INFERRED.isdisjoint((row["services_are"], row.get("use_is"))),
        ml=True,
        references=(row["source"],),
    )
