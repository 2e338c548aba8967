"""Ranks: who one is, what one gets of the data, and that two make the same model as one."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training is an extra: pip install -e '.[training]'")

from tests.training.runs import Ran, read_metrics, spawn, trained, words
from training.dataset import EvaluationImages, TrainingImages
from training.distributed import Place, Ranks, place
from training.errors import OptionError
from training.folders import Image
from training.loaders import evaluation_batches, training_batches, training_indices
from training.model import build

# Sums of gradients in another order differ in the last bits of float32, and a few steps later in
# some more.
TOLERANCE = 1e-4


def rank(number: int, of: int) -> Ranks:
    return Ranks(rank=number, world_size=of, device=torch.device("cpu"))


def images(count: int) -> list[Image]:
    return [Image(Path(f"{number}.png"), 0) for number in range(count)]


def test_a_launcher_names_the_place() -> None:
    told = {
        "RANK": "3",
        "WORLD_SIZE": "4",
        "LOCAL_RANK": "1",
        "MASTER_ADDR": "a",
        "MASTER_PORT": "9",
    }
    assert place(told) == Place(rank=3, world_size=4, local_rank=1, meeting=("a", "9"))


def test_sagemaker_hosts_without_a_launcher_find_each_other() -> None:
    told = {"SM_HOSTS": json.dumps(["algo-2", "algo-1"]), "SM_CURRENT_HOST": "algo-2"}
    assert place(told) == Place(rank=1, world_size=2, meeting=("algo-1", "7777"))


@pytest.mark.parametrize(
    "told", [{}, {"SM_HOSTS": '["algo-1"]', "SM_CURRENT_HOST": "algo-1"}, {"RANK": "0"}]
)
def test_alone_nobody_is_waited_for(told: dict[str, str]) -> None:
    assert place(told) == Place()


def test_a_launcher_goes_before_the_hosts() -> None:
    told = {"RANK": "0", "WORLD_SIZE": "1", "SM_HOSTS": '["a", "b"]', "SM_CURRENT_HOST": "b"}
    assert place(told) == Place()


@pytest.mark.parametrize("count", [8, 11, 13])
@pytest.mark.parametrize("world_size", [1, 2, 3])
def test_ranks_share_an_epoch_and_no_image_comes_twice(count: int, world_size: int) -> None:
    data = TrainingImages(images(count), 32, seed=0)
    parts = [
        training_indices(data, rank(number, world_size), seed=0, epoch=1)
        for number in range(world_size)
    ]
    drawn = [index for part in parts for index in part]
    assert len(drawn) == len(set(drawn)) == count - count % world_size
    assert len({len(part) for part in parts}) == 1


def test_each_epoch_has_its_own_order_and_leaves_out_others() -> None:
    data = TrainingImages(images(11), 32, seed=0)
    orders = [training_indices(data, rank(0, 2), seed=0, epoch=epoch) for epoch in range(8)]
    assert all(one != other for one, other in pairwise(orders))


def test_the_batches_of_ranks_are_together_those_of_one() -> None:
    data = TrainingImages(images(12), 32, seed=0)
    alone = training_indices(data, rank(0, 1), seed=0, epoch=2)
    first, second = (training_indices(data, rank(n, 2), seed=0, epoch=2) for n in range(2))
    for start in range(0, 12, 4):
        half = slice(start // 2, start // 2 + 2)
        assert set(alone[start : start + 4]) == {*first[half], *second[half]}


def test_each_image_is_judged_on_exactly_one_rank() -> None:
    # The labels are the images' numbers; nothing is decoded.
    data = EvaluationImages([Image(Path("x"), number) for number in range(7)], 32)
    seen = []
    for number in range(3):
        own = evaluation_batches(data, rank(number, 3), batch_size=3, workers=0).dataset
        seen += [own.indices[index] for index in range(len(own))]  # type: ignore[attr-defined,arg-type]  # a Subset
    assert sorted(seen) == list(range(7))


def test_a_batch_that_does_not_divide_is_refused_with_the_cure() -> None:
    with pytest.raises(OptionError, match=r"--batch-size 9 .* give a multiple of 2"):
        rank(0, 2).share(9)


# Each rank has folders of its own, as hosts have: what it writes shows there.
ENTRY = """
import os
from training.train import main
own = os.path.join({folder!r}, os.environ.get("RANK", "0"))
raise SystemExit(main([*{arguments!r}, "--model-dir", own + "/model", "--output-dir",
    own + "/output", "--checkpoint-dir", own + "/checkpoints"]))
"""
EPOCHS = 2


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint to start from, as torchvision's are."""
    path = tmp_path_factory.mktemp("weights") / "resnet18.pth"
    torch.manual_seed(5)
    torch.save(build("resnet18", classes=1000).state_dict(), path)
    return path


@pytest.fixture(scope="module")
def options(weights: Path) -> dict[str, object]:
    return {"epochs": EPOCHS, "freeze": True, "weights": weights, "learning_rate": 0.05}


