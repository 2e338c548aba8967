"""A configuration is refused where AWS, or the plan, could not make it so: with reason and cure."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from deploy.config import Autoscaling, Config, ConfigError, Vpc
from deploy.config_file import load
from deploy.containers import inference_image
from tests.deploy.plans import SCALING, VPC, config

EXAMPLE = Path(__file__).parents[2] / "deploy" / "example.toml"
FIRST = 'account = "123456789012"\nregion = "us-east-1"\nalarm-address = "a@example.com"\n'


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"account": "1234"}, "account: '1234' is not 12 digits"),
        ({"region": "virginia"}, "such as us-east-1"),
        ({"alarm_address": "me"}, "alarm-address: 'me' is not an e-mail address"),
        ({"name": "Dog_Breed"}, "small letters, digits and dashes"),
        ({"name": "d" * 25}, "3 to 24"),
        ({"kms_key": "alias/mine"}, "kms-key"),
        ({"autoscaling": SCALING}, "does not scale ml.t2.medium, which is burstable"),
        ({"instance_type": "ml.t3.medium"}, "SageMaker hosts no ml.t3.medium"),
        ({"instance_type": "m5.large"}, "such as ml.t2.medium"),
        ({"region": "eu-north-9"}, "give the image's URI"),
        ({"provisioned_concurrency": 6}, "6 must be less than the 5 reserved"),
        ({"provisioned_concurrency": 5}, "5 must be less than the 5 reserved"),
        ({"provisioned_concurrency": -1}, "negative"),
        ({"reserved_concurrency": 0}, "switches the function off"),
        ({"measured_p99_ms": 60_001}, "60 seconds to answer"),
        ({"memory_mb": 64}, "128 and 10240"),
        ({"log_retention_days": 31}, "keeps no 31; it takes 1, 3, 5"),
        ({"monthly_budget_usd": Decimal(0)}, "not above 0"),
        ({"allowed_image_hosts": ("https://x.org/",)}, "is no host"),
        ({"notebook_idle_minutes": 0}, "not above 0"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_what_could_not_be_made_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        config(**changes)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("least", "most", "rps", "words"),
    [
        (3, 2, 20.0, "min-instances 3 is not below max-instances 2"),
        (2, 2, 20.0, "no room to scale"),
        (0, 2, 20.0, "keeps at least 1"),
        (1, 2, 0.0, "measure what one instance bears"),
    ],
)
def test_bounds_that_do_not_scale_are_refused(
    least: int, most: int, rps: float, words: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        Autoscaling(min_instances=least, max_instances=most, measured_rps=rps)
    assert words in str(refused.value)


def test_ids_of_something_else_are_no_network() -> None:
    with pytest.raises(ConfigError, match=r"vpc\.subnet: vpc-1"):
        Vpc(subnet="vpc-1", security_groups=("sg-1",))
    with pytest.raises(ConfigError, match=r"vpc\.security-groups: none"):
        Vpc(subnet="subnet-1", security_groups=())


def test_the_target_is_half_of_what_was_measured_a_minute() -> None:
    assert SCALING.target_value == 600


@pytest.mark.parametrize(("p99_ms", "timeout_s"), [(985, 65), (48_000, 65), (60_000, 80)])
def test_the_timeout_outlasts_the_slowest_answer(p99_ms: int, timeout_s: int) -> None:
    assert config(measured_p99_ms=p99_ms).timeout_s == timeout_s


def test_a_notebook_needs_a_network_or_consent() -> None:
    assert not config().has_notebook
    assert config(vpc=VPC).has_notebook
    assert config(notebook_direct_internet=True).has_notebook


def test_of_the_burstable_types_the_api_hosts_t2_alone() -> None:
    core = botocore.session.get_session()
    hosted = core.get_service_model("sagemaker").shape_for("ProductionVariantInstanceType").enum
    assert {name[:5] for name in hosted if re.match(r"ml\.t[0-9]", name)} == {"ml.t2"}


def test_the_image_is_of_the_account_that_has_it_in_the_region() -> None:
    assert inference_image("eu-south-1") == (
        "692866216735.dkr.ecr.eu-south-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312"
    )
    china = inference_image("cn-north-1")
    assert china is not None
    assert china.startswith("727897471807.dkr.ecr.cn-north-1.amazonaws.com.cn/")


def test_the_example_is_the_defaults() -> None:
    read = load(EXAMPLE)
    assert read == Config(
        account="123456789012", region="us-east-1", alarm_address="you@example.com"
    )


def test_the_rest_of_the_example_is_right_too(tmp_path: Path) -> None:
    text = EXAMPLE.read_text().replace("## ", "").replace("##\n", "\n")
    text = text.replace('"ml.t2.medium"          #', '"ml.m5.large" #').replace("key/...", "key/1")
    path = tmp_path / "deploy.toml"
    path.write_text(text)
    read = load(path)
    assert read.vpc == Vpc(subnet="subnet-...", security_groups=("sg-...",))
    assert read.autoscaling == SCALING


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("account = ", "is no TOML"),
        (FIRST + "colour = 1", "colour: is not known; known are account, region"),
        (FIRST + "[vpc]\nid = 1", "vpc.id: is not known; known are subnet"),
        (FIRST + "[vpc]\nsubnet = 'subnet-1'", "vpc.security-groups: is missing"),
        (FIRST + "vpc = true", "write [vpc]"),
        (FIRST + "memory-mb = '128'", "memory-mb: '128' is not of the type that it needs: int"),
        (FIRST + "memory-mb = true", "memory-mb: True"),
        (FIRST + "allowed-image-hosts = 'a.b'", "a list of texts"),
        ('account = "123456789012"', "region: is missing"),
        (FIRST + "provisioned-concurrency = 9", "must be less than the 5 reserved"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_name(
    text: str, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "deploy.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load(path)
    assert str(refused.value).startswith(str(path))
    assert words in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml")


def test_money_and_rates_may_be_written_either_way(tmp_path: Path) -> None:
    path = tmp_path / "deploy.toml"
    path.write_text(FIRST + "monthly-budget-usd = 12.5")
    assert load(path).monthly_budget_usd == Decimal("12.5")
