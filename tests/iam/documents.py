"""Documents to change one thing of, and how they are read or refused."""

import json
from functools import cache
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from mlguard.errors import DocumentError
from mlguard.iam.language.document import Statement, parse

SOUND = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}
GONE = object()


def statement(**changes: Any) -> dict[str, Any]:
    changed = SOUND | changes
    return {name: value for name, value in changed.items() if value is not GONE}


def text(*statements: object, **top: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)} | top)


def read(**changes: Any) -> Statement:
    (found,) = parse(text(statement(**changes))).statements
    return found


def fault(document: str) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        parse(document)
    return caught.value


@cache
def managed() -> tuple[tuple[str, str], ...]:
    policies = json.loads(aws_managed_policies_data)
    return tuple((name, json.dumps(policy["Document"])) for name, policy in policies.items())
