import json
from typing import Any

import pytest

from mlguard.errors import DocumentError
from mlguard.iam.language.document import (
    OPERATORS,
    ConditionTest,
    Document,
    Effect,
    Principals,
    Statement,
    from_json,
    parse,
)
from mlguard.iam.language.documents import Documents
from tests.iam.documents import GONE, SOUND, fault, managed, read, statement, text


def test_a_document_is_read_into_frozen_types() -> None:
    document = parse(
        text(
            statement(
                Sid="Read",
                Action=["s3:Get*", "s3:ListBucket"],
                Condition={"ForAllValues:StringLikeIfExists": {"aws:TagKeys": ["a", "b"]}},
            ),
            Id="policy",
        )
    )
    assert document == Document(
        version="2012-10-17",
        id="policy",
        statements=(
            Statement(
                index=0,
                sid="Read",
                effect=Effect.ALLOW,
                actions=("s3:Get*", "s3:ListBucket"),
                resources=("arn:aws:s3:::bucket/*",),
                conditions=(
                    ConditionTest(
                        operator="StringLike",
                        qualifier="ForAllValues",
                        if_exists=True,
                        key="aws:TagKeys",
                        values=("a", "b"),
                    ),
                ),
            ),
        ),
    )
    assert hash(document)


def test_every_managed_policy_of_aws_parses() -> None:
    assert len(managed()) > 1000
    for name, document in managed():
        statements = parse(document).statements
        assert [found.index for found in statements] == list(range(len(statements))), name


def test_a_statement_may_stand_without_a_list() -> None:
    assert parse(json.dumps({"Statement": SOUND})) == parse(json.dumps({"Statement": [SOUND]}))


def test_one_value_and_a_list_of_one_are_the_same() -> None:
    listed = read(Action=["s3:GetObject"], Resource=["arn:aws:s3:::bucket/*"])
    assert listed == read()
    assert listed.locator == read().locator


def test_a_document_without_version_is_of_2008_and_has_no_variables() -> None:
    document = parse(json.dumps({"Statement": SOUND}))
    assert document.version == "2008-10-17"
    assert not document.has_variables
    assert parse(text(SOUND)).has_variables


def test_not_elements_are_told_from_empty_ones() -> None:
    found = read(Action=GONE, NotAction="iam:*", Resource=GONE, NotResource=["*"], Effect="Deny")
    assert (found.actions, found.not_actions) == ((), ("iam:*",))
    assert (found.resources, found.not_resources) == ((), ("*",))
    assert (read().not_actions, read().not_resources) == (None, None)


def test_a_trust_statement_has_no_resource() -> None:
    found = read(Resource=GONE, Principal={"Service": "lambda.amazonaws.com"})
    assert (found.resources, found.not_resources) == ((), None)
    assert found.principals == Principals(service=("lambda.amazonaws.com",))
    assert found.not_principals is None


@pytest.mark.parametrize("anyone", ["*", {"AWS": "*"}, {"AWS": ["123456789012", "*"]}])
def test_anyone_is_seen_however_it_is_written(anyone: object) -> None:
    found = read(Principal=anyone)
    assert found.principals is not None
    assert found.principals.anyone


def test_a_star_for_a_service_is_not_anyone() -> None:
    assert read(Principal={"Service": "*"}).principals == Principals(service=("*",))


def test_all_kinds_of_principals_are_read() -> None:
    found = read(
        NotPrincipal={
            "AWS": ["arn:aws:iam::123456789012:root", "210987654321"],
            "Federated": "cognito-identity.amazonaws.com",
            "CanonicalUser": "79a59d",
        },
        Effect="Deny",
    )
    assert found.not_principals == Principals(
        aws=("arn:aws:iam::123456789012:root", "210987654321"),
        federated=("cognito-identity.amazonaws.com",),
        canonical=("79a59d",),
    )


def test_values_of_a_condition_become_text_as_aws_compares_them() -> None:
    document = '{"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"Bool": {"a:b": \
        [true, false, 10, 1.50, 1e400, -0, "x", ""]}}}}'
    (test,) = parse(document).statements[0].conditions
    assert test.values == ("true", "false", "10", "1.50", "1e400", "-0", "x", "")
    long = parse(document.replace("10,", "1" * 10_000 + ","))
    assert long.statements[0].conditions[0].values[2] == "1" * 10_000


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_every_operator_takes_its_prefixes_and_suffix(operator: str) -> None:
    suffixes = ("",) if operator == "Null" else ("", "IfExists")
    for prefix in ("", "ForAllValues:", "ForAnyValue:"):
        for suffix in suffixes:
            written = f"{prefix}{operator}{suffix}"
            (test,) = read(Condition={written: {"aws:x": "true"}}).conditions
            assert (test.written, test.operator) == (written, operator)
            assert test.if_exists is bool(suffix)


