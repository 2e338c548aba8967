"""The model archive as the endpoint unpacks it, and nothing left of it after a test."""

import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from deploy.package import MODEL_CODE, model_members, write_archive
from tests.deploy import deployed

if TYPE_CHECKING:
    import boto3


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as training leaves it: a ResNet-18 of random weights, 133 classes."""
    from tests.deploy.artifacts import write_model

    folder = tmp_path_factory.mktemp("trained")
    write_model(folder)
    return folder


@pytest.fixture(scope="session")
def archive(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not MODEL_CODE.is_file():
        pytest.skip("training/model.py is not in this checkout")
    out = tmp_path_factory.mktemp("archive") / "model.tar.gz"
    write_archive(out, model_members(trained))
    return out


@pytest.fixture(scope="session")
def unpacked(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what SageMaker makes of the archive: /opt/ml/model. Nobody writes there."""
    folder = tmp_path_factory.mktemp("unpacked") / "model"
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder


@pytest.fixture
def spoiled(unpacked: Path, tmp_path: Path) -> Path:
    """Return a copy of what was unpacked, to be spoiled."""
    return Path(shutil.copytree(unpacked, tmp_path / "model"))


@pytest.fixture
def lone_modules() -> Iterator[None]:
    """Forget, after the test, what it imported from an archive; one thread for the network."""
    pytest.importorskip("torch", reason="deploy is an extra: pip install -e '.[deploy]'")
    with deployed.lone_modules():
        yield


@pytest.fixture
def inference(
    unpacked: Path,
    lone_modules: None,  # noqa: ARG001  # for its end
    monkeypatch: pytest.MonkeyPatch,
) -> ModuleType:
    """Return code/inference.py, imported as the container imports it."""
    monkeypatch.syspath_prepend(unpacked / "code")
    import inference  # type: ignore[import-not-found]  # on the path just now

    assert Path(str(inference.__file__)).is_relative_to(unpacked)
    return inference  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the certificate of a host of the made-up internet, with its key."""
    from tests.deploy.certificates import write_certificate
    from tests.deploy.internet import HOST

    return write_certificate(tmp_path_factory.mktemp("certificates"), HOST)


@pytest.fixture
def session() -> Iterator["boto3.Session"]:
    """Yield a session for an account in memory, in which nothing stands yet."""
    from tests.deploy.account import account

    with account() as session:
        yield session
