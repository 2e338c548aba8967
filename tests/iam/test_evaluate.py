"""The engine against the oracle, and against itself when a case is written differently."""

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlguard.errors import ArnError
from mlguard.iam.evaluation.evaluate import Evaluation, evaluate
from mlguard.iam.evaluation.policies import Carrier, Layer, PolicySet
from mlguard.iam.evaluation.simulate import read_case, simulate
from mlguard.iam.evaluation.verdict import Decision
from mlguard.iam.language.document import parse
from mlguard.iam.language.request import Context, Request, Rest
from tests.iam import oracle
from tests.iam import written_cases as written
from tests.work import at_most

RANK = {"explicitDeny": 0, "implicitDeny": 1, "allowed": 2}
MANY = settings(max_examples=120, deadline=None)


def decided(case: dict[str, Any]) -> str:
    answer = simulate(case)
    assert "error" not in answer, answer
    return str(answer["decision"])


def doubtful(case: dict[str, Any]) -> bool:
    """Whether the engine has more to say than one decision: NotPrincipal, RCPs of new services."""
    read = read_case(case)
    return not evaluate(read.request, read.policies).certain


def carrier(*statements: dict[str, Any], name: str = "policy") -> Carrier:
    document = parse(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))
    return Carrier(name=name, document=document)


