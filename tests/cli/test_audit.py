"""`mlguard audit`: sources, formats, exit codes, and errors in one line."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from mlguard.snapshot import Snapshot
from tests.builders.account import ACCOUNT, gap, snapshot
from tests.builders.iam import document, role
from tests.builders.notebooks import lifecycle, notebook
from tests.cli.run import run

TODAY = ("--today", "2026-11-02")


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path / "snap.json"


def save(path: Path, given: Snapshot) -> str:
    path.write_bytes(given.to_json())
    return str(path)


OWNER = role(
    "notebook",
    trust_policy=document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
    ),
)
SOUND = notebook(lifecycle_config="idle")
CLEAN = snapshot(SOUND, lifecycle(), OWNER)
EXPOSED = snapshot(
    notebook(lifecycle_config="idle", direct_internet_access=True), lifecycle(), OWNER
)


def test_a_clean_account_exits_0(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "audit", "--snapshot", save(saved, CLEAN), *TODAY)
    assert ran.code == 0, ran.out
    assert "passed" in ran.out


def test_a_high_finding_exits_1(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "audit", "--snapshot", save(saved, EXPOSED), *TODAY)
    assert ran.code == 1
    assert "notebook-direct-internet" in ran.out


def test_findings_below_the_bar_exit_0(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = save(saved, EXPOSED)
    ran = run(capsys, "audit", "--snapshot", place, "--fail-on", "critical", *TODAY)
    assert ran.code == 0


def test_a_gap_exits_3_and_may_be_allowed(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = save(saved, snapshot(SOUND, lifecycle(), OWNER, gaps=(gap("Endpoint"),)))
    assert run(capsys, "audit", "--snapshot", place, *TODAY).code == 3
    assert run(capsys, "audit", "--snapshot", place, "--allow-gaps", *TODAY).code == 0


def test_findings_win_over_gaps(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = msgspec.structs.replace(EXPOSED, gaps=(gap("Endpoint"),))
    assert run(capsys, "audit", "--snapshot", save(saved, given), *TODAY).code == 1


def test_json_goes_to_stdout_and_to_a_file(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = save(saved, EXPOSED)
    target = saved.parent / "report.json"
    ran = run(capsys, "audit", "--snapshot", place, "--format", "json", "-o", str(target), *TODAY)
    report = json.loads(ran.out)
    assert json.loads(target.read_text()) == report
    assert {found["check"] for found in report["findings"]} == {"notebook-direct-internet"}


def test_a_format_can_be_named_and_a_file_without_one_is_refused(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = save(saved, CLEAN)
    ran = run(capsys, "audit", "--snapshot", place, "-o", "json=report.out", *TODAY)
    assert ran.code == 0
    assert json.loads(Path("report.out").read_text())["findings"] == []
    refused = run(capsys, "audit", "--snapshot", place, "-o", "report.out", *TODAY)
    assert refused.code == 2
    assert "FORMAT=PATH" in refused.err


def test_a_link_is_not_followed_and_the_old_report_stays(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("real.json").write_text("old")
    Path("link.json").symlink_to("real.json")
    ran = run(capsys, "audit", "--snapshot", save(saved, CLEAN), "-o", "link.json", *TODAY)
    assert ran.code == 2
    assert "link" in ran.err
    assert Path("real.json").read_text() == "old"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_device_is_written_as_it_is(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = save(saved, CLEAN)
    assert run(capsys, "audit", "--snapshot", place, "-o", "json=/dev/null", *TODAY).code == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said_in_a_line(saved: Path) -> None:
    place = save(saved, CLEAN)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(  # noqa: S603  # our own interpreter
            [sys.executable, "-m", "mlguard", "audit", "--snapshot", place, *TODAY],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("mlguard: cannot write the output")


def test_a_report_may_go_to_stdout_by_name(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "audit", "--snapshot", save(saved, CLEAN), "-o", "json=-", *TODAY)
    assert ran.out.startswith("{")
    assert not Path("-").exists()


def test_an_audit_that_judged_nothing_exits_3(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = run(capsys, "audit", "--snapshot", save(saved, snapshot()), *TODAY)
    assert ran.code == 3
    assert "NOTHING WAS JUDGED" in ran.out


def test_a_folder_that_is_not_there_is_an_output_error(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = run(capsys, "audit", "--snapshot", save(saved, CLEAN), "-o", "no/where.json", *TODAY)
    assert ran.code == 2
    assert ran.err.startswith("mlguard: no/where.json: cannot be written")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--snapshot", "absent.json"), 4, "absent.json: cannot be read"),
        (("--snapshot", "mlguard.toml"), 4, "mlguard.toml"),
        (("--snapshot", "a", "--demo"), 2, "name one source"),
        (("--demo", "--region", "eu-west-1"), 2, "live AWS"),
        (("--select", "role-unusd"), 2, "did you mean 'role-unused'"),
        (("--today", "tomorrow"), 2, "YYYY-MM-DD"),
        (("--config", "absent.toml"), 2, "absent.toml: cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    saved: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    saved.with_name("mlguard.toml").write_text("allow-gaps = true\n")
    ran = run(capsys, "audit", *arguments)
    assert ran.code == code
    assert says in ran.err
    assert "Traceback" not in ran.err


def test_the_configuration_at_hand_is_used_and_suppressions_can_be_left_out(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved.with_name("mlguard.toml").write_text(
        '[[suppressions]]\ncheck = "notebook-direct-internet"\nreason = "a sandbox"\n'
    )
    place = save(saved, EXPOSED)
    accepted = run(capsys, "audit", "--snapshot", place, *TODAY)
    assert accepted.code == 0
    assert "a sandbox" in accepted.out
    assert run(capsys, "audit", "--snapshot", place, "--no-suppressions", *TODAY).code == 1


def test_without_credentials_the_ways_to_give_them_are_said(
    saved: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    nowhere = str(saved.parent / "none")
    monkeypatch.setenv("AWS_CONFIG_FILE", nowhere)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", nowhere)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    ran = run(capsys, "audit", "--region", "us-east-1")
    assert ran.code == 4
    for way in ("aws sso login", "AWS_ACCESS_KEY_ID", "a role", "--demo", "--snapshot"):
        assert way in ran.err
    assert run(capsys, "audit", "--profile", "absent").code == 4
