"""What the endpoint makes of requests, run as the container runs it: from an unpacked archive."""

import importlib
import io
import json
import math
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.deploy.artifacts import CONFIG, direct_scores, image


def scores(inference: ModuleType, folder: Path, content: bytes, kind: str) -> Any:
    classifier = inference.model_fn(str(folder))
    prediction = inference.predict_fn(inference.input_fn(content, kind), classifier)
    text, content_type = inference.output_fn(prediction, "application/json")
    assert content_type == "application/json"
    return json.loads(text)


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("JPEG", "application/x-image"),
        ("PNG", "IMAGE/PNG; name=dog"),
    ],
)
def test_an_image_is_scored_as_the_network_itself_scores_it(
    inference: ModuleType, unpacked: Path, kind: str, content_type: str
) -> None:
    given = scores(inference, unpacked, image(kind), content_type)
    assert len(given[0]) == 133
    assert given == direct_scores(image(kind))


def test_preprocessing_is_that_of_trainings_evaluation(
    inference: ModuleType, unpacked: Path
) -> None:
    dataset = pytest.importorskip("training.dataset", reason="training/ is not in this checkout")
    torch = pytest.importorskip("torch")
    picture = inference.input_fn(image(size=(131, 97)), "image/png")
    seen = dataset.to_tensor(dataset.centre_crop(picture, CONFIG["image_size"]))
    assert torch.equal(inference._tensor(picture, inference.model_fn(str(unpacked))), seen)


def test_a_picture_taken_sideways_is_turned_upright(inference: ModuleType) -> None:
    pillow = pytest.importorskip("PIL.Image")
    exif = pillow.Exif()
    exif[0x0112] = 6  # Orientation: turn by 90 degrees
    written = io.BytesIO()
    with pillow.open(io.BytesIO(image(size=(20, 10)))) as opened:
        opened.save(written, "JPEG", exif=exif)
    assert inference.input_fn(written.getvalue(), "image/jpeg").size == (10, 20)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "I;16"])
def test_any_mode_becomes_three_channels(inference: ModuleType, mode: str) -> None:
    pillow = pytest.importorskip("PIL.Image")
    written = io.BytesIO()
    pillow.new(mode, (8, 8)).save(written, "PNG")
    assert inference.input_fn(written.getvalue(), "image/png").mode == "RGB"


def header_of_a_large_png(side: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    size = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"GIF89a", "image/gif", 415),
        (b"x", None, 415),
        (b"x", "", 415),
        ("text", "image/png", 415),
        (b"", "image/png", 400),
        (b"not an image", "image/png", 400),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "application/x-image", 400),
        (header_of_a_large_png(8000), "image/png", 413),
        (header_of_a_large_png(10_000), "image/png", 413),
        (header_of_a_large_png(60_000), "image/png", 413),
        ("no json", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        ("[]", "application/json", 400),
        ('{"url": 1}', "application/json", 400),
        ("{}", "application/json", 400),
        ('{"url": "https://example.com/dog.jpg"}', "application/json", 400),
        ('{"url": "http://169.254.169.254/"}', "application/json; charset=utf-8", 400),
    ],
)
def test_what_cannot_be_answered_has_the_status_that_says_why(
    inference: ModuleType, body: bytes | str, content_type: str | None, status: int
) -> None:
    with pytest.raises(inference.RequestError) as refused:
        inference.input_fn(body, content_type)
    assert refused.value.status_code == status


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.9])
def test_half_an_image_is_none(inference: ModuleType, kind: str, kept: float) -> None:
    whole = image(kind)
    with pytest.raises(inference.RequestError) as refused:
        inference.input_fn(whole[: int(len(whole) * kept)], "application/x-image")
    assert refused.value.status_code == 400


def test_an_image_in_another_format_is_not_even_tried(inference: ModuleType) -> None:
    with pytest.raises(inference.RequestError, match="JPEG or PNG"):
        inference.input_fn(image("BMP"), "image/png")