def test_an_empty_condition_tests_nothing() -> None:
    assert read(Condition={}).conditions == ()
    assert read(Condition={"StringEquals": {}}).conditions == ()


@pytest.mark.parametrize("action", ["*", "*:*", "s3:*", "s3:?et*", "iot-data:X", "a.b:C", "s3:"])
def test_legal_actions_are_taken(action: str) -> None:
    assert read(Action=action).actions == (action,)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"Effect": "allow"}, "Effect"),
        ({"Effect": GONE}, "Effect"),
        ({"Effect": None}, "Effect"),
        ({"Effect": ["Allow"]}, "Effect"),
        ({"Action": GONE}, ""),
        ({"NotAction": "s3:*"}, "NotAction"),
        ({"NotResource": "*"}, "NotResource"),
        ({"Principal": "*", "NotPrincipal": "*"}, "NotPrincipal"),
        ({"Actions": "s3:*"}, "Actions"),
        ({"action": "s3:*"}, "action"),
        ({"Action": []}, "Action"),
        ({"Action": ""}, "Action"),
        ({"Action": {}}, "Action"),
        ({"Action": 5}, "Action"),
        ({"Action": None}, "Action"),
        ({"Action": ["s3:*", 5]}, "Action[1]"),
        ({"Action": ["s3:*", None]}, "Action[1]"),
        ({"Action": ["s3:*", ["s3:*"]]}, "Action[1]"),
        ({"Action": ["s3:*", "GetObject"]}, "Action[1]"),
        ({"Action": "**"}, "Action"),
        ({"Action": "s*:Get"}, "Action"),
        ({"Action": "s?:Get"}, "Action"),
        ({"Action": " s3:Get"}, "Action"),
        ({"Action": "s3:Get, s3:Put"}, "Action"),
        ({"Action": "\u00e9c2:Run"}, "Action"),
        ({"Action": ":Get"}, "Action"),
        ({"Action": GONE, "NotAction": ["s3"]}, "NotAction[0]"),
        ({"Resource": []}, "Resource"),
        ({"Resource": ""}, "Resource"),
        ({"Resource": ["*", ""]}, "Resource[1]"),
        ({"Resource": ["*", True]}, "Resource[1]"),
        ({"Resource": GONE, "NotResource": []}, "NotResource"),
        ({"Sid": 1}, "Sid"),
        ({"Sid": None}, "Sid"),
        ({"Sid": "\ud800"}, "Sid"),
        ({"Principal": "arn:aws:iam::123456789012:root"}, "Principal"),
        ({"Principal": ["*"]}, "Principal"),
        ({"Principal": {}}, "Principal"),
        ({"Principal": {"User": "*"}}, "Principal.User"),
        ({"Principal": {"AWS": []}}, "Principal.AWS"),
        ({"Principal": {"AWS": ["*", 1]}}, "Principal.AWS[1]"),
        ({"Condition": []}, "Condition"),
        ({"Condition": "x"}, "Condition"),
        ({"Condition": {"Equals": {"a:b": "c"}}}, "Condition.Equals"),
        ({"Condition": {"stringequals": {"a:b": "c"}}}, "Condition.stringequals"),
        ({"Condition": {"NullIfExists": {"a:b": "true"}}}, "Condition.NullIfExists"),
        ({"Condition": {"ForSome:Bool": {"a:b": "c"}}}, "Condition.ForSome:Bool"),
        ({"Condition": {":Bool": {"a:b": "c"}}}, "Condition.:Bool"),
        ({"Condition": {"Bool": "true"}}, "Condition.Bool"),
        ({"Condition": {"Bool": {"": "true"}}}, "Condition.Bool"),
        ({"Condition": {"Bool": {"a:b": []}}}, "Condition.Bool.a:b"),
        ({"Condition": {"Bool": {"a:b": None}}}, "Condition.Bool.a:b"),
        ({"Condition": {"Bool": {"a:b": {}}}}, "Condition.Bool.a:b"),
        ({"Condition": {"Bool": {"a:b": ["x", None]}}}, "Condition.Bool.a:b[1]"),
        ({"Condition": {"Bool": {"a:b": ["x", ["y"]]}}}, "Condition.Bool.a:b[1]"),
    ],
)
def test_what_aws_rejects_is_refused_with_its_path(changes: dict[str, Any], path: str) -> None:
    bad = statement(**changes)
    place = f"Statement[1].{path}" if path else "Statement[1]"
    assert fault(text(SOUND, bad)).path == place
    alone = f"Statement.{path}" if path else "Statement"
    assert fault(json.dumps({"Statement": bad})).path == alone


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ("", "$"),
        ("nonsense", "$"),
        ("[]", "$"),
        ("null", "$"),
        ('"*"', "$"),
        ("NaN", "$"),
        (text(SOUND) + "}", "$"),
        ("{}", "Statement"),
        (json.dumps({"Version": "2012-10-17"}), "Statement"),
        (text(), "Statement"),
        (text(Statement=None), "Statement"),
        (text(Statement="x"), "Statement"),
        (text(SOUND, "afd"), "Statement[1]"),
        (text(SOUND, Version="2012-10-18"), "Version"),
        (text(SOUND, Version=None), "Version"),
        (text(SOUND, Version=20121017), "Version"),
        (text(SOUND, Version=["2012-10-17"]), "Version"),
        (text(SOUND, Id=7), "Id"),
        (text(SOUND, statement=[]), "statement"),
        (text(SOUND).replace('"Allow"', "NaN"), "Statement[0].Effect"),
        (text(SOUND, Id=float("nan")), "Id"),
        (
            text(statement(Condition={"Bool": {"a:b": float("inf")}})),
            "Statement[0].Condition.Bool.a:b",
        ),
        ('{"Id": "a", "Id": "b"}', "Id"),
        (text(SOUND).replace('"Effect"', '"Effect": "Deny", "Effect"'), "Statement[0].Effect"),
        (
            text(statement(Condition={"Bool": {}})).replace('"Bool"', '"Bool": {}, "Bool"'),
            "Statement[0].Condition.Bool",
        ),
        (text(statement(Sid="A"), SOUND, statement(Sid="A")), "Statement[2].Sid"),
    ],
)
def test_a_document_that_aws_rejects_is_refused_with_its_path(document: str, path: str) -> None:
    error = fault(document)
    assert error.path == path
    assert str(error) == f"{path}: {error.reason}"


