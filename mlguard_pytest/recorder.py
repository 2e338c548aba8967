"""What one test called of AWS, noted while it ran; of the parameters, what JSON has a word for."""

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest

from mlguard_pytest.fixtures import MARKER
from mlguard_pytest.patching import PATCH

if TYPE_CHECKING:
    from mlguard.snapshot import Snapshot
    from mlguard.usage.recording import Call
    from mlguard_pytest.facade import Mlguard

_FIXTURE: Final = "mlguard_recorder"
_OURS: Final = "mlguard"
# DynamoDB API reference, "ExecuteStatement": the longest text that says what is called.
_LONGEST: Final = 8192
_DEEPEST: Final = 32


class Recorder:
    """The calls of the test's call phase; `role` is whom they are held against, None for nobody.

    `escaped` are the calls that left the process although a mock was active: service, operation
    and host.
    """

    def __init__(self, role: str | None = None, account: "Mlguard | None" = None) -> None:
        self.role = role
        self._account = account
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._escaped: dict[tuple[str, str, str], None] = {}

    @property
    def calls(self) -> "tuple[Call, ...]":
        """What was called so far, in order."""
        return tuple(self._calls)

    @property
    def escaped(self) -> tuple[tuple[str, str, str], ...]:
        """What left the process so far although a mock was active."""
        return tuple(self._escaped)

    @property
    def own_snapshot(self) -> "Snapshot | None":
        """What the test's own session reads, None if it has none of its own."""
        return None if self._account is None else self._account.snapshot

    @contextmanager
    def on(self) -> "Iterator[Recorder]":
        """Record until the end of the block."""
        PATCH.add(self)
        try:
            yield self
        finally:
            PATCH.remove(self)

    def called(self, client: Any, operation: str, parameters: Mapping[str, Any]) -> object:  # noqa: ANN401  # botocore has no types
        """Take note of a call, unless it is one by which mlguard itself reads."""
        from mlguard.usage.recording import Call

        meta = client.meta
        if _OURS in (meta.config.user_agent_extra or "").split():
            return None
        call = Call(
            service=meta.service_model.service_name,
            operation=operation,
            parameters=_light(parameters),
            region=meta.region_name or "",
            partition=meta.partition,
            encrypted=meta.endpoint_url.startswith("https:"),
            mocked=_mocked(),
        )
        with self._lock:
            self._calls.append(call)
        return call

    def dropped(self, call: object) -> None:
        """Forget a call that botocore refused: AWS was never asked."""
        with self._lock:
            self._calls = [one for one in self._calls if one is not call]

    def sent(self, client: Any, operation: str, url: str) -> None:  # noqa: ANN401  # botocore has no types
        """Take note that a request leaves the process, if a mock should have answered it."""
        if _mocked() and _OURS not in (client.meta.config.user_agent_extra or "").split():
            service = client.meta.service_model.service_name
            with self._lock:
                self._escaped[service, operation, urlsplit(url).netloc] = None


def role_of(marker: pytest.Mark) -> str:
    """Return the role that a marker names; raises UsageError if it names none."""
    named = (*marker.args, *marker.kwargs.values())
    if len(named) == 1 and set(marker.kwargs) <= {"role"} and isinstance(named[0], str):
        return named[0]
    raise pytest.UsageError(f'{MARKER} takes the name or ARN of one role: {MARKER}("role-name")')


def give_recorders(items: list[pytest.Item]) -> None:
    """See to it that each test with the marker has a recorder."""
    for item in items:
        names = getattr(item, "fixturenames", None)
        marker = item.get_closest_marker(MARKER)
        if names is None or marker is None:
            continue
        role_of(marker)
        if _FIXTURE not in names:
            names.append(_FIXTURE)


def _mocked() -> str | None:
    """Return the account of the mock that is active in this process, None if none is."""
    moto = sys.modules.get("moto.core.models")
    if moto is None or not moto.botocore_stubber.enabled:
        return None
    return str(moto.DEFAULT_ACCOUNT_ID)


def _light(value: object, depth: int = 0) -> Any:  # noqa: ANN401  # JSON
    """Return what is JSON of a value, for the rest what stands for bytes; nothing is read."""
    from mlguard.usage.recording import BYTES

    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str) and len(value) <= _LONGEST:
        return value
    if isinstance(value, Mapping) and depth < _DEEPEST:
        return {str(name): _light(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list | tuple) and depth < _DEEPEST:
        return [_light(one, depth + 1) for one in value]
    return dict(BYTES)
