import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlguard.errors import ArnError
from mlguard.iam.language.arn import Arn, account_of

PART = st.text(st.characters(blacklist_characters=":", blacklist_categories=["Cs"]), max_size=8)
FILLED = PART.filter(bool)
RESOURCE = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=20)


@given(partition=FILLED, service=FILLED, region=PART, account=PART, resource=RESOURCE)
@settings(deadline=None)
def test_the_text_of_an_arn_comes_back_exactly(
    partition: str, service: str, region: str, account: str, resource: str
) -> None:
    text = f"arn:{partition}:{service}:{region}:{account}:{resource}"
    arn = Arn.parse(text)
    assert str(arn) == text
    assert arn == Arn(partition, service, region, account, resource)


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b"])
def test_every_partition_is_read(partition: str) -> None:
    arn = Arn.parse(f"arn:{partition}:sagemaker:eu-west-1:123456789012:notebook-instance/nb")
    assert arn.partition == partition
    assert (arn.service, arn.region, arn.account) == ("sagemaker", "eu-west-1", "123456789012")


@pytest.mark.parametrize(
    ("resource", "resource_type", "name"),
    [
        ("role/team/ml/trainer", "role", "trainer"),
        ("function:predict:live", "function", "live"),
        ("log-group:/aws/lambda/predict", "log-group", "predict"),
        ("root", "", "root"),
        ("bucket", "", "bucket"),
        ("endpoint/demo", "endpoint", "demo"),
    ],
)
def test_type_and_name_are_the_ends_of_the_resource(
    resource: str, resource_type: str, name: str
) -> None:
    arn = Arn.parse(f"arn:aws:any:::{resource}")
    assert arn.resource_type == resource_type
    assert arn.name == name


@pytest.mark.parametrize(
    "text",
    [
        *("", "*", "arn", "arn:aws:s3:*", "arn:aws:s3:::", "arn::s3:::bucket"),
        *("arn:aws::::bucket", "ARN:aws:s3:::bucket", " arn:aws:s3:::bucket", "123456789012"),
    ],
)
def test_what_is_no_arn_is_refused_by_name(text: str) -> None:
    with pytest.raises(ArnError, match="ARN") as caught:
        Arn.parse(text)
    assert repr(text) in str(caught.value)
    assert account_of(text) == ""


def test_a_long_text_is_shortened_in_the_error() -> None:
    with pytest.raises(ArnError) as caught:
        Arn.parse("x" * 100_000)
    assert len(str(caught.value)) < 120


def test_a_hostile_text_is_escaped_in_the_error() -> None:
    with pytest.raises(ArnError) as caught:
        Arn.parse("\x1b[31mred\n")
    assert str(caught.value).isprintable()


def test_the_account_of_an_arn_is_its_fifth_part() -> None:
    assert account_of("arn:aws-cn:iam::123456789012:role/r") == "123456789012"
    assert account_of("arn:aws:s3:::bucket") == ""
