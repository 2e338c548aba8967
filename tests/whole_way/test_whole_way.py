"""The whole way on one machine: from images to what a caller of the deployed function reads.

Images in moto's S3; the request that the SDK's ModelTrainer makes of training.launch; its own code
channels and drivers, run on two hosts; what they leave, packed by deploy.package; AWS's inference
toolkit, and AWS's Lambda runtime client before it. Only the machines are missing.
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import pytest

NEEDED = {
    "torch": "training is an extra: pip install -e '.[training]'",
    "moto": "the demo extra is not installed",
    "sagemaker": "the SDK is an extra: '.[sagemaker]'",
    "awslambdaric": "AWS's runtime client is not installed (it is built for Linux)",
    "sagemaker_pytorch_serving_container": "AWS's toolkit is not installed",
}
for module, missing in NEEDED.items():
    if find_spec(module) is None:
        pytest.skip(missing, allow_module_level=True)

import boto3
import torch

from deploy.package import model_members, write_archive
from tests.deploy import deployed
from tests.deploy.artifacts import direct_scores
from tests.training.sending import BUCKET, requests_sent
from tests.whole_way import breeds, container, hosts
from tests.whole_way.opened import Opened
from training import launch
from training.folders import SPLITS
from training.metrics import NAMES
from training.model import build

DATA = "dog-data"
EPOCHS = 4
HOSTS = ("algo-1", "algo-2")
JOB = (
    *("--role", "arn:aws:iam::123456789012:role/dog-breed-training"),
    *("--data", f"s3://{DATA}/breeds", "--bucket", BUCKET, "--region", "us-east-1"),
    *("--instances", str(len(HOSTS)), "--image-size", str(breeds.SIDE)),
    *("--epochs", str(EPOCHS), "--patience", str(EPOCHS)),
    *("--batch-size", "16", "--learning-rate", "0.02"),
)


# The SDK's own warnings are not ours to mend.
@pytest.mark.filterwarnings("ignore")
def test_from_images_to_the_answer_of_the_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = hosts.refusal(tmp_path / "tried")
    if refused:
        pytest.skip(refused)
    images, cluster = tmp_path / "breeds", tmp_path / "cluster"
    breeds.write(images)
    with requests_sent(monkeypatch) as sent:
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=DATA)
        container.upload_folder(s3, images, DATA, "breeds")
        assert launch.main(JOB) == 0
        request = sent["CreateTrainingJob"]
        assert capsys.readouterr().out.split()[-1] == request["TrainingJobName"]

        logs, opened = trained(request, cluster, s3)
        lefts = [cluster / host / "ml" for host in HOSTS]
        left = container.unpack(s3, container.upload_outputs(request, lefts, s3), tmp_path / "left")
        archive = tmp_path / "model.tar.gz"
        write_archive(archive, model_members(left))
        s3.upload_file(str(archive), BUCKET, "models/dog-breed/model.tar.gz")
        model = container.unpack(
            s3, f"s3://{BUCKET}/models/dog-breed/model.tar.gz", tmp_path / "model"
        )

    both_took_part_and_the_first_wrote(logs, lefts)
    the_data_was_shared(opened, images)
    metrics = told(request, logs)
    config = json.loads((model / "config.json").read_text())
    assert config["metrics"]["test:accuracy"] == pytest.approx(metrics["test:accuracy"][-1])

    network = build(config["arch"], classes=breeds.CLASSES).eval()
    network.load_state_dict(torch.load(left / "model.pth", weights_only=True))
    right = {}
    tests = sorted((images / "test").glob("*/*.png"))
    with ExitStack() as stack:
        stack.enter_context(deployed.lone_modules(model))
        function = stack.enter_context(deployed.function(model, tmp_path / "task"))
        for path in tests:
            content = path.read_bytes()
            answer = function.invoke({"image": base64.b64encode(content).decode()})
            assert answer["statusCode"] == 200, answer
            (scores,) = json.loads(answer["body"])
            assert len(scores) == breeds.CLASSES
            # To the last bit: what JSON writes of a float is read back as the same float.
            assert [scores] == direct_scores(content, trained=network, config=config)
            right[path] = config["classes"][scores.index(max(scores))] == path.parent.name
    known = [right[path] for path in tests if path.parent.name in breeds.KNOWN]
    assert sum(known) >= 0.9 * len(known)
    # What training said of the test split is what the deployed function makes of it.
    assert sum(right.values()) / len(tests) == pytest.approx(metrics["test:accuracy"][-1])


def trained(request: Any, cluster: Path, s3: Any) -> tuple[dict[str, str], dict[str, list[Path]]]:
    """Run the job; return what each host said, and which images it opened, in order."""
    for host in HOSTS:
        container.lay_out(request, host, HOSTS, cluster / host / "ml", s3)
    algorithm = request["AlgorithmSpecification"]
    described = boto3.client("sagemaker").describe_training_job(
        TrainingJobName=request["TrainingJobName"]
    )
    channel = "ml/input/data/training"
    with ExitStack() as stack:
        watched = {
            host: stack.enter_context(Opened((cluster / host / channel).glob("*/*")))
            for host in HOSTS
        }
        logs = hosts.run(
            cluster,
            HOSTS,
            [*algorithm["ContainerEntrypoint"], *algorithm["ContainerArguments"]],
            container.environment(request, described["TrainingJobArn"], cluster),
        )
        opened = {
            host: [path.relative_to(cluster / host / channel) for path in files.files()]
            for host, files in watched.items()
        }
    return logs, opened


def both_took_part_and_the_first_wrote(logs: Mapping[str, str], lefts: Sequence[Path]) -> None:
    for number, host in enumerate(HOSTS):
        assert f"SM_CURRENT_HOST={host}\n" in logs[host]
        (command,) = re.findall(r"Executing command: (torchrun .*)", logs[host])
        assert "--nnodes=2 --nproc_per_node=1 --master_addr=algo-1" in command
        assert f"--node_rank={number} train.py" in command
        assert "Training Container Execution Completed" in logs[host]
    assert "metric epoch=" not in logs[HOSTS[1]]
    written = [
        sorted(
            path.name
            for folder in ("model", "output", "checkpoints")
            for path in (ml / folder).rglob("*")
            if path.is_file()
        )
        for ml in lefts
    ]
    assert written == [["checkpoint.pt", "config.json", "metrics.jsonl", "model.pth"], []]


def the_data_was_shared(opened: Mapping[str, list[Path]], images: Path) -> None:
    """In each pass over a split, a host opens its part, no image twice, and all are opened."""
    passes = {
        host: [(split, list(run)) for split, run in groupby(files, lambda path: path.parts[0])]
        for host, files in opened.items()
    }
    expected = [*["train", "valid"] * EPOCHS, "test"]
    assert all([split for split, _ in runs] == expected for runs in passes.values())
    whole = {
        split: sorted(path.relative_to(images) for path in (images / split).glob("*/*"))
        for split in SPLITS
    }
    for (split, first), (_, second) in zip(*passes.values(), strict=True):
        assert sorted(chain(first, second)) == whole[split]
        assert abs(len(first) - len(second)) <= 1


def told(request: Any, logs: Mapping[str, str]) -> dict[str, list[float]]:
    """Return the metrics that SageMaker reads from the logs of all hosts, by the request."""
    said = "\n".join(logs.values())
    metrics = {
        definition["Name"]: [float(found) for found in re.findall(definition["Regex"], said)]
        for definition in request["AlgorithmSpecification"]["MetricDefinitions"]
    }
    counts = {name: 1 if name.startswith("test:") else EPOCHS for name in NAMES}
    assert {name: len(values) for name, values in metrics.items()} == counts
    assert metrics["train:loss"][-1] < metrics["train:loss"][0]
    return metrics
