"""What a user's test may ask for: the account, the session that it is read through, and moto."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

from mlguard_pytest.options import sourced

if TYPE_CHECKING:
    import boto3

    from mlguard_pytest.audit import Audit
    from mlguard_pytest.facade import Mlguard
    from mlguard_pytest.recorder import Recorder

MARKER: Final = "mlguard_record"
RECORDER: Final = pytest.StashKey["Recorder"]()

_MOTO: Final = "mlguard_moto"
_REGION: Final = "us-east-1"


@pytest.fixture
def mlguard_session(request: pytest.FixtureRequest) -> "boto3.Session | None":
    """Return the boto3 session to read through; override it to audit what a test has created.

    In a test that has `mlguard_moto`, its account. Else None: what the run audits, or, if the run
    does not audit, whatever the ordinary chain of AWS leads to: live AWS, or the test's own moto.
    """
    if _MOTO not in request.fixturenames:
        return None
    session: boto3.Session = request.getfixturevalue(_MOTO)
    return session


@pytest.fixture
def mlguard(pytestconfig: pytest.Config, mlguard_session: "boto3.Session | None") -> "Mlguard":
    """Return the account under test; nothing is read before it is asked for."""
    from mlguard_pytest.audit import Audit
    from mlguard_pytest.facade import Mlguard
    from mlguard_pytest.run import run_of

    def audit() -> "Audit":
        from mlguard_pytest.source import through

        run = run_of(pytestconfig)
        if mlguard_session is None and sourced(pytestconfig):
            return run.audit
        return Audit(run.options, today=run.today, read=lambda: through(mlguard_session))

    return Mlguard(audit)


@pytest.fixture
def mlguard_moto(monkeypatch: pytest.MonkeyPatch) -> "Iterator[boto3.Session]":
    """Yield a session for an empty AWS account in memory: moto, with what it lacks filled in.

    It is boto3's default session as well, of region us-east-1. The credentials and settings of AWS
    in the environment are out of sight meanwhile.
    """
    from mlguard.errors import SourceError
    from mlguard.sources.demo.account import ENVIRONMENT, HIDDEN

    # Imported after boto3 is, and before the environment is touched: its errors are the user's.
    from mlguard.sources.demo.mocked import mocked

    for name in [name for name in os.environ if name.startswith(HIDDEN)]:
        monkeypatch.delenv(name)
    for name, value in {**ENVIRONMENT, "AWS_DEFAULT_REGION": _REGION}.items():
        monkeypatch.setenv(name, value)
    try:
        with mocked(_REGION) as session:
            yield session
    except SourceError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def mlguard_recorder(
    request: pytest.FixtureRequest, mlguard: "Mlguard", mlguard_session: object
) -> "Recorder":
    """Return the recorder: it is on while the test itself runs, and off in its fixtures.

    With the marker `mlguard_record("role")`, or once its `role` is set, the test fails by what that
    role may not do.
    """
    from mlguard_pytest.recorder import Recorder, role_of

    marker = request.node.get_closest_marker(MARKER)
    role = None if marker is None else role_of(marker)
    recorder = Recorder(role, None if mlguard_session is None else mlguard)
    request.node.stash[RECORDER] = recorder
    return recorder
