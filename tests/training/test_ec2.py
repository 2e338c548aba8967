"""The instance: what is asked for, what it does when it is up, and what fits into it."""

import json
import subprocess
import sys
import tarfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.training.test_launch import accepted
from training import ec2
from training.memory import SIZES, training_mib, warning
from training.options import parse
from training.serve import server

COMMON = (
    *("--instance-profile", "arn:aws:iam::123456789012:instance-profile/dog-breed"),
    *("--bucket", "dog-work", "--region", "us-east-1"),
)
TRAIN = ("train", *COMMON, "--data", "s3://dog-data/breeds", "--freeze", "--batch-size", "8")
SERVE = ("serve", *COMMON, "--model", "s3://dog-work/dog-breed/model.tar.gz")


def planned(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    """Return the parameters of the one step of a dry run."""
    assert ec2.main([*options, "--dry-run"]) == 0
    plan = json.loads(capsys.readouterr().out)
    (step,) = plan["steps"]
    assert (plan["account"], step["operation"]) == ("123456789012", "RunInstances")
    assert accepted(step)
    parameters: dict[str, Any] = step["parameters"]
    return parameters


@pytest.mark.parametrize("options", [TRAIN, SERVE])
def test_an_instance_is_shut_by_default(
    options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = planned(capsys, *options, "--volume-key", "alias/disk", "--subnet", "subnet-1")
    assert asked["InstanceType"] == "t2.micro"
    assert asked["ImageId"].startswith("resolve:ssm:/aws/service/deeplearning/ami/x86_64/")
    assert asked["MetadataOptions"]["HttpTokens"] == "required"
    assert asked["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    (disk,) = asked["BlockDeviceMappings"]
    assert (disk["Ebs"]["VolumeType"], disk["Ebs"]["Encrypted"]) == ("gp3", True)
    assert "KeyName" not in asked
    assert len(asked["UserData"]) < 16 * 1024


@pytest.mark.parametrize("options", [TRAIN, SERVE])
def test_the_script_is_one_that_bash_can_read(
    options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = planned(capsys, *options)
    read = ["/bin/bash", "-n"]
    if not Path(read[0]).exists():
        pytest.skip("no bash here")
    done = subprocess.run(
        read, input=asked["UserData"], text=True, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_training_gives_the_machine_back(capsys: pytest.CaptureFixture[str]) -> None:
    asked = planned(capsys, *TRAIN, "--max-minutes", "90")
    assert asked["InstanceInitiatedShutdownBehavior"] == "terminate"
    lines = asked["UserData"].splitlines()
    assert "shutdown -h +105" in lines
    assert lines.index("trap finish EXIT") < next(n for n, x in enumerate(lines) if "train.py" in x)
    assert "--freeze True" in asked["UserData"]


def test_the_words_of_the_script_are_what_training_takes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("torch")
    script = planned(capsys, *TRAIN)["UserData"].replace("\\\n", " ")
    command = next(line for line in script.splitlines() if " train.py " in line)
    words = command.partition(" train.py ")[2].partition("||")[0].split()
    assert parse(words, {}).hyperparameters.batch_size == 8


def test_serving_stops_after_its_time_and_listens_on_loopback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = planned(capsys, *SERVE, "--max-minutes", "90")
    assert asked["InstanceInitiatedShutdownBehavior"] == "stop"
    assert "OnBootSec=90min" in asked["UserData"]
    assert "DynamicUser=yes" in asked["UserData"]


def test_what_is_quoted_stays_one_word(capsys: pytest.CaptureFixture[str]) -> None:
    asked = planned(capsys, *SERVE[:-1], "s3://b/$(reboot)/model.tar.gz")
    assert "'s3://b/$(reboot)/model.tar.gz'" in asked["UserData"]


@pytest.mark.filterwarnings("ignore")
def test_started_it_finds_its_code_in_the_bucket(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    # The AWS in memory knows no parameter of the Deep Learning AMI.
    monkeypatch.setattr(ec2, "IMAGE", "ami-12c6146b")
    with mock_aws():
        iam = boto3.client("iam", region_name="us-east-1")
        iam.create_instance_profile(InstanceProfileName="dog-breed")
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="dog-work")
        assert ec2.main(TRAIN) == 0
        identity = capsys.readouterr().out.strip()
        found = boto3.client("ec2", region_name="us-east-1").describe_instances()
        assert found["Reservations"][0]["Instances"][0]["InstanceId"] == identity
        body = s3.get_object(Bucket="dog-work", Key="dog-breed-ec2/code.tar.gz")["Body"].read()
    with tarfile.open(fileobj=BytesIO(body)) as archive:
        names = archive.getnames()
    assert {"./train.py", "./training/model.py", "./training/serve.py"} <= set(names)


@pytest.mark.parametrize("arch", SIZES)
def test_sizes_are_those_of_the_networks(arch: str) -> None:
    torch = pytest.importorskip("torch")
    from training.model import build

    network = build(arch, classes=1000).eval()
    outputs = 0

    def counted(_module: object, _given: object, out: Any) -> None:
        nonlocal outputs
        outputs += out.numel()

    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(counted)
    with torch.inference_mode():
        network(torch.zeros(1, 3, 224, 224))
    assert SIZES[arch].outputs == outputs
    assert SIZES[arch].parameters == sum(p.numel() for p in network.parameters())


def words(*options: str) -> Any:
    return parse(["--arch", "resnet50", *options], {}).hyperparameters


def test_a_whole_resnet50_trains_on_a_t2_micro_in_batches_of_two_at_most() -> None:
    pytest.importorskip("torch")
    assert training_mib(words("--batch-size", "8")) == pytest.approx(971, abs=2)
    assert warning("t2.micro", words("--batch-size", "2")) is None
    told = warning("t2.micro", words("--batch-size", "4"))
    assert told is not None
    assert "give --batch-size 2 or less" in told


def test_a_frozen_one_trains_in_small_batches_and_other_machines_are_not_judged() -> None:
    pytest.importorskip("torch")
    assert warning("t2.micro", words("--batch-size", "8", "--freeze")) is None
    assert warning("c6i.xlarge", words("--batch-size", "512")) is None


def test_the_warning_comes_with_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert ec2.main([*TRAIN[:-3], "--batch-size", "64", "--dry-run"]) == 0
    assert "warning: t2.micro has 1024 MiB" in capsys.readouterr().err


def test_a_role_is_no_instance_profile(capsys: pytest.CaptureFixture[str]) -> None:
    options = [*SERVE, "--instance-profile", "arn:aws:iam::123456789012:role/dog", "--dry-run"]
    assert ec2.main(options) == 1
    assert "not the ARN of an IAM instance-profile" in capsys.readouterr().err


INFERENCE = """
import json
def model_fn(folder): return {"folder": folder}
def input_fn(body, kind):
    if kind == "text/html":
        error = ValueError("a page")
        error.status_code = 415
        raise error
    if kind != "application/json": raise ValueError("not JSON")
    return json.loads(body)
def predict_fn(given, model): return [given["x"] * 2]
def output_fn(answer, accept): return json.dumps(answer), accept
"""


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "inference.py").write_text(INFERENCE)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "inference", raising=False)
    serving = server(tmp_path, 0)
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    thread.join()
    serving.server_close()
    sys.modules.pop("inference", None)


def asked(url: str, body: bytes | None = None, kind: str = "application/json") -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": kind})  # noqa: S310  # loopback
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # loopback
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_the_server_answers_as_the_container_does(served: str) -> None:
    assert asked(f"{served}/ping") == (200, b"")
    assert asked(f"{served}/invocations", b'{"x": 2}') == (200, b"[4]")
    assert asked(f"{served}/invocations", b"x", "text/plain") == (400, b"not JSON")
    assert asked(f"{served}/invocations", b"x", "text/html") == (415, b"a page")
    assert asked(f"{served}/invocations", b"{}") == (500, b"model error")
    assert asked(f"{served}/elsewhere", b"{}")[0] == 404
