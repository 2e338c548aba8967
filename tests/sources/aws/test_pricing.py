import json
from typing import Any

import pytest

from mlguard.errors import SourceError
from mlguard.sources.aws import pricing
from mlguard.sources.aws.pricing import ENDPOINTS, REFRESH_ACTIONS, collect
from tests.builders.price_list import Entry, function, linux, ml
from tests.sources.aws.answers import Answers

HOME = "us-east-1"


def asked(service: str, *, region: str = HOME, **fields: str) -> dict[str, Any]:
    return {
        "ServiceCode": service,
        "FormatVersion": "aws_v1",
        "Filters": [
            {"Type": "TERM_MATCH", "Field": field, "Value": value}
            for field, value in {"regionCode": region, **fields}.items()
        ],
    }


LINUX = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}


def page(*entries: Entry, token: str | None = None) -> dict[str, Any]:
    answer = {"FormatVersion": "aws_v1", "PriceList": [json.dumps(one) for one in entries]}
    return answer if token is None else {**answer, "NextToken": token}


def give(answers: Answers, *entries: Entry) -> None:
    """Answer the four calls of a region, SageMaker's in two pages."""
    by_service: dict[str, list[Entry]] = {}
    for one in entries:
        by_service.setdefault(one["serviceCode"], []).append(one)
    ml_asked = asked("AmazonSageMaker", productFamily="ML Instance")
    first, *others = by_service.get("AmazonSageMaker", [ml(amount="0")])
    answers.give("pricing", "get_products", page(first, token="more"), **ml_asked)
    answers.give("pricing", "get_products", page(*others), NextToken="more", **ml_asked)
    on_ec2 = page(*by_service.get("AmazonEC2", ()))
    answers.give("pricing", "get_products", on_ec2, **asked("AmazonEC2", **LINUX))
    answers.give("pricing", "get_products", page(), **asked("AmazonEC2", productFamily="Storage"))
    on_lambda = page(*by_service.get("AWSLambda", ()))
    answers.give("pricing", "get_products", on_lambda, **asked("AWSLambda"))


def test_a_region_is_read_whole_page_by_page() -> None:
    answers = Answers()
    give(
        answers,
        ml(),
        ml("ml.t2.medium", "0.056", sku="SKU2"),
        linux(),
        function("AWS-Lambda-Requests", ("0", "0.0000002"), unit="Requests"),
    )
    rows, left_out = collect(answers.connection, [HOME])
    answers.all_asked()
    assert [key for _, key, _ in rows] == [
        (HOME, "ml.m5.large", "Hosting"),
        (HOME, "ml.t2.medium", "Hosting"),
        (HOME, "m5.large"),
        (HOME, "x86_64", "Requests", "0"),
    ]
    assert left_out == ()
    assert {(price.source, price.source_date) for _, _, price in rows} == {
        (pricing.SOURCE, "2026-11-20")
    }
    assert answers.connection.operations == REFRESH_ACTIONS


def test_the_api_is_in_three_regions() -> None:
    import boto3

    assert set(ENDPOINTS) <= set(boto3.Session().get_available_regions("pricing"))


def test_what_has_two_prices_is_told() -> None:
    answers = Answers()
    give(answers, ml(), ml(amount="0.2", sku="SKU2"), linux())
    rows, left_out = collect(answers.connection, [HOME])
    assert [key for _, key, _ in rows] == [(HOME, "m5.large")]
    assert left_out == ("sagemaker: us-east-1 ml.m5.large Hosting",)


def test_a_region_of_which_nothing_is_listed_is_told() -> None:
    answers = Answers()
    give(answers)
    with pytest.raises(SourceError, match="us-east-1: AWS lists no price there"):
        collect(answers.connection, [HOME])


def test_china_is_not_asked_about() -> None:
    with pytest.raises(SourceError, match=r"cn-north-1.*--from-offer"):
        collect(Answers().connection, ["cn-north-1"])


def test_a_refusal_names_the_permission_and_the_way_without_it() -> None:
    answers = Answers()
    answers.refuse("pricing", "get_products", "AccessDeniedException")
    with pytest.raises(SourceError, match=r"allow pricing:GetProducts, or .*--from-offer"):
        collect(answers.connection, [HOME])


def test_another_failure_is_told_as_it_is() -> None:
    answers = Answers()
    answers.refuse("pricing", "get_products", "InternalErrorException", "try later")
    with pytest.raises(SourceError, match=r"us-east-1 could not be read: .*try later"):
        collect(answers.connection, [HOME])


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"product": {}, "terms": {}}', "nothing"])
def test_an_entry_that_is_not_as_documented_is_no_price_and_no_silence(text: str) -> None:
    answers = Answers()
    answer = {"FormatVersion": "aws_v1", "PriceList": [text]}
    wanted = asked("AmazonSageMaker", productFamily="ML Instance")
    answers.give("pricing", "get_products", answer, **wanted)
    with pytest.raises(SourceError, match="AmazonSageMaker: the price list has an entry"):
        collect(answers.connection, [HOME])