def test_a_url_is_fetched_from_the_hosts_that_the_environment_lists(
    inference: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def fetch(fetcher: Any, url: str) -> bytes:
        asked.append((fetcher.hosts, url))
        return image()

    monkeypatch.setattr(inference.Fetcher, "fetch", fetch)
    monkeypatch.setenv("ALLOWED_IMAGE_HOSTS", "Images.example.com, cdn.example.com")
    picture = inference.input_fn('{"url": "https://cdn.example.com/dog.png"}', "application/json")
    assert picture.size == (96, 80)
    hosts = frozenset({"images.example.com", "cdn.example.com"})
    assert asked == [(hosts, "https://cdn.example.com/dog.png")]


@pytest.mark.parametrize("accept", ["application/json", "*/*", "", "text/csv, application/*;q=0.5"])
def test_the_answer_is_json(inference: ModuleType, accept: str) -> None:
    assert inference.output_fn([[1.5, -2.0]], accept) == ("[[1.5, -2.0]]", "application/json")


def test_another_answer_than_json_is_refused(inference: ModuleType) -> None:
    with pytest.raises(inference.RequestError) as refused:
        inference.output_fn([[1.0]], "application/x-npy")
    assert refused.value.status_code == 406


def test_a_model_that_answers_nan_does_not_answer_with_invalid_json(
    inference: ModuleType,
) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        inference.output_fn([[math.nan]], "application/json")


def test_the_network_is_in_evaluation_mode(inference: ModuleType, unpacked: Path) -> None:
    assert not inference.model_fn(str(unpacked)).network.training


def without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda config: config.pop(name)


def having(**values: object) -> Callable[[dict[str, Any]], object]:
    return lambda config: config.update(values)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without("classes"), "classes"),
        (having(classes=[]), "classes"),
        (having(arch="vgg16"), "arch"),
        (having(arch=["resnet18"]), "arch"),
        (having(image_size=0), "image_size"),
        (having(image_size=True), "image_size"),
        (having(resize="73"), "resize"),
        (having(resize=10), "resize is less"),
        (having(mean=[0.5]), "mean"),
        (having(schema_version=2), "schema_version"),
        (having(classes=["one"]), "no weights of resnet18 with 1 classes"),
        (having(arch="resnet34"), "no weights of resnet34"),
    ],
)
def test_a_config_that_does_not_fit_is_told_when_the_endpoint_starts(
    inference: ModuleType, spoiled: Path, change: Callable[[dict[str, Any]], object], told: str
) -> None:
    config = json.loads(json.dumps(CONFIG))
    change(config)
    (spoiled / "config.json").write_text(json.dumps(config))
    with pytest.raises(inference.ModelFileError, match=told):
        inference.model_fn(str(spoiled))


@pytest.mark.parametrize("content", [b"", b"not weights", b"PK\x03\x04"])
def test_weights_that_are_none_are_told(
    inference: ModuleType, spoiled: Path, content: bytes
) -> None:
    (spoiled / "model.pth").write_bytes(content)
    with pytest.raises(inference.ModelFileError, match="no weights"):
        inference.model_fn(str(spoiled))


def test_without_the_toolkit_a_refusal_is_a_value_error_with_a_status(
    monkeypatch: pytest.MonkeyPatch, inference: ModuleType
) -> None:
    monkeypatch.setitem(sys.modules, "sagemaker_inference.errors", None)
    alone = importlib.reload(inference)
    with pytest.raises(ValueError, match="content type") as refused:
        alone.input_fn(b"", "text/csv")
    assert refused.value.status_code == 415  # type: ignore[attr-defined]  # RequestError


class Runs:
    """A pickle that would run code when loaded."""

    ran = False

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return setattr, (Runs, "ran", True)


def test_nothing_in_the_weights_is_run(inference: ModuleType, spoiled: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.save({"fc.weight": Runs()}, spoiled / "model.pth")
    with pytest.raises(inference.ModelFileError):
        inference.model_fn(str(spoiled))
    assert not Runs.ran


def test_config_that_is_not_there_or_not_json_is_told(inference: ModuleType, spoiled: Path) -> None:
    (spoiled / "config.json").write_text("{")
    with pytest.raises(inference.ModelFileError, match="JSON"):
        inference.model_fn(str(spoiled))
    (spoiled / "config.json").unlink()
    with pytest.raises(inference.ModelFileError, match="cannot be read"):
        inference.model_fn(str(spoiled))
