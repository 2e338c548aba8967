"""A data set of 133 invented breeds, five of them well known and the others seen once."""

import random
from pathlib import Path

from training.folders import SPLITS
from training.synthetic import draw, write_breeds

CLASSES = 133
KNOWN = tuple(f"breed-{number:03d}" for number in range(0, CLASSES, 27))
"""Five classes, as far apart as 133 allow."""

SIDE = 32
_IMAGES = {"train": 22, "valid": 6, "test": 8}


def write(folder: Path) -> None:
    """Write an image a split of each breed, and more of the known ones.

    The training images divide by two, so that two ranks leave none out.
    """
    write_breeds(folder, classes=CLASSES, images=len(SPLITS), side=SIDE)
    for breed in KNOWN:
        number = int(breed.removeprefix("breed-"))
        for split, images in _IMAGES.items():
            for image in range(1, images):
                rng = random.Random(f"{split}/{breed}/{image}")  # noqa: S311  # no secret
                path = folder / split / breed / f"{image:04d}.png"
                draw(number / CLASSES, SIDE, rng).save(path)
