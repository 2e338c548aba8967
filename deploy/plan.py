"""The whole pipeline as a pipeline file: what is to be called, in order. Nothing is."""

from collections.abc import Iterator

from deploy import functions, hosting, notebooks, roles, storage, watching
from deploy.config import Config, ConfigError
from deploy.names import Names
from deploy.pipeline import Pipeline, Step


def plan(config: Config, *, model_data: str, lambda_zip: bytes) -> Pipeline:
    """Return the steps that make the pipeline; the same arguments give the same file.

    `model_data` is the S3 address of a model.tar.gz, `lambda_zip` the function's code.
    """
    if not (model_data.startswith("s3://") and model_data.endswith(".tar.gz")):
        raise ConfigError(f"model-data: {model_data!r}: give s3://BUCKET/.../model.tar.gz")
    names = Names(config)
    made = tuple(_steps(names, model_data=model_data, lambda_zip=lambda_zip))
    return Pipeline(account=config.account, region=config.region, steps=made)


def model_address(config: Config) -> str:
    """Return where the model is looked for, if nobody says: in the bucket for models."""
    return f"s3://{Names(config).bucket('models')}/model.tar.gz"


def _steps(names: Names, *, model_data: str, lambda_zip: bytes) -> Iterator[Step]:
    """Yield first what costs nothing and warns of costs, last what is paid for by the hour."""
    yield from watching.budget_steps(names)
    yield from watching.topic_steps(names)
    yield from storage.steps(names)
    yield from roles.steps(names, model_data=model_data)
    yield from functions.steps(names, code=lambda_zip)
    yield from watching.alarm_steps(names)
    yield from hosting.steps(names, model_data=model_data)
    yield from notebooks.steps(names)
