import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training is an extra: pip install -e '.[training]'")

from training import model as module
from training.checkpoint import load_weights
from training.errors import CheckpointError
from training.model import ARCHITECTURES, CLASSES, build, load_backbone

# Parameters with 1000 classes, as torchvision's documentation lists them:
# https://pytorch.org/vision/stable/models.html#table-of-all-available-classification-weights
PARAMETERS = {"resnet18": 11_689_512, "resnet34": 21_797_672, "resnet50": 25_557_032}

# Table 1 of the paper: blocks in each stage, and the convolutions of a block as
# (name, kernel, input channels, output channels) in units of the stage's planes.
DEPTHS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3), "resnet50": (3, 4, 6, 3)}


def expected(arch: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the names and shapes of torchvision's state_dict, in its order."""
    yield "conv1.weight", (64, 3, 7, 7)
    yield from normalised("bn1", 64)
    expansion = 4 if arch == "resnet50" else 1
    channels = 64
    for stage, depth in enumerate(DEPTHS[arch], start=1):
        planes = 64 * 2 ** (stage - 1)
        for index in range(depth):
            name = f"layer{stage}.{index}"
            yield from block(name, channels, planes, expansion)
            if index == 0 and (stage > 1 or expansion > 1):
                yield f"{name}.downsample.0.weight", (planes * expansion, channels, 1, 1)
                yield from normalised(f"{name}.downsample.1", planes * expansion)
            channels = planes * expansion
    yield "fc.weight", (1000, channels)
    yield "fc.bias", (1000,)


def block(
    name: str, channels: int, planes: int, expansion: int
) -> Iterator[tuple[str, tuple[int, ...]]]:
    shapes = [(planes, channels, 3, 3), (planes, planes, 3, 3)]
    if expansion > 1:
        out = planes * expansion
        shapes = [(planes, channels, 1, 1), (planes, planes, 3, 3), (out, planes, 1, 1)]
    for number, shape in enumerate(shapes, start=1):
        yield f"{name}.conv{number}.weight", shape
        yield from normalised(f"{name}.bn{number}", shape[0])


def normalised(name: str, channels: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    for part in ("weight", "bias", "running_mean", "running_var"):
        yield f"{name}.{part}", (channels,)
    yield f"{name}.num_batches_tracked", ()


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_names_and_shapes_are_those_of_torchvision(arch: str) -> None:
    state = build(arch, classes=1000).state_dict()
    assert [(name, tuple(value.shape)) for name, value in state.items()] == list(expected(arch))


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_parameter_counts_are_those_of_torchvision(arch: str) -> None:
    count = sum(parameter.numel() for parameter in build(arch, classes=1000).parameters())
    assert count == PARAMETERS[arch]


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_resolutions_are_those_of_the_paper(arch: str) -> None:
    network = build(arch).eval()
    seen: dict[str, tuple[int, ...]] = {}
    for name in ("conv1", "layer1", "layer2", "layer3", "layer4"):
        network.get_submodule(name).register_forward_hook(
            lambda _module, _given, out, name=name: seen.update({name: tuple(out.shape[2:])})
        )
    with torch.inference_mode():
        scores = network(torch.zeros(2, 3, 224, 224))
    assert scores.shape == (2, CLASSES)
    assert list(seen.values()) == [(112, 112), (56, 56), (28, 28), (14, 14), (7, 7)]


def test_the_stride_of_a_bottleneck_is_in_its_middle() -> None:
    first = build("resnet50").get_submodule("layer2.0")
    strides = [first.get_submodule(f"conv{number}").stride for number in (1, 2, 3)]
    assert strides == [(1, 1), (2, 2), (1, 1)]


def test_a_frozen_backbone_does_not_move_and_its_statistics_neither() -> None:
    network = build("resnet18", classes=3, frozen=True).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    optimizer = torch.optim.SGD([p for p in network.parameters() if p.requires_grad], lr=1.0)
    network(torch.randn(4, 3, 32, 32)).logsumexp(1).sum().backward()
    optimizer.step()
    moved = {n for n, value in network.state_dict().items() if not torch.equal(value, before[n])}
    assert moved == {"fc.weight", "fc.bias"}


def test_a_full_network_learns_everywhere() -> None:
    network = build("resnet18", classes=3).train()
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert all(part.training for part in network.modules())


def test_a_checkpoint_of_1000_classes_loads_but_for_its_head(tmp_path: Path) -> None:
    given = build("resnet18", classes=1000).state_dict()
    torch.save(given, tmp_path / "resnet18-f37072fd.pth")
    network = build("resnet18", classes=5)
    head = network.fc.weight.clone()
    load_weights(network, tmp_path)
    state = network.state_dict()
    assert all(torch.equal(state[name], given[name]) for name in given if "fc" not in name)
    assert torch.equal(network.fc.weight, head)


def test_a_head_of_as_many_classes_is_kept() -> None:
    given = build("resnet18", classes=5).state_dict()
    network = build("resnet18", classes=5)
    load_backbone(network, given)
    assert torch.equal(network.fc.weight, given["fc.weight"])


def test_a_checkpoint_from_before_batch_counters_loads() -> None:
    given = build("resnet18").state_dict()
    old = {name: value for name, value in given.items() if "num_batches" not in name}
    load_backbone(build("resnet18"), old)


def test_another_architecture_is_refused_by_name(tmp_path: Path) -> None:
    torch.save(build("resnet34").state_dict(), tmp_path / "a.pth")
    with pytest.raises(CheckpointError, match=r"layer1\.2\.bn1\.bias is not a parameter"):
        load_weights(build("resnet18"), tmp_path / "a.pth")


def test_a_parameter_that_is_missing_or_of_another_shape_is_named() -> None:
    given = build("resnet18").state_dict()
    lacking = {name: value for name, value in given.items() if name != "bn1.bias"}
    with pytest.raises(ValueError, match=r"bn1\.bias is missing"):
        load_backbone(build("resnet18"), lacking)
    with pytest.raises(ValueError, match=r"bn1\.bias has shape \(3,\), not \(64,\)"):
        load_backbone(build("resnet18"), given | {"bn1.bias": torch.zeros(3)})


def test_weights_that_are_not_there_or_no_weights(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no weights there"):
        load_weights(build("resnet18"), tmp_path)
    (tmp_path / "a.pth").write_bytes(b"<html>404</html>")
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        load_weights(build("resnet18"), tmp_path)


def test_the_module_stands_alone(tmp_path: Path) -> None:
    # As it lies in a model archive: beside inference.py, with no package around it.
    (tmp_path / "model.py").write_bytes(Path(module.__file__).read_bytes())
    code = (
        "import sys, model; model.build('resnet18', classes=2);"
        "print(sorted(n for n in sys.modules if n.split('.')[0] in ('training', 'PIL')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
