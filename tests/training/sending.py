"""The requests that the SageMaker SDK sends, in an AWS in memory."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import botocore.client
import pytest
from moto import mock_aws

BUCKET = "dog-work"


@contextmanager
def requests_sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Yield the requests that reach SageMaker until the end of the block, by operation."""
    import boto3

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    requests: dict[str, Any] = {}
    make = botocore.client.BaseClient._make_request

    def noted(self: Any, model: Any, request: dict[str, Any], context: Any) -> Any:
        if model.service_model.service_name == "sagemaker":
            requests[model.name] = json.loads(request["body"])
        return make(self, model, request, context)

    with mock_aws(), mock.patch.object(botocore.client.BaseClient, "_make_request", noted):
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield requests
