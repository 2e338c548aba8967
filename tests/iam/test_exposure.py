"""Which conditions say who may call, and which only seem to."""

import pytest

from mlguard.iam.language.document import ConditionTest, Statement, parse
from mlguard.iam.language.exposure import Exposure, exposure, restricts_who

ORG = '{"aws:PrincipalOrgID": "o-abcdefghij"}'


def statement(*, effect: str = "Allow", principal: str = '"*"', condition: str = "{}") -> Statement:
    text = (
        f'{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}", '
        f'"Principal": {principal}, "Action": "lambda:InvokeFunction", "Resource": "*", '
        f'"Condition": {condition}}}}}'
    )
    return parse(text).statements[0]


def condition(operator: str, key: str, *values: str) -> ConditionTest:
    listed = ", ".join(f'"{value}"' for value in values)
    return statement(condition=f'{{"{operator}": {{"{key}": [{listed}]}}}}').conditions[0]


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringEquals", "aws:SourceAccount", "123456789012"),
        ("StringEquals", "AWS:SourceOwner", "123456789012"),
        ("StringEquals", "aws:PrincipalOrgID", "o-abcdefghij"),
        ("StringEquals", "aws:SourceOrgID", "o-abcdefghij"),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-abcdefghij/r-ab12/*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:execute-api:us-east-1:123456789012:a1b2/*/GET/*"),
        ("ArnEquals", "aws:SourceArn", "arn:aws:s3:::models"),
        ("StringLike", "aws:SourceArn", "arn:aws:sns:*:123456789012:*"),
        ("StringLike", "aws:userid", "AROAEXAMPLEEXAMPLEXX:*"),
        ("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}"),
        ("IpAddress", "aws:SourceIp", "192.0.2.0/24"),
        ("StringEquals", "lambda:EventSourceToken", "amzn1.ask.skill.1"),
    ],
)
def test_a_fixed_party_restricts_who(operator: str, key: str, value: str) -> None:
    assert restricts_who(condition(operator, key, value))


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringNotEquals", "aws:SourceAccount", "123456789012"),
        ("StringEqualsIfExists", "aws:SourceAccount", "123456789012"),
        ("ArnLikeIfExists", "aws:SourceArn", "arn:aws:s3:::models"),
        ("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", "o-abcdefghij/"),
        ("NotIpAddress", "aws:SourceIp", "192.0.2.0/24"),
        ("IpAddress", "aws:SourceIp", "0.0.0.0/0"),
        ("IpAddress", "aws:SourceIp", "128.0.0.0/1"),
        ("IpAddress", "aws:SourceIp", "::/0"),
        ("IpAddress", "aws:SourceIp", "not an address"),
        ("StringLike", "aws:PrincipalOrgID", "o-*"),
        ("StringLike", "aws:SourceAccount", "1234*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::models*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:sns:us-east-1:*:topic"),
        ("StringLike", "aws:SourceArn", "*"),
        ("StringEquals", "aws:SourceAccount", "${aws:PrincipalAccount}"),
        ("Null", "aws:PrincipalOrgID", "false"),
        ("Bool", "aws:SecureTransport", "true"),
        ("Bool", "lambda:InvokedViaFunctionUrl", "true"),
        ("StringLike", "aws:Referer", "https://example.com/*"),
        ("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
        ("StringEquals", "lambda:FunctionUrlAuthType", "NONE"),
    ],
)
def test_what_others_satisfy_too_restricts_nobody(operator: str, key: str, value: str) -> None:
    assert not restricts_who(condition(operator, key, value))


def test_one_open_value_among_fixed_ones_opens_the_test() -> None:
    fixed, open_one = "arn:aws:sns:us-east-1:123456789012:t", "arn:aws:sns:*:*:*"
    assert not restricts_who(condition("ArnLike", "aws:SourceArn", fixed, open_one))


def test_a_wildcard_under_string_equals_is_a_plain_character() -> None:
    assert restricts_who(condition("StringEquals", "aws:SourceAccount", "*"))


@pytest.mark.parametrize("principal", ['"*"', '{"AWS": "*"}', '{"AWS": ["*", "123456789012"]}'])
def test_a_star_without_conditions_is_anyone(principal: str) -> None:
    assert exposure(statement(principal=principal)) is Exposure.ANYONE


@pytest.mark.parametrize(
    "principal", ['{"AWS": "123456789012"}', '{"Service": "s3.amazonaws.com"}']
)
def test_a_named_principal_is_not_anyone(principal: str) -> None:
    assert exposure(statement(principal=principal)) is Exposure.NAMED


def test_a_deny_of_everyone_exposes_nothing() -> None:
    assert exposure(statement(effect="Deny")) is Exposure.NAMED


def test_one_restricting_condition_beside_a_weak_one_is_enough() -> None:
    both = f'{{"Bool": {{"aws:SecureTransport": "true"}}, "StringEquals": {ORG}}}'
    assert exposure(statement(condition=both)) is Exposure.NAMED


def test_a_signature_alone_is_any_accounts() -> None:
    signed = '{"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}'
    assert exposure(statement(condition=signed)) is Exposure.ANY_ACCOUNT


def test_allowing_all_but_one_is_anyone() -> None:
    text = (
        '{"Statement": {"Effect": "Allow", "NotPrincipal": {"AWS": "123456789012"}, '
        '"Action": "lambda:InvokeFunction", "Resource": "*"}}'
    )
    assert exposure(parse(text).statements[0]) is Exposure.ANYONE
