"""From packed weights to what a caller of the function reads, and what it reads of mistakes.

The archive lies in moto's S3 and is served by AWS's own inference toolkit; the zip is run by AWS's
own Lambda runtime client, in a process of its own, and finds the endpoint as boto3 is told to.
"""

import base64
import io
import json
import sys
import tarfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.deploy import deployed
from tests.deploy.artifacts import direct_scores, image
from tests.deploy.loopback import RuntimeApi

if sys.platform != "linux":
    pytest.skip("AWS's runtime client is built for Linux", allow_module_level=True)
pytest.importorskip("awslambdaric", reason="AWS's runtime client is not installed")
pytest.importorskip("sagemaker_pytorch_serving_container", reason="AWS's toolkit is not installed")
pytest.importorskip("moto", reason="the demo extra is not installed")

from moto import mock_aws

from tests.deploy.certificates import client_context, write_certificate
from tests.deploy.internet import HOST, Network, Server, ok


@pytest.fixture
def model_dir(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return /opt/ml/model as SageMaker makes it from the archive in S3."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="models")
        s3.upload_file(str(archive), "models", "dog-breed/model.tar.gz")
        stored = s3.get_object(Bucket="models", Key="dog-breed/model.tar.gz")["Body"].read()
    folder = tmp_path / "model"
    with tarfile.open(fileobj=io.BytesIO(stored)) as packed:
        packed.extractall(folder, filter="data")
    return folder


@pytest.fixture
def function(
    model_dir: Path,
    tmp_path: Path,
    lone_modules: None,  # noqa: ARG001  # for its end
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[RuntimeApi]:
    """Return the function, run from its zip and in front of the endpoint."""
    monkeypatch.syspath_prepend(model_dir / "code")
    with deployed.function(model_dir, tmp_path / "task") as api:
        yield api


def scores(answer: Any) -> Any:
    assert answer["statusCode"] == 200, answer
    assert answer["type-result"] == "<class 'str'>"
    return json.loads(answer["body"])


@pytest.mark.parametrize(("kind", "sent"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_an_image_comes_back_as_the_scores_of_the_network_itself(
    function: RuntimeApi, kind: str, sent: str
) -> None:
    content = image(kind)
    answer = function.invoke({"image": base64.b64encode(content).decode()})
    assert answer["COntent-Type-In"] == sent
    assert len(scores(answer)[0]) == 133
    assert scores(answer) == direct_scores(content)


def test_a_url_comes_back_as_the_scores_of_what_it_names(
    function: RuntimeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import inference  # type: ignore[import-not-found]  # from the archive

    certificate = write_certificate(tmp_path, HOST)
    content = image()
    server = Server(certificate, lambda connection: connection.sendall(ok(content)))
    network = Network(server)
    internet = partial(
        inference.Fetcher,
        resolve=network.resolve,
        connect=network.connect,
        tls=lambda: client_context(certificate),
    )
    monkeypatch.setattr(inference, "Fetcher", internet)
    monkeypatch.setenv("ALLOWED_IMAGE_HOSTS", HOST)
    try:
        answer = function.invoke({"url": f"https://{HOST}/dog.png"})
    finally:
        server.close()
    assert answer["COntent-Type-In"] == "application/json"
    assert scores(answer) == direct_scores(content)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"url": "https://169.254.169.254/latest/meta-data/"}, "does not take this image or URL"),
        ({"url": f"https://{HOST}/dog.png"}, "does not take this image or URL"),
        ({"image": base64.b64encode(image()[:200]).decode()}, "does not take this image or URL"),
        ({"breed": "poodle"}, "the event must be"),
    ],
)
def test_what_the_endpoint_refuses_is_a_400_without_its_trace(
    function: RuntimeApi, event: dict[str, str], told: str
) -> None:
    answer = function.invoke(event)
    assert answer["statusCode"] == 400
    assert told in answer["body"]
    assert "Traceback" not in json.dumps(answer)
