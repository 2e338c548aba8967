"""What a launch plans is what the SDK sends, botocore accepts it, and mistakes cost nothing."""

import io
import json
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.validate import ParamValidator

from tests.training.sending import BUCKET, requests_sent
from training import launch, tune
from training.metrics import METRIC_DEFINITIONS
from training.source import staged

NOT_SENT = ("launch", "tune", "trainer", "job", "source", "ec2")
JOB = (
    *("--role", "arn:aws:iam::123456789012:role/dog-breed-training"),
    *("--data", "s3://dog-data/breeds", "--bucket", BUCKET, "--region", "us-east-1"),
)
SHUT = (
    *("--instances", "2", "--spot", "--volume-key", "alias/disk", "--output-key", "alias/out"),
    *("--subnet", "subnet-1", "--subnet", "subnet-2", "--security-group", "sg-1"),
    *("--tag", "project=dog-breed"),
)


def planned(capsys: pytest.CaptureFixture[str], command: Any, *options: str) -> dict[str, Any]:
    """Return the pipeline file of a dry run."""
    assert command.main([*JOB, *options, "--dry-run"]) == 0
    plan: dict[str, Any] = json.loads(capsys.readouterr().out)
    return plan


def accepted(step: dict[str, Any]) -> bool:
    """Return whether botocore would send the step."""
    model = botocore.session.get_session().get_service_model(step["service"])
    shape = model.operation_model(step["operation"]).input_shape
    report = ParamValidator().validate(step["parameters"], shape)
    assert not report.has_errors(), report.generate_report()
    return True


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, dict[str, Any]]]:
    """Yield the requests that reach SageMaker, in memory, by operation."""
    pytest.importorskip("sagemaker.train", reason="the SDK is an extra: '.[sagemaker]'")
    with requests_sent(monkeypatch) as requests:
        yield requests


