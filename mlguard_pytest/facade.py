"""The fixture `mlguard`: an account under test, of which nothing is read before it is asked for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from mlguard_pytest.account import Account, Audited

if TYPE_CHECKING:
    from mlguard.cost.bill import Bill
    from mlguard.report import Report
    from mlguard.snapshot import Snapshot
    from mlguard_pytest.subjects import EndpointView, FunctionView, RoleView


class Mlguard:
    """The account under test, read once, when it is first asked for.

    Where it cannot be read at all, the test fails, in one line.
    """

    def __init__(self, make: Callable[[], Audited]) -> None:
        self._make = make
        self._account = Account(make)

    @property
    def snapshot(self) -> "Snapshot":
        """What was read."""
        __tracebackhide__ = True
        with _told():
            return self._account.snapshot

    @property
    def report(self) -> "Report":
        """What was found in it, by the configuration of the run."""
        __tracebackhide__ = True
        with _told():
            return self._account.report

    @property
    def bill(self) -> "Bill":
        """What everything in it costs a month."""
        __tracebackhide__ = True
        with _told():
            return self._account.engine.bill

    def role(self, name: str) -> "RoleView":
        """Return the role with this name or ARN; raises LookupError with what there is."""
        __tracebackhide__ = True
        from mlguard_pytest.subjects import role_view

        with _told():
            return role_view(self._account, name)

    def function(self, name: str) -> "FunctionView":
        """Return the Lambda function with this name or ARN; raises LookupError."""
        __tracebackhide__ = True
        from mlguard_pytest.subjects import function_view

        with _told():
            return function_view(self._account, name)

    def endpoint(self, name: str) -> "EndpointView":
        """Return the SageMaker endpoint with this name or ARN; raises LookupError."""
        __tracebackhide__ = True
        from mlguard_pytest.subjects import endpoint_view

        with _told():
            return endpoint_view(self._account, name)

    def reread(self) -> "Mlguard":
        """Return the account as it is now: what was read before does not change."""
        return Mlguard(self._make)


@contextmanager
def _told() -> Iterator[None]:
    """Fail the test in one line where there is no account to speak of."""
    __tracebackhide__ = True
    from mlguard.errors import MlguardError
    from mlguard_pytest.judging import unaudited

    try:
        yield
    except MlguardError as error:
        raise pytest.fail.Exception(unaudited(str(error)).headline, pytrace=False) from None
