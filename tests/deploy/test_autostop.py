"""What stops a notebook: only after nobody has used it for a while."""

import ast
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy import autostop
from deploy.autostop import idle_minutes

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LONG = 600.0


def session(used: str, *, state: str = "idle") -> dict[str, Any]:
    return {"kernel": {"execution_state": state, "last_activity": used}}


@pytest.mark.parametrize(
    ("sessions", "terminals", "minutes"),
    [
        ([session("2026-11-02T08:00:00Z")], [], 60.0),
        ([session("2026-11-02T08:00:00.000000Z", state="busy")], [], 0.0),
        ([session("2026-11-02T08:00:00Z")], [{"last_activity": "2026-11-02T08:55:00Z"}], 5.0),
        ([session("2026-11-01T08:00:00Z")], [], LONG),
        ([], [], LONG),
    ],
    ids=["idle kernel", "busy kernel", "terminal", "before the start", "nothing open"],
)
def test_the_last_use_counts_and_work_is_use(
    sessions: list[Any], terminals: list[Any], minutes: float
) -> None:
    assert idle_minutes(sessions, terminals, NOW, LONG) == minutes


def test_what_has_just_started_is_not_idle() -> None:
    assert idle_minutes([], [], NOW, 2.0) == 2.0


@pytest.mark.parametrize(("uptime_s", "stops"), [(7200, True), (600, False)])
def test_the_instance_that_it_runs_on_is_stopped(
    uptime_s: int, *, stops: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/mine"
    (tmp_path / "metadata").write_text(f'{{"ResourceArn": "{arn}"}}')
    (tmp_path / "uptime").write_text(f"{uptime_s}.00 1.0\n")
    called: list[list[str]] = []
    monkeypatch.setattr(autostop, "METADATA", tmp_path / "metadata")
    monkeypatch.setattr(autostop, "UPTIME", tmp_path / "uptime")
    monkeypatch.setattr(autostop, "_ask", lambda _: [])
    monkeypatch.setattr(sys, "argv", ["autostop.py", "60"])
    monkeypatch.setattr(subprocess, "run", lambda command, **_: called.append(command))
    autostop.main()
    expected = "aws sagemaker stop-notebook-instance --region eu-west-1 --notebook-instance-name"
    assert called == ([[*expected.split(), "mine"]] if stops else [])


def test_it_runs_on_the_instances_own_python() -> None:
    path = autostop.__file__
    assert path is not None
    tree = ast.parse(Path(path).read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
        )
    }
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
