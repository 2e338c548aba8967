"""What runs under the training role, recorded: its code calls nothing, SageMaker calls for it."""

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

import pytest

from mlguard.usage.judging import judge
from mlguard_pytest.assertions import (
    assert_cannot,
    assert_least_privilege,
    assert_not_administrator,
)
from tests.deploy.artifacts import image
from tests.deploy.recorded import DATA, JOB, MODELS, NAMES, make, recorded, unused
from training import launch, tune

if TYPE_CHECKING:
    import boto3

    from mlguard_pytest.facade import Mlguard
    from mlguard_pytest.recorder import Recorder

ROLE: Final = NAMES.role("training")

# What the endpoint needs is known from its model, and what a job needs from that job; this is what
# jobs need whatever they and their data are called.
OF_ANY_JOB: Final = {
    f"s3:GetObject on arn:aws:s3:::{DATA}/*",
    f"s3:GetObject on arn:aws:s3:::{MODELS}/dog-breed-*/input/*",
    f"s3:GetObject on arn:aws:s3:::{MODELS}/dog-breed-*/checkpoints/*",
    f"s3:PutObject on arn:aws:s3:::{MODELS}/dog-breed-*/checkpoints/*",
    f"s3:PutObject on arn:aws:s3:::{MODELS}/dog-breed-*/output/*",
}


@pytest.fixture(autouse=True)
def made(mlguard_moto: "boto3.Session") -> None:
    """Make the pipeline, and have both kinds of jobs started on it."""
    pytest.importorskip("sagemaker.train", reason="the SDK is an extra: '.[sagemaker]'")
    make(mlguard_moto)
    assert launch.main(JOB) == 0
    assert tune.main(JOB) == 0


def train(folder: Path) -> None:
    from training.synthetic import write_breeds
    from training.train import main

    breeds = folder / "breeds"
    write_breeds(breeds, classes=2, images=8, side=32)
    words = {
        "data": breeds,
        "model-dir": folder / "model",
        "image-size": 32,
        "epochs": 1,
        "batch-size": 4,
    }
    given = [word for name, value in words.items() for word in (f"--{name}", str(value))]
    torch = pytest.importorskip("torch")
    try:
        assert main([*given, "--workers", "0", "--checkpoint-dir", str(folder / "kept")]) == 0
    finally:
        torch.use_deterministic_algorithms(mode=False)


def serve(inference: ModuleType, unpacked: Path) -> None:
    classifier = inference.model_fn(str(unpacked))
    asked = inference.input_fn(image(), "image/png")
    assert inference.output_fn(inference.predict_fn(asked, classifier), "application/json")


@pytest.mark.filterwarnings("ignore")  # the SDK's own
@pytest.mark.mlguard_record(ROLE)
def test_the_training_role_allows_what_jobs_and_endpoint_do_and_no_more(
    mlguard_recorder: "Recorder",
    mlguard: "Mlguard",
    unpacked: Path,
    inference: ModuleType,
    tmp_path: Path,
) -> None:
    train(tmp_path)
    serve(inference, unpacked)
    role, snapshot = mlguard.role(ROLE), mlguard.snapshot
    assert mlguard_recorder.calls == ()
    made = recorded(mlguard_recorder, snapshot, role)
    used = judge(snapshot, role.arn, [made])
    assert (used.excess, used.gaps) == ((), ())
    assert unused(OF_ANY_JOB, made) == []
    assert_least_privilege(role, also=OF_ANY_JOB)
    assert_not_administrator(role)
    assert_cannot(role, "sagemaker:*")
    assert_cannot(role, "s3:PutObject", f"arn:aws:s3:::{DATA}/*")
