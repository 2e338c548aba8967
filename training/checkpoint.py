"""What a run writes: checkpoints that it goes on from, and the model that it leaves.

A file is written beside its place, flushed to the disk and then renamed: whoever reads it sees the
old one or the new one, whenever the machine stops.
"""

import io
import json
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from training.dataset import MEAN, STD, resize_of
from training.errors import CheckpointError
from training.model import ResNet, load_backbone

NAME: Final = "checkpoint.pt"


def write_atomically(path: Path, content: bytes) -> None:
    """Write the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def pack(state: Mapping[str, Any]) -> bytes:
    """Return the bytes of a checkpoint: tensors and plain Python values."""
    buffer = io.BytesIO()
    torch.save(dict(state), buffer)
    return buffer.getvalue()


def unpack(content: bytes, *, name: str) -> dict[str, Any]:
    """Return what was packed; nothing in it is run (weights_only)."""
    try:
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise CheckpointError(
            f"{name}: not a checkpoint, or only a part of one: "
            "fetch it again, or delete it to start anew"
        ) from error
    if not isinstance(state, dict):
        raise CheckpointError(f"{name}: holds no state_dict: save model.state_dict()")
    return state


def load_weights(model: ResNet, path: Path) -> None:
    """Start from a torchvision checkpoint, or from the one .pth in a folder (a channel)."""
    found = sorted(path.glob("*.pth")) if path.is_dir() else [path]
    if len(found) != 1 or not found[0].is_file():
        raise CheckpointError(f"{path}: no weights there: give a .pth file, or a folder with one")
    state = unpack(found[0].read_bytes(), name=str(found[0]))
    try:
        load_backbone(model, state)
    except ValueError as error:
        raise CheckpointError(
            f"{found[0]}: {error}: give the checkpoint of the same --arch"
        ) from error


def cpu_state(model: ResNet) -> dict[str, Tensor]:
    """Return a copy of the weights, on the CPU, contiguous, apart from the model."""
    return {
        name: value.detach().to("cpu", copy=True).contiguous()
        for name, value in model.state_dict().items()
    }


def write_model(
    folder: Path,
    state: Mapping[str, Tensor],
    *,
    arch: str,
    classes: tuple[str, ...],
    image_size: int,
    metrics: Mapping[str, float],
) -> None:
    """Write model.pth (state_dict) and config.json (what is needed to answer with it)."""
    config = {
        "schema_version": 1,
        "arch": arch,
        "classes": list(classes),
        "image_size": image_size,
        "resize": resize_of(image_size),
        "mean": list(MEAN),
        "std": list(STD),
        "framework_version": torch.__version__.partition("+")[0],
        "metrics": dict(metrics),
    }
    write_atomically(folder / "model.pth", pack(state))
    write_atomically(folder / "config.json", json.dumps(config, indent=1).encode() + b"\n")
