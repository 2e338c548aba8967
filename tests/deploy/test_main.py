"""The command line: prints plans, explains itself, and says what is wrong in a line."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.as_written import pipeline
from deploy.pipeline import from_json
from deploy.plan import plan
from tests.deploy.plans import ZIP, config

ROOT = Path(__file__).parents[2]
EXAMPLE = "deploy/example.toml"


@pytest.fixture
def archive(tmp_path: Path) -> str:
    path = tmp_path / "function.zip"
    path.write_bytes(ZIP)
    return str(path)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own interpreter and code
        [sys.executable, "-m", "deploy", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def test_the_plan_goes_to_standard_output_and_notes_do_not(archive: str) -> None:
    done = run(
        "plan", "--config", EXAMPLE, "--lambda-zip", archive, "--model-data", "s3://b/m.tar.gz"
    )
    assert done.returncode == 0
    assert done.stdout == plan(config(), model_data="s3://b/m.tar.gz", lambda_zip=ZIP).to_json()
    note, _, estimate = done.stderr.partition("\n")
    assert note.startswith("no notebook is planned")
    assert estimate.startswith("mlguard cost  account ")


def test_without_the_estimate_notes_alone_go_to_standard_error(archive: str) -> None:
    done = run("plan", "--config", EXAMPLE, "--lambda-zip", archive, "--no-estimate")
    assert done.returncode == 0
    assert done.stderr.startswith("no notebook is planned")
    assert done.stderr.count("\n") == 1


def test_the_plan_goes_to_a_file(archive: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    done = run("plan", "--config", EXAMPLE, "--lambda-zip", archive, "-o", str(path))
    assert (done.returncode, done.stdout) == (0, "")
    assert '"schema_version": 1' in path.read_text()


def test_the_write_ups_pipeline_needs_no_configuration() -> None:
    done = run("plan", "--as-written", "--no-estimate")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == pipeline().to_json()


def test_the_estimate_names_what_would_be_made(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    done = run("plan", "--as-written", "-o", str(path))
    assert (done.returncode, done.stdout) == (0, "")
    assert "notebook dog-breed-notebook-large" in done.stderr
    assert "USD a month" in done.stderr
    assert "WHAT WOULD BE CHEAPER" not in done.stderr


def test_where_mlguard_is_not_installed_one_line_says_so() -> None:
    script = (
        "import importlib.util, sys\n"
        "from deploy import estimate\n"
        "estimate.find_spec = lambda name: None\n"
        "print(estimate.estimate('{}'))\n"
        "assert 'mlguard' not in sys.modules\n"
    )
    done = subprocess.run(  # noqa: S603  # our own interpreter and code
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.splitlines() == [
        "no estimate of the cost: mlguard is not installed here (pip install mlguard-aws)"
    ]


@pytest.mark.parametrize(
    ("text", "said"), [("", "no estimate of the cost: "), ("{}", "schema_version")]
)
def test_what_mlguard_refuses_is_one_line(text: str, said: str) -> None:
    from deploy.estimate import estimate

    found = estimate(text)
    assert said in found
    assert "\n" not in found


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("plan",), "give --config FILE (deploy/example.toml is one)"),
        (("plan", "--as-written", "--config", EXAMPLE), "takes nothing but -o"),
        (("plan", "--config", "none.toml"), "deploy: none.toml: cannot be read: No such file"),
        (
            ("plan", "--config", EXAMPLE, "--lambda-zip", "none.zip"),
            "deploy: none.zip: No such file",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_line(arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_help_lists_the_commands_without_loading_aws() -> None:
    code = (
        "import sys\nfrom deploy.__main__ import group\n"
        "group(['--help'], standalone_mode=False)\n"
        "assert 'boto3' not in sys.modules and 'botocore' not in sys.modules"
    )
    done = subprocess.run(  # noqa: S603  # our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    for command in ("plan", "apply", "status", "destroy"):
        assert f"  {command} " in done.stdout


def test_a_written_file_is_read_again() -> None:
    import json

    assert from_json(json.loads(pipeline().to_json())).steps[0].id == "bucket"
