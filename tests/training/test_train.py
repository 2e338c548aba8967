"""A run from end to end, in this process: what it learns, prints, writes and survives."""

import os
import signal
from pathlib import Path
from unittest import mock

import pytest

torch = pytest.importorskip("torch", reason="training is an extra: pip install -e '.[training]'")

from PIL import Image as Pillow

from tests.training.runs import Ran, read_metrics, spawn, trained, words
from training.dataset import MEAN, STD, EvaluationImages
from training.folders import read_folders, split_folders
from training.interruption import EXIT_CODE
from training.loop import Run
from training.metrics import METRIC_DEFINITIONS
from training.model import build
from training.train import main


@pytest.fixture(scope="module")
def whole(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Return a run of three epochs that nothing interrupted."""
    torch.set_num_threads(1)
    return trained(tmp_path_factory.mktemp("whole"), few, epochs=3)


def same(one: Ran, other: Ran) -> bool:
    """Return whether the weights are equal to the last bit, and all metrics, too."""
    state, its = one.state(), other.state()
    weights = all(torch.equal(state[name], its[name]) for name in state | its)
    return weights and one.metrics == other.metrics


def test_five_synthetic_classes_are_learnt(
    breeds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = trained(tmp_path / "model", breeds, epochs=5, batch_size=16)
    out = capsys.readouterr().out
    assert ran.metrics["test:accuracy"] >= 0.9
    assert read_metrics(out, "test:accuracy") == [pytest.approx(ran.metrics["test:accuracy"])]
    for definition in METRIC_DEFINITIONS:
        expected = 1 if definition["Name"].startswith("test:") else 5
        assert len(read_metrics(out, definition["Name"])) == expected


def test_the_model_answers_as_config_says(whole: Ran, few: Path) -> None:
    config = whole.config
    assert config["schema_version"] == 1
    assert config["classes"] == ["breed-000", "breed-001", "breed-002"]
    assert (config["image_size"], config["resize"]) == (32, 37)
    assert (tuple(config["mean"]), tuple(config["std"])) == (MEAN, STD)
    assert torch.__version__.startswith(config["framework_version"])
    state = whole.state()
    assert all(value.is_contiguous() and value.device.type == "cpu" for value in state.values())
    network = build(config["arch"], classes=len(config["classes"]))
    network.load_state_dict(state)
    images = EvaluationImages(read_folders(split_folders(few, {})).test, config["image_size"])
    pairs = [images[index] for index in range(len(images))]
    with torch.inference_mode():
        scores = network.eval()(torch.stack([image for image, _ in pairs]))
    right = (scores.argmax(1) == torch.tensor([label for _, label in pairs])).sum().item()
    assert right / len(images) == config["metrics"]["test:accuracy"]


def test_the_same_seed_gives_the_same_model(whole: Ran, few: Path, tmp_path: Path) -> None:
    assert same(trained(tmp_path / "again", few, epochs=3), whole)
    assert not same(trained(tmp_path / "other", few, epochs=3, seed=1), whole)


def test_processes_that_decode_change_nothing(whole: Ran, few: Path, tmp_path: Path) -> None:
    assert same(trained(tmp_path / "workers", few, epochs=3, workers=2), whole)


# 24 images in batches of 8: three steps an epoch. The fifth is in the middle of the second.
KILLED = """
import os, signal
from training.loop import Run
from training.train import main
step, count = Run._step, 0
def dying(self, images, labels):
    global count
    step(self, images, labels)
    count += 1
    if count == 5:
        os.kill(os.getpid(), signal.SIGKILL)
Run._step = dying
main({arguments!r})
"""


def test_killed_in_mid_epoch_and_resumed_it_ends_the_same(
    whole: Ran, few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"epochs": 3, "checkpoint_dir": tmp_path / "checkpoints"}
    arguments = words(few, model_dir=tmp_path / "model", **options)
    done = spawn(KILLED.format(arguments=arguments), ranks=1, cwd=tmp_path)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "model").exists()
    assert same(trained(tmp_path / "model", few, **options), whole)
    assert "resumed at epoch 2, step 0" in capsys.readouterr().out


@pytest.mark.parametrize("at", [2, 5, 9])
def test_told_to_stop_it_finishes_the_step_and_resumes_after_it(
    at: int, whole: Ran, few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"epochs": 3, "checkpoint_dir": tmp_path / "checkpoints"}
    step, count = Run._step, 0

    def interrupted(self: Run, *batch: object) -> None:
        nonlocal count
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGTERM)
        step(self, *batch)  # type: ignore[arg-type]  # what it was given

    with mock.patch.object(Run, "_step", interrupted):
        assert main(words(few, model_dir=tmp_path / "model", **options)) == EXIT_CODE
    assert "start again to go on from" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()
    assert same(trained(tmp_path / "model", few, **options), whole)
    epoch, steps = divmod(at, 3)
    assert f"resumed at epoch {epoch + 1}, step {steps}" in capsys.readouterr().out.replace(
        "epoch 3, step 3", "epoch 4, step 0"
    )


def test_a_checkpoint_of_other_options_is_refused(
    few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "checkpoints"
    trained(tmp_path / "model", few, epochs=1, checkpoint_dir=folder)
    assert main(words(few, model_dir=tmp_path / "model", epochs=2, checkpoint_dir=folder)) == 1
    assert "checkpoint.pt: made with epochs 1, and now it is 2: " in capsys.readouterr().err


def test_half_a_checkpoint_is_told_in_one_line(
    few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"PK\x03\x04")
    assert main(words(few, model_dir=tmp_path / "model", checkpoint_dir=tmp_path)) == 1
    assert "not a checkpoint, or only a part of one" in capsys.readouterr().err


def test_it_stops_early_and_keeps_the_best_weights(
    few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Steps this long leave the valley: the loss rises after its lowest value.
    ran = trained(tmp_path / "model", few, epochs=30, patience=2, learning_rate=0.05)
    losses = read_metrics(capsys.readouterr().out, "valid:loss")
    best = min(range(len(losses)), key=losses.__getitem__)
    assert len(losses) == best + 1 + 2 < 30
    assert ran.metrics["epoch"] == best + 1
    assert ran.metrics["valid:loss"] == pytest.approx(losses[best])
    network = build("resnet18", classes=3)
    network.load_state_dict(ran.state())


def test_the_test_split_is_opened_once_and_at_the_end(few: Path, tmp_path: Path) -> None:
    opened: list[str] = []
    decode = Pillow.open

    def noted(path: Path) -> Pillow.Image:
        opened.append(path.parts[-3])
        return decode(path)

    with mock.patch.object(Pillow, "open", noted):
        trained(tmp_path / "model", few, epochs=2)
    assert opened.count("test") == 12
    assert set(opened[-12:]) == {"test"}


def test_metrics_of_every_epoch_are_written_beside(few: Path, tmp_path: Path) -> None:
    trained(tmp_path / "model", few, epochs=2, output_dir=tmp_path / "out")
    assert len((tmp_path / "out" / "metrics.jsonl").read_text().splitlines()) == 2


def test_a_sagemaker_job_needs_no_folders_on_the_command_line(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SM_CHANNEL_TRAINING", str(few))
    monkeypatch.setenv("SM_MODEL_DIR", str(tmp_path / "model"))
    monkeypatch.setenv("SM_OUTPUT_DATA_DIR", str(tmp_path / "out"))
    monkeypatch.setenv("SM_CHECKPOINT", str(tmp_path / "checkpoints"))
    told = ["--epochs", "1", "--batch-size", "8", "--image-size", "32", "--freeze", "True"]
    assert main([*told, "--workers", "0", "--_tuning_objective_metric", "best:loss"]) == 0
    written = sorted(path.name for path in tmp_path.rglob("*.*"))
    assert written == ["checkpoint.pt", "config.json", "metrics.jsonl", "model.pth"]


@pytest.mark.parametrize("workers", [0, 1])
def test_a_broken_image_is_one_clear_line(
    workers: int, few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    data = shutil.copytree(few, tmp_path / "data")
    broken = data / "train" / "breed-001" / "0003.png"
    broken.write_bytes(broken.read_bytes()[:200])
    assert main(words(data, model_dir=tmp_path / "model", workers=workers)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"training: {broken}: cannot be decoded (")
    assert line.endswith("): copy it again, replace it, or delete it")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"classes": 133}, "--classes 133, but the folder has 3"),
        ({"batch_size": 1}, "--batch-size 1 is one image, and batch normalisation needs two"),
        ({"learning_rate": 1e30}, "the loss is no longer a number in epoch 1: lower"),
        ({"weights": "no.pth"}, "no.pth: no weights there"),
    ],
)
def test_what_is_wrong_is_one_clear_line(
    options: dict[str, object],
    told: str,
    few: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(words(few, model_dir=tmp_path / "model", **options)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("training: ")
    assert told in line


def test_a_batch_of_one_image_is_left_out_where_statistics_are_learnt(
    few: Path, tmp_path: Path
) -> None:
    trained(tmp_path / "model", few, epochs=1, batch_size=23)


def test_a_frozen_backbone_comes_out_as_it_went_in(few: Path, tmp_path: Path) -> None:
    given = build("resnet18", classes=1000).state_dict()
    torch.save(given, tmp_path / "given.pth")
    ran = trained(tmp_path / "m", few, epochs=1, freeze=True, weights=tmp_path / "given.pth")
    state = ran.state()
    assert all(torch.equal(state[name], given[name]) for name in given if "fc" not in name)
