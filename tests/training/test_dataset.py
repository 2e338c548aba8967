import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training is an extra: pip install -e '.[training]'")

from PIL import Image as Pillow

from training.dataset import (
    MEAN,
    STD,
    EvaluationImages,
    TrainingImages,
    centre_crop,
    decode,
    random_crop,
    resize_of,
    to_tensor,
)
from training.errors import DatasetError, TrainingError
from training.folders import Image, read_folders, split_folders
from training.synthetic import draw, main, write_breeds

EXIF_ORIENTATION = 0x0112


def saved(picture: Pillow.Image, path: Path, **options: object) -> Image:
    picture.save(path, **options)  # type: ignore[arg-type]  # Pillow's own options
    return Image(path, 0)


def test_values_are_normalised_as_imagenet_checkpoints_expect() -> None:
    tensor = to_tensor(Pillow.new("RGB", (4, 2), (255, 0, 51)))
    assert tensor.shape == (3, 2, 4)
    assert tensor.dtype == torch.float32
    expected = [
        (value - mean) / std for value, mean, std in zip((1, 0, 0.2), MEAN, STD, strict=True)
    ]
    assert tensor[:, 0, 0].tolist() == pytest.approx(expected, abs=1e-6)


def test_a_photograph_is_turned_upright(tmp_path: Path) -> None:
    exif = Pillow.Exif()
    exif[EXIF_ORIENTATION] = 6  # turned by 90 degrees
    picture = decode(saved(Pillow.new("RGB", (40, 20)), tmp_path / "a.jpg", exif=exif))
    assert picture.size == (20, 40)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "CMYK"])
def test_any_mode_becomes_rgb(mode: str, tmp_path: Path) -> None:
    suffix = "jpg" if mode == "CMYK" else "png"
    picture = decode(saved(Pillow.new(mode, (8, 8)), tmp_path / f"a.{suffix}"))
    assert picture.mode == "RGB"


def test_evaluation_takes_the_middle() -> None:
    wide = Pillow.new("RGB", (300, 100), (255, 0, 0))
    wide.paste((0, 0, 255), (100, 0, 200, 100))
    cropped = centre_crop(wide, 64)
    assert cropped.size == (64, 64)
    assert cropped.getpixel((2, 32)) == cropped.getpixel((61, 32)) == (0, 0, 255)


def test_the_resize_is_256_for_224() -> None:
    assert resize_of(224) == 256


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (50, 70)])
def test_any_size_is_cropped_to_the_one_asked_for(size: tuple[int, int]) -> None:
    picture = Pillow.new("RGB", size)
    for seed in range(20):
        assert random_crop(picture, 32, random.Random(seed)).size == (32, 32)
    assert centre_crop(picture, 32).size == (32, 32)


def test_a_truncated_image_is_named_with_the_cure(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    saved(draw(0.3, 64, random.Random(0)), path)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(DatasetError, match=r"a\.jpg: cannot be decoded \(.*\): copy it again"):
        decode(Image(path, 0))


@pytest.mark.parametrize("cut", [20, 40, 100])
def test_a_truncated_png_is_named_wherever_it_ends(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    saved(draw(0.3, 64, random.Random(0)), path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DatasetError, match=r"a\.png: "):
        decode(Image(path, 0))


def test_text_under_the_name_of_an_image(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_text("<html>404</html>")
    with pytest.raises(DatasetError, match="not an image, whatever its name says"):
        decode(Image(path, 0))


def test_images_are_decoded_when_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_text("no image")
    images = EvaluationImages([Image(path, 0)], 32)
    assert len(images) == 1


def test_augmentation_depends_on_seed_epoch_and_index_alone(few: Path) -> None:
    train = read_folders(split_folders(few, {})).train
    images, again = (TrainingImages(train, 32, seed=1) for _ in range(2))
    again[3]  # what was drawn before does not matter
    assert torch.equal(images[5][0], again[5][0])
    images.epoch = 1
    assert not torch.equal(images[5][0], again[5][0])
    assert not torch.equal(TrainingImages(train, 32, seed=2)[5][0], again[5][0])


def test_the_same_arguments_write_the_same_pixels(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_breeds(tmp_path / name, classes=2, images=4, side=16)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.png"))
    assert len(files) == 8
    for file in files:
        with Pillow.open(tmp_path / "a" / file) as one, Pillow.open(tmp_path / "b" / file) as two:
            assert one.tobytes() == two.tobytes()


def test_augmentation_and_breeds_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "import random; from training.synthetic import draw; import zlib;"
        "print(zlib.crc32(draw(0.5, 16, random.Random('0/train/1/0')).tobytes()))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


def test_the_generator_writes_into_a_new_folder_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--out", str(tmp_path / "a"), "--classes", "2", "--images", "4", "--side", "8"]
    assert main(arguments) == 0
    assert "wrote 2 breeds of 4 images" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(arguments)
    assert "is not empty: name a new folder" in capsys.readouterr().err


def test_too_few_images_for_three_splits(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="at least 1 and 3"):
        write_breeds(tmp_path / "a", classes=2, images=2, side=8)