@pytest.fixture(scope="module")
def two(few: Path, options: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run of two ranks, and in `out` what they printed."""
    folder = tmp_path_factory.mktemp("two")
    code = ENTRY.format(folder=str(folder), arguments=words(few, **options))
    done = spawn(code, ranks=2, cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "out").write_text(done.stdout)
    return folder


def test_two_ranks_and_one_process_give_the_same_model(
    two: Path, few: Path, options: dict[str, object], tmp_path: Path
) -> None:
    alone, together = trained(tmp_path / "alone", few, **options), Ran(two / "0" / "model")
    state, its = alone.state(), together.state()
    for name, value in state.items():
        torch.testing.assert_close(its[name], value, rtol=TOLERANCE, atol=TOLERANCE)
    assert together.metrics == pytest.approx(alone.metrics, rel=TOLERANCE)
    start = build("resnet18", classes=3).fc.weight
    assert not torch.allclose(state["fc.weight"], start, atol=0.01)


# In single precision a network that learns all its layers soon makes much of its last bits; in
# double precision only what is computed otherwise can show.
IN_DOUBLE = """
import torch
import training.dataset
torch.set_default_dtype(torch.float64)
single = training.dataset.to_tensor
training.dataset.to_tensor = lambda picture: single(picture).double()
"""


def run(count: int, folder: Path, *, setting: str, arguments: list[str]) -> Ran:
    code = setting + ENTRY.format(folder=str(folder), arguments=arguments)
    done = spawn(code, ranks=count, cwd=folder)
    assert done.returncode == 0, done.stderr
    return Ran(folder / "0" / "model")


@pytest.mark.parametrize(
    ("setting", "rate", "tolerance"), [(IN_DOUBLE, 0.01, 1e-8), ("", 0.0002, TOLERANCE)]
)
def test_two_ranks_and_one_process_learn_all_layers_the_same(
    few: Path, tmp_path: Path, setting: str, rate: float, tolerance: float
) -> None:
    ran = []
    for count in (1, 2):
        folder = tmp_path / str(count)
        folder.mkdir()
        arguments = words(few, epochs=EPOCHS, learning_rate=rate)
        ran.append(run(count, folder, setting=setting, arguments=arguments))
    alone, together = ran
    # With the running statistics of batch normalisation, and how many batches they are of.
    for name, value in alone.state().items():
        torch.testing.assert_close(
            together.state()[name], value, rtol=tolerance, atol=tolerance, msg=name
        )
    assert together.metrics == pytest.approx(alone.metrics, rel=tolerance)


def test_two_ranks_with_an_image_each_learn_what_one_process_does_from_both(
    few: Path, tmp_path: Path
) -> None:
    # Of smaller images the last layer sees one value, and two of those make a shaky variance.
    arguments = words(few, epochs=1, learning_rate=0.0002, batch_size=2, image_size=64)
    ran = []
    for count in (1, 2):
        folder = tmp_path / str(count)
        folder.mkdir()
        ran.append(run(count, folder, setting=IN_DOUBLE, arguments=arguments))
    alone, together = (one.state() for one in ran)
    for name, value in alone.items():
        torch.testing.assert_close(together[name], value, rtol=1e-8, atol=1e-8, msg=name)


@pytest.mark.parametrize(("count", "world_size", "each"), [(23, 1, 22), (24, 2, 12), (24, 1, 24)])
def test_a_last_batch_is_left_out_if_all_ranks_have_one_image_between_them(
    count: int, world_size: int, each: int
) -> None:
    batches = training_batches(
        TrainingImages(images(count), 32, seed=0),
        rank(0, world_size),
        batch_size=22,
        seed=0,
        skip=0,
        whole_statistics=True,
        workers=0,
    )
    assert batches.sampler is not None
    assert len(list(batches.sampler)) == each


def test_rank_0_alone_writes_and_prints(two: Path) -> None:
    written = sorted(path.name for path in (two / "0").rglob("*.*"))
    assert written == ["checkpoint.pt", "config.json", "metrics.jsonl", "model.pth"]
    assert not (two / "1").exists()
    assert len(read_metrics((two / "out").read_text(), "valid:loss")) == EPOCHS


TOLD_TO_STOP = """
import os, signal
from training.loop import Run
step, count = Run._step, 0
def told(self, images, labels):
    global count
    step(self, images, labels)
    count += 1
    if count == 4 and os.environ["RANK"] == "1":
        os.kill(os.getpid(), signal.SIGTERM)
Run._step = told
"""


def test_when_one_rank_is_told_all_stop_and_resume_from_rank_0(
    two: Path, few: Path, options: dict[str, object], tmp_path: Path
) -> None:
    code = ENTRY.format(folder=str(tmp_path), arguments=words(few, **options))
    stopped = spawn(TOLD_TO_STOP + code, ranks=2, cwd=tmp_path)
    assert stopped.returncode != 0
    assert "interrupted; start again to go on from" in stopped.stderr
    assert not (tmp_path / "0" / "model").exists()
    resumed = spawn(code, ranks=2, cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert "resumed at epoch 2, step 1" in resumed.stdout
    assert not (tmp_path / "1").exists()
    once, twice = Ran(two / "0" / "model"), Ran(tmp_path / "0" / "model")
    assert once.metrics == twice.metrics
    assert all(torch.equal(once.state()[name], twice.state()[name]) for name in once.state())