def test_empty_sids_are_none_and_do_not_clash() -> None:
    first, second = parse(text(statement(Sid=""), statement(Sid=""))).statements
    assert first.locator == second.locator
    assert len(first.locator) == 12


@pytest.mark.parametrize("opening", ["[", '{"Statement":', '{"a":[', '[{"Statement":['])
def test_nesting_bombs_are_refused(opening: str) -> None:
    assert fault(opening * 200_000).path == "$"


def test_deep_but_closed_nesting_is_refused_where_it_begins_to_be_wrong() -> None:
    deep = "[" * 500 + "]" * 500
    document = text(SOUND).replace('"s3:GetObject"', deep)
    assert fault(document).path == "Statement[0].Action[0]"


def test_a_hostile_key_is_escaped_in_the_path() -> None:
    error = fault(text(statement(**{"\x1b[31mred\n": 1})))
    assert str(error).isprintable()
    assert len(str(fault(text(statement(**{"x" * 10_000: 1}))))) < 400


def test_what_a_loader_has_decoded_is_read_the_same() -> None:
    condition = {"NumericLessThan": {"s3:max-keys": [10, 2.5]}, "Bool": {"a:b": True}}
    document = {"Version": "2012-10-17", "Statement": [statement(Condition=condition)]}
    assert from_json(document) == parse(json.dumps(document))
    with pytest.raises(DocumentError, match="NaN"):
        from_json({"Statement": statement(Condition={"Bool": {"a:b": float("nan")}})})


def test_the_same_text_is_parsed_once() -> None:
    documents = Documents()
    assert documents.parse(text(SOUND)) is documents.parse(text(SOUND))


def test_what_is_said_of_a_document_is_asked_once_for_each() -> None:
    documents, asked = Documents(), list[str]()

    def say(document: Document) -> str:
        asked.append(document.version)
        return document.version

    for version in ("2008-10-17", "2012-10-17", "2008-10-17"):
        document = documents.parse(json.dumps({"Version": version, "Statement": [SOUND]}))
        assert documents.said(say, document) == version
    assert asked == ["2008-10-17", "2012-10-17"]


def test_fifty_thousand_statements_are_read() -> None:
    statements = [statement(Sid=f"S{at}", Action=["s3:Get*", "s3:Put*"]) for at in range(50_000)]
    document = text(*statements)
    assert len(parse(document).statements) == 50_000
