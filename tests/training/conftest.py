"""Small images, one thread, and the settings of torch put back after each test."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Two ranks on a small machine would otherwise wait for one another's threads; and sums come
    # out the same in every process that adds in the same order.
    torch = pytest.importorskip("torch")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    # What a caught error still holds would keep its workers until the end of the session.
    gc.collect()
    torch.use_deterministic_algorithms(False)


@pytest.fixture(autouse=True)
def no_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "SM_HOSTS", "SM_MODEL_DIR", "SM_CHANNEL_TRAINING"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def breeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 5 synthetic classes, 32 train, 16 valid and 16 test images of each."""
    pytest.importorskip("PIL")
    from training.synthetic import write_breeds

    folder = tmp_path_factory.mktemp("breeds")
    write_breeds(folder, classes=5, images=64, side=32)
    return folder


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 3 synthetic classes, 8 train, 4 valid and 4 test images of each."""
    pytest.importorskip("PIL")
    from training.synthetic import write_breeds

    folder = tmp_path_factory.mktemp("few")
    write_breeds(folder, classes=3, images=16, side=32)
    return folder
