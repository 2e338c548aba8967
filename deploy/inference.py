"""What the endpoint runs: image or URL in, a score for each breed out.

The four functions that AWS's inference toolkit looks for in code/inference.py of a model archive
(https://docs.aws.amazon.com/sagemaker/latest/dg/adapt-inference-container.html,
https://sagemaker.readthedocs.io/en/stable/frameworks/pytorch/using_pytorch.html). Beside it there
lie `model` (the network that was trained) and `fetch`, as modules of their own.
"""

import io
import json
import os
import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import torch
from fetch import Fetcher, FetchError, allowed_hosts
from model import ARCHITECTURES, ResNet, build
from PIL import Image, ImageOps
from torch import Tensor

try:
    from sagemaker_inference.errors import BaseInferenceToolkitError as _AnsweredError
except ImportError:
    # On EC2 the same code is served without AWS's toolkit.
    _AnsweredError = ValueError

JSON: Final = "application/json"
_IMAGES: Final = frozenset({"image/jpeg", "image/png", "application/x-image"})
_FORMATS: Final = ("JPEG", "PNG")

# A PNG of a few kilobytes can decode to gigabytes. This many pixels take 200 MB at most; an
# ml.t2.medium has 4 GiB: https://aws.amazon.com/sagemaker/ai/pricing/
MAX_PIXELS: Final = 50_000_000

_SCHEMA_VERSION: Final = 1


class ModelFileError(Exception):
    """model.pth or config.json is not what training writes: the endpoint does not start."""


class RequestError(_AnsweredError):  # type: ignore[misc]  # untyped
    """A request that cannot be answered; the toolkit answers with its status and message."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(int(status), message, status.phrase)
        self.status_code = int(status)
        self.message = message

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """The network in evaluation mode, and how an image is made ready for it."""

    network: ResNet
    device: torch.device
    image_size: int
    resize: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


def model_fn(model_dir: str) -> Classifier:
    """Return what training left in the folder; raises ModelFileError."""
    config = _config(Path(model_dir) / "config.json")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = build(config["arch"], classes=len(config["classes"]))
    weights = Path(model_dir) / "model.pth"
    try:
        # weights_only: a pickle could run anything.
        network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    except (OSError, EOFError, pickle.UnpicklingError, RuntimeError, TypeError) as error:
        raise ModelFileError(
            f"{weights}: no weights of {config['arch']} with {len(config['classes'])} classes: "
            "pack the files of one training run"
        ) from error
    return Classifier(
        network=network.to(device).eval(),
        device=device,
        image_size=config["image_size"],
        resize=config["resize"],
        mean=_channels(config["mean"]),
        std=_channels(config["std"]),
    )


def input_fn(body: bytes | bytearray | str, content_type: str | None) -> Image.Image:
    """Return the picture that the request holds or names; raises RequestError."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind == JSON:
        return _picture(_fetched(body))
    if kind in _IMAGES and not isinstance(body, str):
        return _picture(bytes(body))
    raise RequestError(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        f"the content type must be {JSON} or one of {', '.join(sorted(_IMAGES))}",
    )


def predict_fn(picture: Image.Image, classifier: Classifier) -> list[list[float]]:
    """Return the scores (logits) of the picture, in the order of config.json's classes."""
    with torch.inference_mode():
        images = _tensor(picture, classifier).unsqueeze(0).to(classifier.device)
        scores: list[list[float]] = classifier.network(images).tolist()
    return scores


def output_fn(prediction: list[list[float]], accept: str) -> tuple[str, str]:
    """Return the scores as JSON, "[[...]]", and their content type."""
    kinds = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    if kinds.isdisjoint({JSON, "application/*", "*/*", ""}):
        raise RequestError(HTTPStatus.NOT_ACCEPTABLE, f"the answer is {JSON} and nothing else")
    # JSON knows no NaN: ValueError here is a model that never learned, and an answer of 500.
    return json.dumps(prediction, allow_nan=False), JSON


def _config(path: Path) -> Mapping[str, Any]:
    try:
        config = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelFileError(f"{path}: cannot be read as JSON ({error})") from error
    if not isinstance(config, dict) or config.get("schema_version") != _SCHEMA_VERSION:
        raise ModelFileError(f"{path}: schema_version is not {_SCHEMA_VERSION}")
    sound = {
        "arch": config.get("arch") in ARCHITECTURES,
        "classes": _is_list(config.get("classes"), str) and bool(config["classes"]),
        "image_size": _is_count(config.get("image_size")),
        "resize": _is_count(config.get("resize")),
        "mean": _is_list(config.get("mean"), float) and len(config["mean"]) == len("RGB"),
        "std": _is_list(config.get("std"), float) and len(config["std"]) == len("RGB"),
    }
    wrong = [name for name, right in sound.items() if not right]
    if wrong:
        raise ModelFileError(f"{path}: missing or not as training writes it: {', '.join(wrong)}")
    if config["resize"] < config["image_size"]:
        raise ModelFileError(f"{path}: resize is less than image_size")
    return config


def _is_list(value: object, of: type) -> bool:
    return isinstance(value, list) and all(isinstance(item, of) for item in value)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _channels(values: list[float]) -> tuple[float, float, float]:
    red, green, blue = values
    return red, green, blue


def _fetched(body: bytes | bytearray | str) -> bytes:
    try:
        request = json.loads(body)
    except ValueError as error:
        raise RequestError(HTTPStatus.BAD_REQUEST, "the body is not JSON") from error
    url = request.get("url") if isinstance(request, dict) else None
    if not isinstance(url, str):
        raise RequestError(HTTPStatus.BAD_REQUEST, 'the body must be {"url": "https://..."}')
    try:
        image: bytes = Fetcher(hosts=allowed_hosts(os.environ)).fetch(url)
    except FetchError as error:
        raise RequestError(error.status, str(error)) from error
    return image


def _picture(content: bytes) -> Image.Image:
    """Return the image as training saw its images: upright by its EXIF orientation, RGB."""
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise _too_many_pixels()
            return ImageOps.exif_transpose(opened).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        # Pillow raises SyntaxError for broken PNG chunks, struct.error for broken EXIF.
        raise RequestError(
            HTTPStatus.BAD_REQUEST, "the image is not a whole JPEG or PNG"
        ) from error


def _too_many_pixels() -> RequestError:
    return RequestError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the image has more than {MAX_PIXELS} pixels"
    )


def _tensor(picture: Image.Image, classifier: Classifier) -> Tensor:
    """Return the middle of the picture, resized and normalised as in evaluation."""
    size = classifier.image_size
    width, height = picture.size
    side = size * min(width, height) / classifier.resize
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    cropped = picture.resize((size, size), Image.Resampling.BILINEAR, box=box)
    pixels = torch.frombuffer(bytearray(cropped.tobytes()), dtype=torch.uint8)
    values = pixels.view(size, size, len("RGB")).permute(2, 0, 1).float().div(255)
    mean = torch.tensor(classifier.mean).view(-1, 1, 1)
    return values.sub(mean).div(torch.tensor(classifier.std).view(-1, 1, 1))
