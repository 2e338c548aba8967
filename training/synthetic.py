"""Invented breeds for first runs and tests: images that a network can tell apart in seconds.

    python -m training.synthetic --out breeds --classes 5 --images 40

A breed is a hue and the angle of its stripes; what varies from image to image is the width and
phase of the stripes, the brightness, and noise. The same arguments write the same pixels.
"""

import argparse
import colorsys
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image as Pillow
from PIL import ImageChops

from training.errors import TrainingError
from training.folders import SPLITS

# Of all images of a class: what is held back to choose by, and to judge by once.
_HELD_BACK: Final = {"valid": 1 / 4, "test": 1 / 4}


def write_breeds(out: Path, *, classes: int, images: int, side: int, seed: int = 0) -> None:
    """Write train/, valid/ and test/ under `out`: `images` PNG files a class, `side` pixels square.

    A quarter of them is for validation, another for the test, at least one each.
    """
    if out.exists() and any(out.iterdir()):
        raise TrainingError(f"{out}: is not empty: name a new folder, or empty it")
    counts = {split: max(1, int(images * part)) for split, part in _HELD_BACK.items()}
    counts["train"] = images - sum(counts.values())
    if counts["train"] < 1 or classes < 1:
        raise TrainingError(f"{classes} classes of {images} images: give at least 1 and 3")
    for split in SPLITS:
        for breed in range(classes):
            folder = out / split / f"breed-{breed:03d}"
            folder.mkdir(parents=True)
            for number in range(counts[split]):
                rng = random.Random(f"{seed}/{split}/{breed}/{number}")  # noqa: S311  # no secret
                draw(breed / classes, side, rng).save(folder / f"{number:04d}.png")


def draw(breed: float, side: int, rng: random.Random) -> Pillow.Image:
    """Return an image of a breed (0 <= breed < 1), `side` pixels wide and high."""
    angle = math.pi * breed
    period = side * rng.uniform(0.15, 0.25)
    phase = rng.uniform(0, math.tau)
    across = (math.cos(angle) * math.tau / period, math.sin(angle) * math.tau / period)
    value = rng.uniform(0.6, 1.0)
    light, dark = _colour(breed, 0.8, value), _colour(breed, 0.8, value / 3)
    pixels = bytearray()
    for y in range(side):
        for x in range(side):
            bright = math.sin(x * across[0] + y * across[1] + phase) > 0
            pixels += light if bright else dark
    picture = Pillow.frombytes("RGB", (side, side), bytes(pixels))
    noise = Pillow.frombytes("RGB", (side, side), rng.randbytes(side * side * 3))
    return ImageChops.blend(picture, noise, 0.15)


def _colour(hue: float, saturation: float, value: float) -> bytes:
    return bytes(round(channel * 255) for channel in colorsys.hsv_to_rgb(hue, saturation, value))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the images that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m training.synthetic", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--out", type=Path, required=True, help="folder to make")
    parser.add_argument("--classes", type=int, default=5, help="breeds (default %(default)s)")
    parser.add_argument("--images", type=int, default=40, help="images a breed, all splits (40)")
    parser.add_argument("--side", type=int, default=64, help="pixels square (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other images")
    given = parser.parse_args(arguments)
    try:
        write_breeds(
            given.out,
            classes=given.classes,
            images=given.images,
            side=given.side,
            seed=given.seed,
        )
    except TrainingError as error:
        parser.error(str(error))
    print(f"wrote {given.classes} breeds of {given.images} images to {given.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