def allow(action: str = "*", resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str = "*", resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def ask(policies: PolicySet, **changes: Any) -> Evaluation:
    sound = Request(
        principal=written.USER, action="s3:GetObject", resource="arn:aws:s3:::data/ana/x"
    )
    return evaluate(replace(sound, **changes), policies)


@given(written.cases())
@settings(max_examples=500, deadline=None)
def test_the_engine_decides_as_the_oracle_does(case: dict[str, Any]) -> None:
    if not doubtful(case):
        assert decided(case) == oracle.decide(case)


@given(written.cases(), st.sampled_from(written.FREE_KEYS), written.GIVEN_VALUES)
@MANY
def test_whatever_an_unknown_key_turns_out_to_be_is_among_what_is_possible(
    case: dict[str, Any], key: str, values: list[str]
) -> None:
    asked = deepcopy(case)
    asked["request"]["context"].pop(key, None)
    asked["request"]["unknownContext"] = [key]
    read = read_case(asked)
    found = evaluate(read.request, read.policies)
    possible = {decision.value for decision in found.possible}
    case["request"]["context"][key] = values
    assert decided(case) in possible
    assert found.certain or found.missing or doubtful(case)
    assert {name.lower() for name in found.missing} <= {key}
    assert RANK[found.decision.value] == min(RANK[one] for one in possible)


@given(written.cases(), written.policies(), st.sampled_from(written.LISTS[:1]))
@MANY
def test_another_allow_never_takes_away(
    case: dict[str, Any], policy: dict[str, Any], where: str
) -> None:
    before = decided(case)
    for statement in policy["Statement"]:
        statement["Effect"] = "Allow"
    case[where].append(policy)
    assert RANK[decided(case)] >= RANK[before]


@given(written.cases(), st.data(), st.sampled_from((*written.LISTS, *written.LEVELS)))
@MANY
def test_another_deny_never_gives(case: dict[str, Any], data: st.DataObject, where: str) -> None:
    naming = where in written.NAMING
    policy = data.draw(written.policies(naming=naming))
    before = decided(case)
    for statement in policy["Statement"]:
        statement["Effect"] = "Deny"
    case[where].append([policy] if where in written.LEVELS else policy)
    assert RANK[decided(case)] <= RANK[before]


@given(written.cases(), st.randoms(use_true_random=False))
@MANY
def test_the_order_of_policies_and_statements_does_not_matter(
    case: dict[str, Any], random: Any
) -> None:
    before = decided(case)
    random.shuffle(case["identityPolicies"])
    for policy in (*case["identityPolicies"], *filter(None, [case["resourcePolicy"]])):
        random.shuffle(policy["Statement"])
    assert decided(case) == before


@given(written.cases())
@MANY
def test_a_policy_split_into_one_for_each_statement_says_the_same(case: dict[str, Any]) -> None:
    before = decided(case)
    case["identityPolicies"] = [
        {**policy, "Statement": statement}
        for policy in case["identityPolicies"]
        for statement in policy["Statement"]
    ]
    assert decided(case) == before


@given(written.cases())
@MANY
def test_a_statement_split_into_one_for_each_action_says_the_same(case: dict[str, Any]) -> None:
    before = decided(case)
    for policy in case["identityPolicies"]:
        policy["Statement"] = [
            {**statement, "Action": action}
            for statement in policy["Statement"]
            for action in statement.get("Action", [None])
        ]
        for statement in policy["Statement"]:
            if statement["Action"] is None:
                del statement["Action"]
    assert decided(case) == before


@given(written.cases())
@MANY
def test_the_case_of_actions_and_lists_of_one_do_not_matter(case: dict[str, Any]) -> None:
    before = decided(case)
    for policy in case["identityPolicies"]:
        for statement in policy["Statement"]:
            for element in ("Action", "NotAction"):
                if element in statement:
                    statement[element] = [text.swapcase() for text in statement[element]]
            for element in ("Action", "NotAction", "Resource", "NotResource"):
                if len(statement.get(element, "")) == 1:
                    (statement[element],) = statement[element]
    assert decided(case) == before


def test_the_deciding_statements_are_named() -> None:
    policies = PolicySet(
        identity=(carrier(allow(), name="all"), carrier(deny("s3:Get*", Sid="No"), name="none"))
    )
    found = ask(policies)
    (matched,) = found.matched
    assert (matched.policy, matched.sid, matched.index) == ("none", "No", 0)
    assert (found.decision, found.decided_by) == (Decision.EXPLICIT_DENY, Layer.IDENTITY)
    assert (found.allowed, found.possibly_allowed, found.certain) == (False, False, True)


def test_an_implicit_deny_names_no_statement() -> None:
    assert ask(PolicySet(identity=(carrier(allow("ec2:*")),))).matched == ()


def test_with_an_incomplete_context_every_key_not_given_is_unknown() -> None:
    conditions = {"StringEquals": {"aws:RequestTag/Team": "ml"}, "Bool": {"aws:Secure": "true"}}
    policies = PolicySet(identity=(carrier(allow(Condition=conditions)),))
    partial = Context.of({"aws:Secure": "true"}, rest=Rest.UNKNOWN)
    found = ask(policies, context=partial)
    assert found.missing == ("aws:RequestTag/Team",)
    assert (found.allowed, found.possibly_allowed) == (False, True)
    absent = Context.of({"aws:Secure": "true"}, absent=["aws:requesttag/team"], rest=Rest.UNKNOWN)
    assert ask(policies, context=absent).certain


def test_what_follows_from_the_principal_is_known_even_in_an_incomplete_context() -> None:
    conditions = {"StringEquals": {"aws:PrincipalAccount": written.HERE, "aws:username": "ana"}}
    policies = PolicySet(identity=(carrier(allow(Condition=conditions)),))
    assert ask(policies, context=Context(rest=Rest.UNKNOWN)).allowed


def test_an_action_that_takes_no_resource_is_granted_by_a_star_alone() -> None:
    request = Request(
        principal=written.USER, action="s3:ListAllMyBuckets", resource="arn:aws:s3:::data"
    )
    narrow = PolicySet(identity=(carrier(allow("s3:*", "arn:aws:s3:::data")),))
    assert evaluate(request, narrow).allowed
    assert not evaluate(request, narrow, takes_resource=lambda _: False).allowed
    wide = PolicySet(identity=(carrier(allow("s3:*")),))
    assert evaluate(request, wide, takes_resource=lambda _: False).allowed


def test_a_table_of_actions_is_asked_in_the_folded_case() -> None:
    asked: list[str] = []
    evaluate(
        Request(principal=written.USER, action="S3:GetObject"),
        PolicySet(),
        takes_resource=asked.append,
    )
    assert asked == ["s3:getobject"]


def test_an_unread_trust_policy_is_taken_to_let_its_account_decide() -> None:
    granted = PolicySet(identity=(carrier(allow("sts:AssumeRole")),))
    role = {"action": "sts:AssumeRole", "resource": written.TARGET}
    assert not ask(granted, **role).allowed
    found = ask(replace(granted, unread=frozenset({Layer.RESOURCE})), **role)
    assert found.allowed
    assert any("let its account decide" in text for text in found.assumptions)


def test_unread_layers_are_assumed_to_change_nothing_and_named() -> None:
    found = ask(PolicySet(identity=(carrier(allow()),), unread=frozenset({Layer.SCP, Layer.RCP})))
    assert found.allowed
    assert [text for text in found.assumptions if "not read" in text] == [
        "scp policies were not read",
        "rcp policies were not read",
    ]


def test_a_principal_that_is_none_is_an_error() -> None:
    for text in ("", "ana", "arn:aws:iam::111122223333:group/x", "arn:aws:iam:::user/x", "a b.com"):
        with pytest.raises(ArnError):
            ask(PolicySet(), principal=text)


def test_the_doubt_is_told_where_documents_promise_nothing() -> None:
    everybody = allow(NotPrincipal={"AWS": written.STRANGER})
    found = ask(PolicySet(resource=carrier(everybody)))
    assert not found.allowed
    assert found.possibly_allowed
    assert any("NotPrincipal" in text for text in found.doubts)


def test_a_case_that_cannot_be_used_is_an_error_with_its_place() -> None:
    request: dict[str, Any] = {"principal": written.USER, "action": "s3:GetObject", "resource": "*"}
    sound: dict[str, Any] = {
        "name": "x",
        "request": request,
        "identityPolicies": [{"Statement": allow()}],
    }
    assert decided(sound) == "allowed"
    faults: list[tuple[object, object, str]] = [
        ("not an object", None, "$"),
        ({**sound, "name": 7}, None, "name"),
        ({"request": request}, None, "name"),
        ({"name": "x"}, "x", "request"),
        ({**sound, "request": {**request, "action": "s3:Get*"}}, "x", "request.action"),
        ({**sound, "request": {**request, "resource": "bucket"}}, "x", "request.resource"),
        ({**sound, "request": {**request, "resourceAccount": "1"}}, "x", "resourceAccount"),
        ({**sound, "request": {**request, "context": {"a": None}}}, "x", "request.context.a"),
        ({**sound, "request": {**request, "context": {"a": "1", "A": "2"}}}, "x", "twice"),
        ({**sound, "request": {**request, "Action": "s3:x"}}, "x", "request.Action"),
        ({**sound, "identityPolicies": {"Statement": allow()}}, "x", "identityPolicies"),
        ({**sound, "identityPolicies": ["{}"]}, "x", "identityPolicies[0]"),
        ({**sound, "serviceControlPolicies": [{"Statement": allow()}]}, "x", "serviceControl"),
        ({**sound, "resourcePolicy": {"Statement": {}}}, "x", "resourcePolicy.Statement"),
        ({**sound, "permissionBoundaries": []}, "x", "permissionBoundaries"),
    ]
    for case, name, place in faults:
        answer = simulate(case)
        assert answer.keys() == {"name", "error"}, case
        assert answer["name"] == name
        assert place in str(answer["error"]), answer


def test_an_answer_has_the_agreed_shape() -> None:
    case = {
        "name": "shape",
        "request": {"principal": written.USER, "action": "s3:GetObject", "resource": "*"},
        "identityPolicies": [{"Statement": [deny("ec2:*"), allow(Sid="All")]}],
        "sessionPolicies": None,
    }
    assert simulate(case) == {
        "name": "shape",
        "decision": "allowed",
        "decidedBy": "identity",
        "matchedStatements": [{"policy": "identityPolicies[0]", "sid": "All", "index": 1}],
        "missingContext": [],
    }


def test_thousands_of_requests_a_second_are_judged() -> None:
    statements = [allow(f"s3:Get{at}*", f"arn:aws:s3:::data/{at}/*") for at in range(20)]
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    policies = PolicySet(
        identity=(carrier(*statements), carrier(allow("s3:*", Condition=condition))),
        boundaries=(carrier(allow()),),
        scps=((carrier(allow()),), (carrier(allow(), deny("iam:*")),)),
    )
    request = Request(
        principal=written.SESSION,
        action="s3:GetObject",
        resource="arn:aws:s3:::data/x",
        context=Context.of({"aws:PrincipalOrgID": "o-1"}),
    )
    with at_most(200_000):
        for at in range(500):
            assert evaluate(replace(request, resource=f"arn:aws:s3:::data/{at}"), policies).allowed


def test_a_hostile_resource_pattern_is_judged_at_once() -> None:
    hostile = "arn:aws:s3:::" + "a*" * 24 + "b"
    policies = PolicySet(identity=(carrier(allow("s3:*", hostile)),))
    with at_most(20_000):
        found = ask(policies, resource="arn:aws:s3:::" + "a:" * 500 + "b")
    assert not found.allowed
