"""A folder of labelled images: ROOT/{train,valid,test}/CLASS/IMAGE, listed and checked.

The layout of torchvision's ImageFolder, three times:
https://pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from training.errors import DatasetError

SPLITS: Final = ("train", "valid", "test")
SUFFIXES: Final = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".webp"})

# What file managers leave behind is no mistake of the person who gathered the images.
_LITTER: Final = frozenset({"desktop.ini", "thumbs.db"})


@dataclass(frozen=True, slots=True)
class Image:
    """A file, and the index of its class in the sorted names of all classes."""

    path: Path
    label: int


@dataclass(frozen=True, slots=True)
class Folder:
    """The class names, sorted, and the images of each split, sorted by class and file name."""

    classes: tuple[str, ...]
    train: tuple[Image, ...]
    valid: tuple[Image, ...]
    test: tuple[Image, ...]

    def digest(self) -> int:
        """Return a number (32 bits) that hosts share when they list the same names."""
        images = (*self.train, *self.valid, *self.test)
        names = "\n".join(f"{image.label}/{image.path.name}" for image in images)
        return zlib.crc32(names.encode())


def split_folders(root: Path | None, environ: Mapping[str, str]) -> dict[str, Path]:
    """Return the folder of each split: its own SageMaker channel, or its place below the root.

    Channels: https://docs.aws.amazon.com/sagemaker/latest/dg/model-train-storage.html
    """
    folders: dict[str, Path] = {}
    for split in SPLITS:
        channel = environ.get(f"SM_CHANNEL_{split.upper()}")
        if channel is not None:
            folders[split] = Path(channel)
        elif root is not None:
            folders[split] = root / split
        else:
            raise DatasetError(
                f"no folder for the {split} split: give --data DIR with train/, valid/ and test/, "
                f"or set SM_CHANNEL_TRAINING or SM_CHANNEL_{split.upper()}"
            )
    return folders


def read_folders(folders: Mapping[str, Path]) -> Folder:
    """Return what stands in the three splits; raises DatasetError at the first thing wrong."""
    names = {split: _class_names(folders[split], split) for split in SPLITS}
    for split in SPLITS[1:]:
        _same_classes(names["train"], names[split], folders[split])
    listed = {split: tuple(_images(folders[split], names[split])) for split in SPLITS}
    return Folder(classes=names["train"], **listed)


def _class_names(folder: Path, split: str) -> tuple[str, ...]:
    if not folder.is_dir():
        raise DatasetError(
            f"{folder}: no such folder: the images of the {split} split go there, "
            "one subfolder for each class"
        )
    names = []
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            names.append(entry.name)
        elif not _is_litter(entry):
            raise DatasetError(
                f"{entry}: a file beside the class folders has no label: "
                "move it into the folder of its class, or delete it"
            )
    if not names:
        raise DatasetError(f"{folder}: holds no class: make one subfolder for each class")
    return tuple(names)


def _same_classes(expected: tuple[str, ...], found: tuple[str, ...], folder: Path) -> None:
    missing = sorted(set(expected) - set(found))
    unknown = sorted(set(found) - set(expected))
    if missing:
        raise DatasetError(
            f"{folder}: class {missing[0]!r} of the train split is missing: "
            "every split needs every class, under the same name"
        )
    if unknown:
        raise DatasetError(
            f"{folder / unknown[0]}: the train split has no class {unknown[0]!r}: "
            "rename the folder, or add the class to every split"
        )


def _images(folder: Path, names: tuple[str, ...]) -> list[Image]:
    images: list[Image] = []
    for label, name in enumerate(names):
        found = [_checked(path) for path in sorted((folder / name).iterdir())]
        paths = [path for path in found if path is not None]
        if not paths:
            raise DatasetError(
                f"{folder / name}: holds no image: put images there, "
                "or delete the class from every split"
            )
        images.extend(Image(path, label) for path in paths)
    return images


def _checked(path: Path) -> Path | None:
    """Return the path of an image, None for litter; raises DatasetError for anything else."""
    if _is_litter(path):
        return None
    if path.is_dir():
        raise DatasetError(
            f"{path}: a folder inside a class: images stand in the class folder itself"
        )
    if path.suffix.lower() not in SUFFIXES:
        raise DatasetError(
            f"{path}: not an image by its name: delete it, or convert it to one of "
            + " ".join(sorted(SUFFIXES))
        )
    if path.stat().st_size == 0:
        raise DatasetError(f"{path}: the file is empty: copy it again, or delete it")
    return path


def _is_litter(path: Path) -> bool:
    return path.name.startswith(".") or path.name.lower() in _LITTER
