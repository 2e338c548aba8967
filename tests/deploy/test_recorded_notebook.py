"""What is done in the notebook, recorded, beside the role that the plan gives it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import botocore.session
import pytest

from deploy import autostop
from mlguard.usage.judging import judge
from mlguard_pytest.assertions import (
    assert_cannot,
    assert_least_privilege,
    assert_not_administrator,
)
from tests.deploy.recorded import DATA, JOB, MODELS, NAMES, make, operations, recorded, unused
from training import launch, tune

if TYPE_CHECKING:
    import boto3

    from mlguard_pytest.facade import Mlguard
    from mlguard_pytest.recorder import Recorder

ROLE: Final = NAMES.role("notebook")
EARLIER: Final = "dog-breed-training/output/earlier/output/model.tar.gz"
LOGS: Final = f"{NAMES.arn('logs', 'log-group:/aws/sagemaker/TrainingJobs')}:*"
JOBS: Final = NAMES.arn("sagemaker", "training-job/dog-breed-*")
SEARCHES: Final = NAMES.arn("sagemaker", "hyper-parameter-tuning-job/dog-breed-*")
ITSELF: Final = NAMES.arn("sagemaker", f"notebook-instance/{NAMES.notebook}")

CALLED: Final = {
    *("s3.GetObject", "s3.ListObjectsV2", "s3.PutObject"),
    *(f"sagemaker.{call}TrainingJob" for call in ("Create", "Describe", "Stop")),
    *(f"sagemaker.{call}HyperParameterTuningJob" for call in ("Create", "Describe", "Stop")),
    *("logs.DescribeLogStreams", "logs.GetLogEvents"),
    "sagemaker.StopNotebookInstance",
}
# What SageMaker asks of every notebook is known from the notebook; the rest is what is done there,
# whatever objects, jobs and days are called.
DONE_THERE: Final = {
    f"s3:ListBucket on arn:aws:s3:::{DATA}",
    f"s3:ListBucket on arn:aws:s3:::{MODELS}",
    f"s3:GetObject on arn:aws:s3:::{DATA}/*",
    f"s3:GetObject on arn:aws:s3:::{MODELS}/*",
    f"s3:PutObject on arn:aws:s3:::{DATA}/*",
    f"s3:PutObject on arn:aws:s3:::{MODELS}/dog-breed-*/input/*",
    f"iam:PassRole on {NAMES.role_arn('training')}",
    *(f"sagemaker:{call}TrainingJob on {JOBS}" for call in ("Create", "Describe", "Stop")),
    *(
        f"sagemaker:{call}HyperParameterTuningJob on {SEARCHES}"
        for call in ("Create", "Describe", "Stop")
    ),
    f"sagemaker:AddTags on {JOBS}",
    f"sagemaker:AddTags on {SEARCHES}",
    f"logs:DescribeLogStreams on {LOGS}",
    f"logs:GetLogEvents on {LOGS}",
    f"sagemaker:StopNotebookInstance on {ITSELF}",
}


@pytest.fixture(autouse=True)
def made(mlguard_moto: "boto3.Session", monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the pipeline, a model that an earlier job left, and jobs that write their log."""
    pytest.importorskip("sagemaker.train", reason="the SDK is an extra: '.[sagemaker]'")
    from moto.sagemaker.models import SageMakerModelBackend

    make(mlguard_moto)
    mlguard_moto.client("s3").put_object(Bucket=MODELS, Key=EARLIER, Body=b"model")
    mlguard_moto.client("logs").create_log_group(logGroupName="/aws/sagemaker/TrainingJobs")
    start = SageMakerModelBackend.create_training_job

    def started(self: Any, *args: Any, **given: Any) -> Any:
        from moto.logs.models import logs_backends

        group = logs_backends[self.account_id][self.region_name].groups[
            "/aws/sagemaker/TrainingJobs"
        ]
        group.create_log_stream(f"{given['training_job_name']}/algo-1-1")
        return start(self, *args, **given)

    monkeypatch.setattr(SageMakerModelBackend, "create_training_job", started)


def bring_and_look_at_data(s3: Any) -> None:
    """Call what `aws s3 sync` and `aws s3 cp` do."""
    s3.list_objects_v2(Bucket=DATA, Prefix="breeds/")
    s3.put_object(Bucket=DATA, Key="breeds/train/akita/1.png", Body=b"image")
    s3.get_object(Bucket=DATA, Key="breeds/train/akita/1.png")


def fetch_a_model(s3: Any) -> None:
    (found,) = s3.list_objects_v2(Bucket=MODELS, Prefix="dog-breed-training/output/")["Contents"]
    s3.get_object(Bucket=MODELS, Key=found["Key"])


def stop(sagemaker: Any, job: str, search: str) -> None:
    sagemaker.stop_training_job(TrainingJobName=job)
    sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=search)


def stop_when_idle(session: "boto3.Session", folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Run what the notebook's timer runs; the call of the AWS CLI is made by boto3 instead."""

    def cli(command: list[str], *, check: bool) -> None:
        assert check
        _, service, operation, *words = command
        given = dict(zip(words[::2], words[1::2], strict=True))
        client = session.client(service, region_name=given.pop("--region"))
        shape = client.meta.service_model.operation_model("StopNotebookInstance").input_shape
        named = {f"--{botocore.xform_name(name, '-')}": name for name in shape.members}
        method = getattr(client, operation.replace("-", "_"))
        method(**{named[flag]: value for flag, value in given.items()})

    (folder / "metadata").write_text(json.dumps({"ResourceArn": ITSELF}))
    (folder / "uptime").write_text("7200.00 1.0\n")
    patch.setattr(autostop, "METADATA", folder / "metadata")
    patch.setattr(autostop, "UPTIME", folder / "uptime")
    patch.setattr(autostop, "_ask", lambda _: [])
    patch.setattr(sys, "argv", ["autostop.py", "60"])
    patch.setattr(subprocess, "run", cli)
    autostop.main()


@pytest.fixture
def work(
    mlguard_moto: "boto3.Session",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[[], None]:
    """Return what somebody does in the notebook until it stops itself."""
    s3, sagemaker = mlguard_moto.client("s3"), mlguard_moto.client("sagemaker")

    def done() -> None:
        bring_and_look_at_data(s3)
        assert launch.main([*JOB, "--wait"]) == 0
        job = capsys.readouterr().out.split()[-1]
        assert tune.main(JOB) == 0
        search = capsys.readouterr().out.split()[-1]
        stop(sagemaker, job, search)
        fetch_a_model(s3)
        stop_when_idle(mlguard_moto, tmp_path, monkeypatch)

    return done


@pytest.mark.filterwarnings("ignore")  # the SDK's own
@pytest.mark.mlguard_record(ROLE)
def test_the_role_of_the_notebook_allows_what_is_done_there_and_no_more(
    work: Callable[[], None], mlguard_recorder: "Recorder", mlguard: "Mlguard"
) -> None:
    work()
    role, snapshot = mlguard.role(ROLE), mlguard.snapshot
    made = recorded(mlguard_recorder, snapshot, role)
    used = judge(snapshot, role.arn, [made])
    assert operations(mlguard_recorder) == CALLED
    assert (used.excess, used.undecided, used.lacking, used.unmapped) == ((), (), (), ())
    assert unused(DONE_THERE, made) == []
    assert_least_privilege(role, also=DONE_THERE)
    assert_not_administrator(role)
    assert_cannot(role, "iam:*", role.arn)
    assert_cannot(role, "s3:PutObject", f"arn:aws:s3:::{MODELS}/model.tar.gz")
