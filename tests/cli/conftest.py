"""What the tests of `can` ask."""

from pathlib import Path
from typing import Any

import pytest

from tests.builders.account import snapshot
from tests.builders.iam import inline, user
from tests.cli.asking import Ask, Statement
from tests.cli.run import Ran, run


@pytest.fixture
def can(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Asks what ada may do: a user with these statements, beside the other resources."""

    def asked(
        action: str,
        resource: str,
        *own: Statement,
        beside: Any = (),
        shown: str = "text",
        **ada: Any,
    ) -> Ran:
        path = tmp_path / "account.json"
        asking = user("ada", inline_policies=(inline(*own),), **ada)
        path.write_bytes(snapshot(asking, *beside).to_json())
        more = ("--format", shown, "--snapshot", str(path))
        return run(capsys, "can", "ada", action, resource, *more)

    return asked