@pytest.mark.parametrize("options", [(), SHUT])
def test_what_is_planned_is_valid_and_told_in_full(
    options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (launch, tune):
        plan = planned(capsys, command, *options)
        assert list(plan) == ["schema_version", "account", "region", "steps"]
        assert (plan["account"], plan["region"]) == ("123456789012", "us-east-1")
        assert all(accepted(step) for step in plan["steps"])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("options", [(), SHUT])
def test_a_launch_sends_what_was_planned(
    options: tuple[str, ...], sent: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    (step,) = planned(capsys, launch, *options)["steps"]
    assert launch.main([*JOB, *options]) == 0
    name = capsys.readouterr().out.split()[-1]
    request = json.dumps(sent["CreateTrainingJob"]).replace(name, "dog-breed-training")
    assert json.loads(request) == step["parameters"]
    keys = [item["Key"] for item in boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert any(key.endswith("/input/code/train.py") for key in keys)
    assert any(key.endswith("/input/code/training/model.py") for key in keys)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("options", [(), SHUT])
def test_tuning_sends_what_was_planned(
    options: tuple[str, ...], sent: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    (step,) = planned(capsys, tune, *options)["steps"]
    assert tune.main([*JOB, *options]) == 0
    request = sent["CreateHyperParameterTuningJob"]
    channels = request["TrainingJobDefinition"]["InputDataConfig"]
    (code,) = [
        one["DataSource"]["S3DataSource"] for one in channels if one["ChannelName"] == "code"
    ]
    upload = code["S3Uri"].split("/")[4]
    assert upload.startswith("tuning-")
    key = code["S3Uri"].removeprefix(f"s3://{BUCKET}/") + "/sourcedir.tar.gz"
    packed = boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert {"train.py", "training/train.py"} <= set(archive.getnames())
    text = json.dumps(request).replace(upload, "tuning-0")
    text = text.replace(request["HyperParameterTuningJobName"], "dog-breed-training")
    assert json.loads(text) == step["parameters"]


def test_the_code_of_a_search_is_brought_since_nothing_can_be_fetched(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (step,) = planned(capsys, tune)["steps"]
    jobs = step["parameters"]["TrainingJobDefinition"]
    assert jobs["EnableNetworkIsolation"]
    # What the container's toolkit unpacks has to lie where a channel is mounted.
    mounted = {f"/opt/ml/input/data/{one['ChannelName']}" for one in jobs["InputDataConfig"]}
    code = jobs["StaticHyperParameters"]["sagemaker_submit_directory"]
    assert code.rpartition("/")[0] in mounted


def test_jobs_on_several_instances_share_the_data_and_hide_their_talk(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (step,) = planned(capsys, launch, *SHUT)["steps"]
    job = step["parameters"]
    assert job["AlgorithmSpecification"]["ContainerEntrypoint"] == ["/bin/bash"]
    assert job["EnableInterContainerTrafficEncryption"]
    assert job["EnableNetworkIsolation"]
    assert job["EnableManagedSpotTraining"]
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}
    assert job["AlgorithmSpecification"]["MetricDefinitions"] == list(METRIC_DEFINITIONS)


def test_the_search_is_logarithmic_in_the_rate_and_minimises_the_best_loss(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (step,) = planned(capsys, tune, "--batch-sizes", "32", "64")["steps"]
    config = step["parameters"]["HyperParameterTuningJobConfig"]
    (rate,) = config["ParameterRanges"]["ContinuousParameterRanges"]
    assert rate["ScalingType"] == "Logarithmic"
    assert config["ParameterRanges"]["CategoricalParameterRanges"] == [
        {"Name": "batch-size", "Values": ["32", "64"]}
    ]
    assert config["TrainingJobEarlyStoppingType"] == "Auto"
    objective = config["HyperParameterTuningJobObjective"]
    assert objective == {"Type": "Minimize", "MetricName": "best:loss"}
    static = step["parameters"]["TrainingJobDefinition"]["StaticHyperParameters"]
    assert {"learning-rate", "batch-size"}.isdisjoint(static)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--instance-type", "ml.t2.medium"), "ml.t2 runs notebooks and endpoints, not training"),
        (("--instance-type", "t3.medium"), "SageMaker's begin with ml."),
        (("--instance-type", "ml.g4dn.xlarge", "--volume-key", "k"), "leave --volume-key out"),
        (("--spot", "--max-wait", "60"), "--max-wait 60 is shorter than --max-runtime 3600"),
        (("--subnet", "subnet-1"), "give --subnet and --security-group, or neither"),
        (("--instances", "3"), "give a multiple of 3"),
        (("--data", "/home/dogs"), "give the s3:// URI"),
        (("--role", "dog"), "not the ARN of an IAM role"),
    ],
)
def test_what_sagemaker_would_refuse_is_refused_before_it_is_asked(
    options: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (launch, tune):
        assert command.main([*JOB, *options, "--dry-run"]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert told in line


@pytest.mark.parametrize(
    "options",
    [("--learning-rates", "1", "0.1"), ("--max-parallel", "9"), ("--batch-sizes", "0")],
)
def test_a_search_that_makes_no_sense_is_refused(
    options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune.main([*JOB, *options, "--dry-run"]) == 1
    assert options[0].removesuffix("s") in capsys.readouterr().err


def test_a_dry_run_loads_neither_torch_nor_the_sdk_nor_a_client() -> None:
    code = (
        "import sys; from training import launch, tune, ec2\n"
        f"assert launch.main([*{JOB!r}, '--dry-run']) == 0\n"
        "print(sorted({'torch', 'sagemaker', 'boto3', 'PIL'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(launch.__file__).parents[1],
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_all_code_that_is_sent_is_held_to_calling_no_aws() -> None:
    text = (Path(launch.__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    (held,) = (
        one["source_modules"]
        for one in contracts
        if one["name"] == "What runs under the training role calls no AWS"
    )
    with staged() as code:
        sent = {f"training.{path.stem}" for path in (code / "training").glob("*.py")}
    assert sent - {"training.__init__"} == {one for one in held if one.startswith("training.")}


def test_the_code_that_is_sent_runs_by_itself(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    with staged() as code:
        done = subprocess.run(
            [sys.executable, str(code / "train.py"), "--help"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/usr/bin"},
        )
        missing = [name for name in NOT_SENT if (code / "training" / f"{name}.py").exists()]
    assert done.returncode == 0, done.stderr
    assert "DIR/{train,valid,test}/CLASS/IMAGE" in done.stdout
    assert not missing
