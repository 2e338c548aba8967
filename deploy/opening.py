"""What apply, destroy and status begin with: a pipeline file and a session; and how they fail."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import click
from botocore.exceptions import BotoCoreError

from deploy.errors import DeployError
from deploy.pipeline import SCHEMA_VERSION, Pipeline, from_json


def session_of(
    file: str, profile: str | None, region: str | None
) -> tuple[Pipeline, boto3.Session]:
    """Return the pipeline of a file (`-`: standard input) and a session of boto3."""
    pipeline = read_pipeline(file)
    try:
        return pipeline, boto3.Session(profile_name=profile, region_name=region)
    except BotoCoreError as error:
        raise click.UsageError(str(error)) from error


def read_pipeline(file: str) -> Pipeline:
    """Return the pipeline of a file; raises click's UsageError, which names what is wrong."""
    try:
        with click.open_file(file, encoding="utf-8") as stream:
            content = json.load(stream)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{file}: cannot be read as a pipeline file: {error}") from error
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version != SCHEMA_VERSION:
        raise click.UsageError(
            f"{file}: schema_version: {SCHEMA_VERSION} was expected, {version!r} was found"
        )
    try:
        return from_json(content)
    except (KeyError, TypeError) as error:
        raise click.UsageError(f"{file}: is no pipeline file: {error}") from error


@contextmanager
def opened() -> Iterator[None]:
    """Turn what stops a deployment into a message and exit code 1."""
    try:
        yield
    except DeployError as error:
        raise click.ClickException(str(error)) from error
