"""Configurations of the pipeline that the tests share: as it comes, full, and scaled."""

from collections.abc import Mapping
from typing import Any, Final

from deploy.config import Autoscaling, Config, Vpc
from deploy.pipeline import Pipeline
from deploy.plan import model_address, plan

ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"
KEY: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd"
ZIP: Final = b"PK\x05\x06" + bytes(18)  # an empty archive
VPC: Final = Vpc(subnet="subnet-0a1b", security_groups=("sg-0a1b",))
SCALING: Final = Autoscaling(min_instances=1, max_instances=3, measured_rps=20)


def config(**changes: Any) -> Config:
    given = {"account": ACCOUNT, "region": REGION, "alarm_address": "you@example.com"}
    return Config(**(given | changes))


VARIANTS: Final[Mapping[str, Config]] = {
    "as it comes": config(),
    "notebook": config(vpc=VPC),
    "everything": config(
        vpc=VPC,
        kms_key=KEY,
        data_capture=True,
        allowed_image_hosts=("images.example.com",),
    ),
    "scaled": config(instance_type="ml.m5.large", autoscaling=SCALING),
    "abroad": config(region="eu-west-1", vpc=VPC),
}


def planned(wanted: Config | None = None, **changes: Any) -> Pipeline:
    made = wanted or config(**changes)
    return plan(made, model_data=model_address(made), lambda_zip=ZIP)


def parameters(pipeline: Pipeline, step: str) -> Mapping[str, Any]:
    (found,) = (one.parameters for one in pipeline.steps if one.id == step)
    return found
