"""From images to answers: what training writes, deploy packs, and a container answers."""

import json
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training is an extra: pip install -e '.[training]'")

ROOT = Path(__file__).parents[1]
CLASSES = 5
READY = """
import sys
from pathlib import Path
from training.serve import server
with server(Path(sys.argv[1]), 0) as serving:
    print(serving.server_port, flush=True)
    serving.serve_forever()
"""


def run(*arguments: str) -> None:
    command = [sys.executable, "-m", *arguments]
    subprocess.run(  # noqa: S603  # our own code
        command, cwd=ROOT, check=True, capture_output=True, timeout=500
    )


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images") / "breeds"
    run("training.synthetic", "--out", str(folder), "--classes", str(CLASSES))
    return folder


@pytest.fixture(scope="module")
def model(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train, pack, and unpack as SageMaker does."""
    work = tmp_path_factory.mktemp("model")
    options = ("--image-size", "64", "--epochs", "5", "--batch-size", "16", "--workers", "0")
    trained, archive = work / "trained", work / "model.tar.gz"
    run("training.train", "--data", str(images), "--model-dir", str(trained), *options)
    run("deploy.package", "--model-dir", str(trained), "-o", str(archive))
    with tarfile.open(archive) as packed:
        packed.extractall(work / "opt", filter="data")
    return work / "opt"


@contextmanager
def serving(model: Path) -> Iterator[str]:
    command = [sys.executable, "-c", READY, str(model)]
    with subprocess.Popen(  # noqa: S603  # our own code
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/invocations"
        process.terminate()


def scores(url: str, image: Path) -> list[float]:
    request = urllib.request.Request(  # noqa: S310  # our own, on loopback
        url, image.read_bytes(), {"Content-Type": f"image/{_kind(image)}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        ((*found,),) = json.load(answer)
    return [float(score) for score in found]


def _kind(image: Path) -> str:
    return "png" if image.suffix == ".png" else "jpeg"


def test_a_trained_model_is_served_and_knows_its_breeds(images: Path, model: Path) -> None:
    classes = json.loads((model / "config.json").read_text(encoding="utf-8"))["classes"]
    tests = sorted(path for path in (images / "test").rglob("*") if path.is_file())
    right = 0
    with serving(model) as url:
        for image in tests:
            found = scores(url, image)
            assert len(found) == CLASSES
            right += classes[found.index(max(found))] == image.parent.name
    assert right >= 0.9 * len(tests)
