"""What training leaves, without training: random weights, and the same ones each time."""

import importlib.util
import io
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from deploy.package import MODEL_CODE

CONFIG: dict[str, Any] = {
    "schema_version": 1,
    "arch": "resnet18",
    "classes": [f"breed-{number:03d}" for number in range(133)],
    "image_size": 64,
    "resize": 73,
    "mean": [0.485, 0.456, 0.406],
    "std": [0.229, 0.224, 0.225],
    "framework_version": "2.13.0",
    "metrics": {"test:accuracy": 0.0},
}


def network_module() -> ModuleType:
    """Return training/model.py under a name of its own."""
    if not MODEL_CODE.is_file():
        pytest.skip("training/model.py is not in this checkout")
    spec = importlib.util.spec_from_file_location("trained_network", MODEL_CODE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def network() -> Any:
    """Return the ResNet-18 of 133 classes whose weights `write_model` writes."""
    torch = pytest.importorskip("torch", reason="deploy is an extra: pip install -e '.[deploy]'")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return network_module().build(CONFIG["arch"], classes=len(CONFIG["classes"])).eval()


def write_model(folder: Path) -> None:
    torch = pytest.importorskip("torch", reason="deploy is an extra: pip install -e '.[deploy]'")
    torch.save(network().state_dict(), folder / "model.pth")
    (folder / "config.json").write_text(json.dumps(CONFIG))


def image(kind: str = "PNG", size: tuple[int, int] = (96, 80)) -> bytes:
    """Return an image of many colours."""
    pillow = pytest.importorskip("PIL.Image", reason="deploy is an extra")
    width, height = size
    pixels = bytes(
        (x * 7 + y * 3 + c * 40) % 256
        for y in range(height)
        for x in range(width)
        for c in range(3)
    )
    written = io.BytesIO()
    pillow.frombytes("RGB", size, pixels).save(written, kind)
    return written.getvalue()


def direct_scores(
    content: bytes, *, trained: Any = None, config: Any = CONFIG
) -> list[list[float]]:
    """Return what the network says of the image, computed without anything of deploy's.

    The network is that of random weights, or a trained one and its config.

    Written out after the evaluation of training: shorter side to `resize`, the middle
    `image_size` pixels.
    """
    torch = pytest.importorskip("torch")
    pillow = pytest.importorskip("PIL.Image")
    size, resize = config["image_size"], config["resize"]
    with pillow.open(io.BytesIO(content)) as opened:
        picture = opened.convert("RGB")
    width, height = picture.size
    scale = resize / min(width, height)
    side = size / scale
    left, top = (width - side) / 2, (height - side) / 2
    cropped = picture.resize(
        (size, size), pillow.Resampling.BILINEAR, box=(left, top, left + side, top + side)
    )
    flat = torch.tensor(list(cropped.tobytes()), dtype=torch.float32).div(255)
    values = flat.view(size, size, 3).permute(2, 0, 1)
    mean, std = (torch.tensor(config[name]).view(3, 1, 1) for name in ("mean", "std"))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.no_grad():
        asked = network() if trained is None else trained
        scores: list[list[float]] = asked(((values - mean) / std).unsqueeze(0)).tolist()
    torch.set_num_threads(threads)
    return scores
