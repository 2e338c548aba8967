"""What a dry run tells of the cost: beside the pipeline file, never in it."""

import json

import pytest

from training import estimate, launch
from training.estimate import print_dry_run

JOB = (
    "--role",
    "arn:aws:iam::123456789012:role/training",
    "--data",
    "s3://breeds/data",
    "--bucket",
    "breeds",
    "--instance-type",
    "ml.m5.xlarge",
    "--dry-run",
)


def test_the_file_goes_to_standard_output_and_the_estimate_does_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert launch.main([*JOB]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["steps"][0]["operation"] == "CreateTrainingJob"
    assert printed.err.startswith("mlguard cost  account 123456789012")
    assert "training dog-breed-training" in printed.err


def test_where_mlguard_is_not_installed_one_line_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "find_spec", lambda _: None)
    print_dry_run("{}")
    printed = capsys.readouterr()
    assert printed.out == "{}\n"
    assert printed.err.count("\n") == 1
    assert "mlguard is not installed here" in printed.err


@pytest.mark.parametrize("text", ["", "{}", "no json"])
def test_what_mlguard_refuses_is_one_line_and_no_failure(
    capsys: pytest.CaptureFixture[str], text: str
) -> None:
    print_dry_run(text)
    printed = capsys.readouterr()
    assert printed.err.startswith("no estimate of the cost: ")
    assert printed.err.count("\n") == 1
