"""Images as tensors: decoded when asked for, turned upright, resized, cropped, normalised.

Pillow and torch only: torchvision does not install everywhere that torch does.
"""

import math
import random
from collections.abc import Sequence
from typing import Final

import torch
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError
from torch import Tensor
from torch.utils.data import Dataset

from training.errors import DatasetError
from training.folders import Image

# Of the ImageNet training set, channels red, green, blue in 0..1. Every torchvision checkpoint
# expects them: https://pytorch.org/vision/stable/models.html
MEAN: Final = (0.485, 0.456, 0.406)
STD: Final = (0.229, 0.224, 0.225)

# Evaluation resizes the shorter side to 256 and crops 224 (He et al. 2015, "Deep Residual
# Learning for Image Recognition", section 4.1); other sizes keep the proportion.
_RESIZE_RATIO: Final = 256 / 224

# Random crops: area and aspect ratio as in Szegedy et al. 2014, "Going Deeper with Convolutions",
# section 6, but never below a third of the area: breeds differ in what a small crop loses.
_AREA: Final = (0.35, 1.0)
_ASPECT: Final = (3 / 4, 4 / 3)


def resize_of(image_size: int) -> int:
    """Return the shorter side, in pixels, that an image is resized to before its centre crop."""
    return round(image_size * _RESIZE_RATIO)


def decode(image: Image) -> Pillow.Image:
    """Return the picture: upright by its EXIF orientation, RGB, fully decoded."""
    try:
        with Pillow.open(image.path) as opened:
            return ImageOps.exif_transpose(opened).convert("RGB")
    except UnidentifiedImageError as error:
        raise DatasetError(
            f"{image.path}: not an image, whatever its name says: replace or delete it"
        ) from error
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
        # Pillow raises SyntaxError for broken PNG chunks, OSError for truncated files.
        raise DatasetError(
            f"{image.path}: cannot be decoded ({error}): copy it again, replace it, or delete it"
        ) from error


def to_tensor(picture: Pillow.Image) -> Tensor:
    """Return the picture normalised: float32, shape (3, height, width)."""
    width, height = picture.size
    pixels = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    values = pixels.view(height, width, 3).permute(2, 0, 1).float().div(255)
    return values.sub(torch.tensor(MEAN).view(3, 1, 1)).div(torch.tensor(STD).view(3, 1, 1))


def centre_crop(picture: Pillow.Image, image_size: int) -> Pillow.Image:
    """Return the middle, image_size pixels wide and high, of the picture resized for it."""
    width, height = picture.size
    scale = resize_of(image_size) / min(width, height)
    box_side = image_size / scale
    left, top = (width - box_side) / 2, (height - box_side) / 2
    box = (left, top, left + box_side, top + box_side)
    return picture.resize((image_size, image_size), Pillow.Resampling.BILINEAR, box=box)


def random_crop(picture: Pillow.Image, image_size: int, rng: random.Random) -> Pillow.Image:
    """Return a random part, stretched to image_size pixels wide and high, half of them mirrored."""
    width, height = picture.size
    area = width * height * rng.uniform(*_AREA)
    aspect = math.exp(rng.uniform(*(math.log(bound) for bound in _ASPECT)))
    crop_width = min(width, math.sqrt(area * aspect))
    crop_height = min(height, math.sqrt(area / aspect))
    left = rng.uniform(0, width - crop_width)
    top = rng.uniform(0, height - crop_height)
    box = (left, top, left + crop_width, top + crop_height)
    part = picture.resize((image_size, image_size), Pillow.Resampling.BILINEAR, box=box)
    return ImageOps.mirror(part) if rng.random() < 1 / 2 else part


class EvaluationImages(Dataset[tuple[Tensor, int]]):
    """The images of a split as the served model will see them: centre crop, nothing random."""

    def __init__(self, images: Sequence[Image], image_size: int) -> None:
        self._images = images
        self._image_size = image_size

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return the image, float32 (3, image_size, image_size), and its label."""
        image = self._images[index]
        return to_tensor(centre_crop(decode(image), self._image_size)), image.label


class TrainingImages(Dataset[tuple[Tensor, int]]):
    """The images of a split, cropped and mirrored at random, differently in each epoch.

    What happens to an image depends on seed, epoch and index, and neither on the rank that draws
    it nor on the worker that decodes it: any number of processes sees the same pictures.
    """

    def __init__(self, images: Sequence[Image], image_size: int, *, seed: int) -> None:
        self._images = images
        self._image_size = image_size
        self._seed = seed
        self.epoch = 0

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return the image, float32 (3, image_size, image_size), and its label."""
        image = self._images[index]
        # A string is hashed by its text: tuples would depend on PYTHONHASHSEED.
        rng = random.Random(f"{self._seed}/{self.epoch}/{index}")  # noqa: S311  # no secret
        return to_tensor(random_crop(decode(image), self._image_size, rng)), image.label
