import shutil
from pathlib import Path

import pytest

pytest.importorskip("PIL", reason="training is an extra: pip install -e '.[training]'")

from training.errors import DatasetError
from training.folders import SPLITS, read_folders, split_folders


@pytest.fixture
def folder(few: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(few, tmp_path / "own"))


def reading(folder: Path) -> str:
    """Return what reading the folder is refused with."""
    with pytest.raises(DatasetError) as refused:
        read_folders(split_folders(folder, {}))
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_classes_are_sorted_and_labels_are_their_indices(few: Path) -> None:
    found = read_folders(split_folders(few, {}))
    assert found.classes == ("breed-000", "breed-001", "breed-002")
    assert [image.label for image in found.train] == [0] * 8 + [1] * 8 + [2] * 8
    assert all(found.classes[image.label] == image.path.parent.name for image in found.test)
    assert (len(found.valid), len(found.test)) == (12, 12)


def test_a_split_may_be_a_channel_of_its_own(few: Path) -> None:
    folders = split_folders(few, {"SM_CHANNEL_VALID": "/opt/ml/input/data/valid"})
    assert folders["valid"] == Path("/opt/ml/input/data/valid")
    assert folders["train"] == few / "train"


def test_no_folder_at_all_names_the_option_and_the_channel() -> None:
    with pytest.raises(DatasetError, match=r"--data DIR .* SM_CHANNEL_TRAINING"):
        split_folders(None, {})


def test_litter_of_file_managers_is_passed_over(folder: Path) -> None:
    before = read_folders(split_folders(folder, {}))
    (folder / "train" / ".DS_Store").write_bytes(b"x")
    (folder / "train" / "breed-000" / "Thumbs.db").write_bytes(b"x")
    assert read_folders(split_folders(folder, {})) == before


@pytest.mark.parametrize("split", SPLITS)
def test_a_missing_split(folder: Path, split: str) -> None:
    shutil.rmtree(folder / split)
    assert f"{folder / split}: no such folder" in reading(folder)


def test_a_split_without_classes(folder: Path) -> None:
    shutil.rmtree(folder / "train")
    (folder / "train").mkdir()
    assert "holds no class: make one subfolder for each class" in reading(folder)


def test_an_empty_class(folder: Path) -> None:
    shutil.rmtree(folder / "valid" / "breed-001")
    (folder / "valid" / "breed-001").mkdir()
    assert reading(folder).startswith(f"{folder / 'valid' / 'breed-001'}: holds no image")


def test_a_class_that_one_split_lacks(folder: Path) -> None:
    shutil.rmtree(folder / "test" / "breed-002")
    assert "class 'breed-002' of the train split is missing" in reading(folder)


def test_a_class_under_another_name(folder: Path) -> None:
    (folder / "valid" / "breed-3").mkdir()
    assert reading(folder).startswith(f"{folder / 'valid' / 'breed-3'}: the train split has no")


def test_an_image_without_a_label(folder: Path) -> None:
    (folder / "train" / "dog.jpg").write_bytes(b"x")
    assert "a file beside the class folders has no label" in reading(folder)


def test_a_file_that_is_no_image_by_its_name(folder: Path) -> None:
    (folder / "train" / "breed-000" / "notes.txt").write_text("x")
    assert "not an image by its name" in reading(folder)


def test_a_folder_inside_a_class(folder: Path) -> None:
    (folder / "train" / "breed-000" / "more").mkdir()
    assert "a folder inside a class" in reading(folder)


def test_an_empty_file(folder: Path) -> None:
    (folder / "train" / "breed-000" / "0000.png").write_bytes(b"")
    assert "the file is empty" in reading(folder)


def test_hosts_that_list_other_names_have_another_digest(folder: Path) -> None:
    before = read_folders(split_folders(folder, {})).digest()
    (folder / "train" / "breed-000" / "0000.png").unlink()
    assert read_folders(split_folders(folder, {})).digest() != before
