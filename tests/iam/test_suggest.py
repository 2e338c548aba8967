import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlguard.iam.comparison.compare import Comparison, compare
from mlguard.iam.language.document import ConditionTest, Document, Effect, Statement, parse
from mlguard.iam.suggestion.need import Need
from mlguard.iam.suggestion.suggest import (
    MANAGED_LIMIT,
    ROLE_INLINE_LIMIT,
    Suggestion,
    size_of,
    suggest,
)

BUCKET = "arn:aws:s3:::data"
TLS = ConditionTest(operator="Bool", key="aws:SecureTransport", values=("true",))
MFA = ConditionTest(operator="Bool", key="aws:MultiFactorAuthPresent", values=("true",))


def need(action: str, resource: str = "*", *conditions: ConditionTest) -> Need:
    return Need(action=action, resource=resource, conditions=conditions)


def asked_for(needs: list[Need]) -> Document:
    """The needs word by word: a statement for each."""
    statements = tuple(
        Statement(
            index=at,
            effect=Effect.ALLOW,
            actions=(one.action,),
            resources=(one.resource,),
            conditions=one.conditions,
        )
        for at, one in enumerate(needs)
    )
    return Document(version="2012-10-17", statements=statements)


def exact(needs: list[Need], **options: int) -> Suggestion:
    """Suggest, and prove that nothing is wider or missing."""
    found = suggest(needs, **options)  # type: ignore[arg-type]  # only sizes are passed here
    asked = asked_for(needs)
    assert compare([asked], found.documents) == Comparison()
    assert compare(found.documents, [asked]) == Comparison()
    return found


def statements(found: Suggestion) -> list[Statement]:
    return [statement for document in found.documents for statement in document.statements]


def test_actions_on_the_same_resources_share_a_statement() -> None:
    needs = [
        need(f"s3:{name}", f"{BUCKET}/{key}") for name in ("PutObject", "GetObject") for key in "ba"
    ]
    (statement,) = statements(exact(needs))
    assert statement.actions == ("s3:GetObject", "s3:PutObject")
    assert statement.resources == (f"{BUCKET}/a", f"{BUCKET}/b")


def test_an_action_is_not_granted_on_the_resource_of_another() -> None:
    found = exact([need("s3:GetObject", f"{BUCKET}/in/*"), need("s3:PutObject", f"{BUCKET}/out/*")])
    assert len(statements(found)) == 2


def test_conditions_are_kept_apart() -> None:
    found = exact([need("s3:GetObject", BUCKET, TLS), need("s3:PutObject", BUCKET)])
    assert [statement.conditions for statement in statements(found)] == [(TLS,), ()]


def test_services_are_kept_apart_and_in_order() -> None:
    found = exact([need("xray:PutTraceSegments"), need("ec2:DescribeSubnets")])
    assert [statement.actions for statement in statements(found)] == [
        ("ec2:DescribeSubnets",),
        ("xray:PutTraceSegments",),
    ]


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (need("s3:GetObject", f"{BUCKET}/*"), need("s3:GetObject", f"{BUCKET}/in/*")),
        (need("s3:Get*", BUCKET), need("s3:getobject", BUCKET)),
        (need("s3:GetObject", BUCKET), need("s3:GetObject", BUCKET, TLS)),
        (need("s3:GetObject", BUCKET, TLS), need("s3:GetObject", BUCKET, MFA, TLS)),
        (need("*"), need("iam:GetRole", "arn:aws:iam::123456789012:role/r")),
    ],
)
def test_a_need_that_another_implies_is_left_out(wide: Need, narrow: Need) -> None:
    (statement,) = statements(exact([narrow, wide]))
    assert statement.actions == (wide.action,)


def test_one_action_in_two_spellings_is_one() -> None:
    (statement,) = statements(exact([need("S3:GetObject", BUCKET), need("s3:getobject", BUCKET)]))
    assert len(statement.actions) == 1


def test_a_wildcard_that_aws_ignores_implies_nothing() -> None:
    needs = [need("s3:GetObject", "arn:aws:*:::data"), need("s3:GetObject", BUCKET)]
    (statement,) = statements(suggest(needs))
    assert BUCKET in statement.resources


