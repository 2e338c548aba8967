"""A mocked account whose gaps are filled."""

from collections.abc import Iterator
from typing import Any

import boto3
import botocore.session
import pytest
from moto import mock_aws

from mlguard.sources.demo.gaps import fill
from tests.sources.demo.world import REGION, Demo


@pytest.fixture(scope="module")
def loader() -> Any:
    """botocore's models, read once: reading them for each test takes longer than the tests."""
    return botocore.session.get_session().get_component("data_loader")


@pytest.fixture
def demo(loader: Any) -> Iterator[Demo]:
    with mock_aws(config={"lambda": {"use_docker": False}}):
        core = botocore.session.get_session()
        core.register_component("data_loader", loader)
        session = boto3.Session(botocore_session=core, region_name=REGION)
        with fill(session) as gaps:
            yield Demo(session, gaps)
