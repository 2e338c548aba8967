"""AWS's Deep Learning Containers: which account has them in a region."""

import json
from functools import cache
from importlib.resources import files
from typing import Final

TAG: Final = "2.6.0-cpu-py312"


def inference_image(region: str) -> str | None:
    """Return the URI of the image that serves PyTorch models, None where no account is known.

    https://docs.aws.amazon.com/sagemaker/latest/dg/pre-built-containers-frameworks-deep-learning.html
    """
    account = _accounts().get(region)
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return account and f"{account}.dkr.ecr.{region}.{suffix}/pytorch-inference:{TAG}"


@cache
def _accounts() -> dict[str, str]:
    text = files("deploy").joinpath("containers.json").read_text(encoding="utf-8")
    accounts: dict[str, str] = json.loads(text)["accounts"]
    return accounts
