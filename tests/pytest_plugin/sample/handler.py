"""A Lambda function: puts what it is told under a key of the day, and tells a topic."""

import json
import os
from typing import Any

import boto3


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    key = f"{event['day']}/{event['name']}.json"
    boto3.client("s3").put_object(
        Bucket=os.environ["BUCKET"], Key=key, Body=json.dumps(event).encode()
    )
    boto3.client("sns").publish(TopicArn=os.environ["TOPIC"], Message=key)
    return {"key": key}


def latest(day: str) -> list[str]:
    """Return the keys of a day, page by page."""
    pages = boto3.client("s3").get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=os.environ["BUCKET"], Prefix=f"{day}/")
    return [one["Key"] for page in found for one in page.get("Contents", ())]
