"""A thing that a step makes, as it stands in the account: looked at, waited for, changed."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError

from deploy.account import Account
from deploy.comparing import Difference, same
from deploy.errors import DeployError
from deploy.kind import IGNORED, Call, Found, Kind, Picks, Read, Scope
from deploy.kinds.catalogue import kind_of
from deploy.pipeline import Step
from deploy.progress import Progress
from deploy.resolving import Answers, resolve_known


class State(Enum):
    """What stands in the account where a step makes something."""

    MISSING = "missing"
    MAKING = "being made"
    FAILED = "failed"
    DIFFERS = "differs"
    THERE = "there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long is waited, and how: a test waits without sleeping."""

    seconds: float = 10.0
    looks: int = 360
    sleep: Callable[[float], None] = field(default=time.sleep)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A step and what is there for it; `answer` is what the step answered when it made that."""

    step: Step
    kind: Kind
    scope: Scope
    state: State
    differences: tuple[Difference, ...] = ()
    status: str = ""
    reason: str = ""

    @property
    def title(self) -> str:
        """What a person calls it: `endpoint dog-breed`."""
        return f"{self.kind.noun} {pick(self.kind.name, self.scope)}"

    @property
    def found(self) -> Found | None:
        """What AWS shows of it."""
        found: Found | None = self.scope["found"]
        return found

    @property
    def answer(self) -> Mapping[str, Any]:
        """What the step would have answered."""
        answer: Mapping[str, Any] = pick(self.kind.answer, self.scope) or {}
        return answer


def look(account: Account, step: Step, asked: Mapping[str, Any]) -> Thing:
    """Return what is there for a step; nothing is changed."""
    kind = kind_of(step)
    scope: Scope = {
        "asked": asked,
        "found": None,
        "account": account.number,
        "region": account.region,
        "partition": account.partition,
    }
    try:
        found = find(account, kind, scope)
    except DeployError as error:
        raise DeployError(f"step {step.id!r}: {error}") from error
    scope["found"] = found
    if found is None:
        return Thing(step=step, kind=kind, scope=scope, state=State.MISSING)
    differences = tuple(_differences(kind, scope))
    status = str(pick(kind.wait.status, scope)) if kind.wait else ""
    return Thing(
        step=step,
        kind=kind,
        scope=scope,
        state=_state(kind, status, differences),
        differences=differences,
        status=status,
        reason=str(pick(kind.wait.reason, scope) or "") if kind.wait else "",
    )


def settle(account: Account, thing: Thing, *, patience: Patience, progress: Progress) -> Thing:
    """Return the thing once it is no longer being made, changed or taken away."""
    for _ in range(patience.looks):
        if thing.state is not State.MAKING:
            return thing
        progress.wait(f"{thing.title}: {thing.status}")
        patience.sleep(patience.seconds)
        thing = look(account, thing.step, thing.scope["asked"])
    raise DeployError(
        f"step {thing.step.id!r}: {thing.title} is still {thing.status} after "
        f"{patience.looks * patience.seconds / 60:.0f} minutes: run this again to wait on"
    )


def find(account: Account, kind: Kind, scope: Scope) -> Found | None:
    """Return what AWS shows of a thing, or None: it is not there, or what it is part of is not."""
    if isinstance(kind.find, Read):
        found: Found | None = read(account, kind.find, scope)
        return found
    if any(value is None for value in scope["asked"].values()):
        return None
    return kind.find(account, scope)


def read(account: Account, wanted: Read, scope: Scope) -> Any:
    """Return the part that counts of what a call answers, or None."""
    parameters = filled(wanted.parameters, scope)
    if parameters is None:
        return None
    answer = account.read(wanted.service, wanted.operation, parameters)
    part = None if answer is None else pick(wanted.at, answer)
    if not wanted.where:
        return None if part is False else part
    where = {name: pick(path, scope) for name, path in wanted.where.items()}
    return next((one for one in part or () if where.items() <= _plain(one).items()), None)


def make(account: Account, call: Call, thing: Thing) -> Iterator[Callable[[], Any]]:
    """Yield the calls that are to be made, not yet made: none, one, or one for each."""
    scope = thing.scope
    if call.when is not None and not pick(call.when, scope):
        return
    scopes = [scope]
    if call.each is not None:
        several = (
            read(account, call.each, scope)
            if isinstance(call.each, Read)
            else pick(call.each, scope)
        )
        if isinstance(several, Mapping):
            several = [{"key": key, "value": value} for key, value in several.items()]
        scopes = [{**scope, "each": one} for one in several or ()]
    for one in scopes:
        parameters = filled(call.parameters, one)
        if parameters is not None:
            yield _bound(account, thing.step.service, call.operation, parameters)


def _bound(
    account: Account, service: str, operation: str, parameters: Mapping[str, Any]
) -> Callable[[], Any]:
    return lambda: account.perform(service, operation, parameters)


def overriding(
    account: Account, steps: tuple[Step, ...], thing: Thing, answers: Answers
) -> Step | None:
    """Return the later step that sets the same anew, if what is there is what that sets."""
    fields = {difference.field for difference in thing.differences}
    for step in steps[steps.index(thing.step) + 1 :]:
        if step.service != thing.step.service or not fields <= step.parameters.keys():
            continue
        other = look(account, step, resolve_known(step, answers))
        if _target(other) == _target(thing) is not None and other.state is State.THERE:
            return step
    return None


def _target(thing: Thing) -> tuple[Read, Mapping[str, Any]] | None:
    """Return what two steps have in common if they are about the same thing."""
    if not isinstance(thing.kind.find, Read):
        return None
    parameters = filled(thing.kind.find.parameters, thing.scope)
    where = {name: pick(path, thing.scope) for name, path in thing.kind.find.where.items()}
    return None if parameters is None else (thing.kind.find, {**parameters, **where})


def filled(picks: Picks, scope: Scope) -> dict[str, Any] | None:
    """Return the parameters of a call, or None if one has no value that it needs."""
    if "*" in picks:
        return {key: value for key, value in scope["asked"].items() if value is not None}
    parameters: dict[str, Any] = {}
    for name, path in picks.items():
        value = pick(path, scope)
        if value is not None:
            parameters[name.rstrip("?")] = value
        elif not name.endswith("?"):
            return None
    return parameters


def pick(path: str, document: Any) -> Any:
    """Return what a JMESPath picks; a function that meets a value of no such type picks nothing."""
    try:
        return jmespath.search(path, document)
    except JMESPathError:
        return None


def _state(kind: Kind, status: str, differences: tuple[Difference, ...]) -> State:
    if kind.wait and status in kind.wait.making:
        return State.MAKING
    if kind.wait and status in kind.wait.failed:
        return State.FAILED
    return State.DIFFERS if differences else State.THERE


_UNSHOWN: Final = ""


def _differences(kind: Kind, scope: Scope) -> Iterator[Difference]:
    fields = {f'"{name}"': f'found."{name}"' for name in scope["asked"] if name not in IGNORED}
    for path, shown in kind.fields.items():
        fields[path if "." in path else f'"{path}"'] = shown
    for path, shown in fields.items():
        asked = pick(f"asked.{path}", scope)
        if shown == _UNSHOWN or asked is None:
            continue
        name, found = path.strip('"'), pick(shown, scope)
        if not same(asked, found, exact=name in kind.exact):
            yield Difference(field=name, asked=asked, found=found)


def _plain(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if isinstance(value, str)}