def test_no_wildcard_appears_that_no_need_has() -> None:
    needs = [need(f"s3:Get{name}", f"{BUCKET}/{at}") for at, name in enumerate(("A", "B", "C"))]
    assert "*" not in exact(needs).policies[0].text


def test_the_same_needs_in_any_order_make_the_same_policy() -> None:
    needs = [need("s3:GetObject", f"{BUCKET}/{at}", TLS, MFA) for at in range(5)]
    needs += [need("s3:PutObject", BUCKET), need("logs:PutLogEvents")]
    turned = [need(one.action, one.resource, *reversed(one.conditions)) for one in reversed(needs)]
    assert suggest(needs) == suggest(turned)


def test_a_sid_says_what_its_statement_does_and_stays_when_others_come() -> None:
    reads = [need("s3:GetObject", BUCKET), need("s3:ListBucket", BUCKET)]
    (before,) = statements(suggest(reads, sid_prefix="Training-"))
    after = statements(
        suggest([*reads, need("s3:PutObject", f"{BUCKET}/*")], sid_prefix="Training-")
    )
    assert before.sid == "TrainingS3Read"
    assert {statement.sid for statement in after} == {"TrainingS3Read", "TrainingS3PutObject"}


def test_sids_of_statements_that_do_alike_differ() -> None:
    found = statements(
        suggest([need("s3:GetObject", BUCKET, TLS), need("s3:GetObject", f"{BUCKET}2")])
    )
    sids = [statement.sid or "" for statement in found]
    assert len(set(sids)) == 2
    assert all(sid.isalnum() for sid in sids)


def test_nothing_needed_is_no_policy() -> None:
    assert suggest([]) == Suggestion(policies=())


def test_the_text_is_the_document_and_its_size_leaves_out_whitespace() -> None:
    (policy,) = exact([need("s3:GetObject", BUCKET, TLS)]).policies
    assert parse(policy.text) == policy.document
    assert policy.size == len(json.dumps(json.loads(policy.text), separators=(",", ":")))


def test_what_does_not_fit_one_policy_is_split_and_said() -> None:
    needs = [need("s3:GetObject", f"{BUCKET}/{at:04}/{'x' * 60}") for at in range(200)]
    found = exact(needs)
    assert len(found.policies) > 1
    assert all(policy.size <= MANAGED_LIMIT for policy in found.policies)
    assert found.size > ROLE_INLINE_LIMIT
    assert any(f"{MANAGED_LIMIT}" in note for note in found.notes)
    assert any(f"{ROLE_INLINE_LIMIT}" in note for note in found.notes)


def test_more_policies_than_a_role_holds_are_said() -> None:
    needs = [need("s3:GetObject", f"{BUCKET}/{at:04}/{'x' * 300}") for at in range(250)]
    assert any("10 attached" in note for note in suggest(needs).notes)


def test_a_need_that_fits_no_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        suggest([need("s3:GetObject", f"{BUCKET}/{'x' * 7000}")])


def test_a_condition_that_no_policy_can_say_is_refused() -> None:
    other = ConditionTest(operator="Bool", key="AWS:securetransport", values=("false",))
    with pytest.raises(ValueError, match="twice"):
        suggest([need("s3:GetObject", BUCKET, TLS, other)])


NEEDS = st.lists(
    st.builds(
        need,
        st.sampled_from(["s3:Get*", "s3:GetObject", "s3:PutObject", "s3:*", "iam:GetRole", "*"]),
        st.sampled_from(["*", f"{BUCKET}/*", f"{BUCKET}/a", f"{BUCKET}/a*", f"{BUCKET}/?", BUCKET]),
    )
    | st.builds(
        need,
        st.sampled_from(["s3:GetObject", "s3:Put*"]),
        st.sampled_from([f"{BUCKET}/a", f"{BUCKET}/${{aws:username}}/*"]),
        st.sampled_from([TLS, MFA]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=100, deadline=None)
@given(NEEDS, st.sampled_from([400, 700, MANAGED_LIMIT]))
def test_a_suggestion_is_never_wider_nor_narrower_than_asked_and_fits(
    needs: list[Need], limit: int
) -> None:
    found = exact(needs, limit=limit)
    assert all(size_of(policy.document) == policy.size <= limit for policy in found.policies)
