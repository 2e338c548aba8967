"""policyuniverse as differential partner: where it is right we agree, and where it errs we know.

It lets every statement through, so what it is asked here is always a policy that AWS would take.
"""

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlguard.errors import ArnError, DocumentError
from mlguard.iam.evaluation.policies import Carrier, PolicySet
from mlguard.iam.language.actions import actions
from mlguard.iam.language.arn import Arn, account_of
from mlguard.iam.language.document import Statement, parse
from mlguard.iam.language.exposure import Exposure, exposure
from mlguard.iam.language.principal import Kind, parse_principal
from mlguard.iam.language.wildcard import action_matches, fold
from mlguard.iam.permissions.ability import Access
from mlguard.iam.permissions.effective import Effective, effective

with warnings.catch_warnings():
    # It leaves a file open at import.
    warnings.simplefilter("ignore", ResourceWarning)
    from policyuniverse import all_permissions
    from policyuniverse.arn import ARN as TheirArn  # noqa: N811  # a class
    from policyuniverse.expander_minimizer import expand_policy, get_actions_from_statement
    from policyuniverse.statement import Statement as TheirStatement

Json = dict[str, Any]

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/train"
GET = "s3:GetObject"
# Made in 2024 and 2025.
LATER = ("s3:CreateAccessGrant", "sagemaker:CreateMlflowApp", "sts:AssumeRoot")


def element(**changes: Any) -> Json:
    base = {"Effect": "Allow", "Action": GET, "Resource": "*"}
    return {name: value for name, value in (base | changes).items() if value is not None}


def all_but(*patterns: str) -> Json:
    return element(Action=None, NotAction=list(patterns))


def policy(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def our_statement(**changes: Any) -> Statement:
    return parse(json.dumps(policy(element(**changes)))).statements[0]


def judged(*statements: Json) -> Effective:
    own = Carrier(name="own", document=parse(json.dumps(policy(*statements))))
    (found,) = effective([(ROLE, PolicySet(identity=(own,)))])
    return found


def our_actions(*statements: Json) -> set[str]:
    return {fold(one) for one in actions().expand(judged(*statements).actions_anywhere)}


def their_actions(*statements: Json) -> set[str]:
    expanded = expand_policy(policy=policy(*statements))
    return {one for found in expanded["Statement"] for one in found["Action"]}


def who(**changes: Any) -> Exposure:
    return exposure(our_statement(Principal="*", **changes))


def their_reach(**changes: Any) -> bool:
    found: bool = TheirStatement(element(Principal="*", **changes)).is_internet_accessible()
    return found


@cache
def shared() -> tuple[str, ...]:
    """The actions that both know, in one case."""
    return tuple(sorted(all_permissions & {fold(name) for name in actions().names}))


def test_both_know_most_of_the_actions_that_it_has() -> None:
    assert len(shared()) > 0.97 * len(all_permissions)


# (a) Patterns of actions.


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """A known action with pieces of its name gone to stars, in any case."""
    service, _, name = draw(st.sampled_from(shared())).partition(":")
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(name)))
        end = draw(st.integers(start, len(name)))
        name = f"{name[:start]}*{name[end:]}"
    pattern = f"{service}:{name}"
    return draw(st.sampled_from([pattern, pattern.upper(), pattern.title()]))


@given(patterns())
@settings(deadline=None)
def test_a_pattern_of_stars_means_the_same_actions_to_both(pattern: str) -> None:
    theirs = get_actions_from_statement({"Action": pattern}).intersection(shared())
    service = fold(pattern).partition(":")[0]
    near = [action for action in shared() if action.startswith(f"{service}:")]
    assert {action for action in near if action_matches(pattern, action)} == theirs
    listed = {fold(one) for one in actions().expand(actions().mask(pattern))}
    assert listed.intersection(shared()) == theirs


@given(st.lists(patterns(), min_size=1, max_size=3), st.booleans())
@settings(deadline=None, max_examples=50)
def test_a_policy_of_allows_means_the_same_actions_to_both(wanted: list[str], split: bool) -> None:  # noqa: FBT001
    parts = [[pattern] for pattern in wanted] if split else [wanted]
    statements = [element(Action=part) for part in parts]
    theirs = their_actions(*statements).intersection(shared())
    assert our_actions(*statements).intersection(shared()) == theirs


@given(st.lists(patterns(), min_size=1, max_size=3))
@settings(deadline=None, max_examples=50)
def test_not_action_leaves_the_same_of_the_actions_that_both_know(spared: list[str]) -> None:
    theirs = their_actions(all_but(*spared)).intersection(shared())
    assert our_actions(all_but(*spared)).intersection(shared()) == theirs


# (b) ARNs.

PART = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)
OWNER = st.sampled_from(["", "aws", "cloudfront", "*"]) | st.from_regex("[0-9]{12}", fullmatch=True)
RESOURCE = st.text("abcXYZ019-_/:.*?$ {}é", min_size=1, max_size=24)


@given(st.sampled_from(["aws", "aws-cn", "aws-us-gov"]), PART, PART | st.just(""), OWNER, RESOURCE)
def test_both_see_the_same_parts_in_an_arn(
    partition: str, service: str, region: str, account: str, resource: str
) -> None:
    text = f"arn:{partition}:{service}:{region}:{account}:{resource}"
    ours, theirs = Arn.parse(text), TheirArn(text)
    assert not theirs.error
    assert (ours.partition, ours.service, ours.region, ours.account, ours.resource) == (
        *(theirs.partition, theirs.tech, theirs.region, theirs.account_number, theirs.name),
    )
    assert str(ours) == text


@given(PART | st.text(max_size=20).filter(lambda text: not text.startswith("arn:")))
def test_what_is_no_arn_is_none_to_both(text: str) -> None:
    with pytest.raises(ArnError):
        Arn.parse(text)
    assert TheirArn(text).partition is None


@pytest.mark.parametrize("resource", ["root", "user/root", "role/root"])
def test_both_tell_the_root_user(resource: str) -> None:
    text = f"arn:aws:iam::{ACCOUNT}:{resource}"
    assert (parse_principal(text).kind is Kind.ROOT) is TheirArn(text).root


# (c) Whom a statement lets in.

NAMES = {
    "AWS": st.sampled_from(["*", ACCOUNT, ROLE, f"arn:aws:iam::{ACCOUNT}:root"]),
    "Service": st.sampled_from(["lambda.amazonaws.com", "sagemaker.amazonaws.com"]),
    "Federated": st.sampled_from(
        ["accounts.google.com", f"arn:aws:iam::{ACCOUNT}:saml-provider/x"]
    ),
}
PRINCIPALS = st.just("*") | st.fixed_dictionaries(
    {}, optional={kind: one | st.lists(one, min_size=1) for kind, one in NAMES.items()}
).filter(bool)


@given(PRINCIPALS)
def test_both_find_the_same_principals(principals: object) -> None:
    ours = our_statement(Principal=principals).principals
    assert ours is not None
    named = {*ours.aws, *ours.service, *ours.federated} or {"*"}
    assert named == TheirStatement(element(Principal=principals)).principals
    assert ours.anyone is ("*" in named)


FIXED = {
    "aws:SourceArn": "arn:aws:sns:eu-west-1:123456789012:images",
    "aws:PrincipalArn": ROLE,
    "aws:SourceOwner": ACCOUNT,
    "AWS:SourceAccount": ACCOUNT,
    "aws:PrincipalAccount": ACCOUNT,
    "aws:principalorgid": "o-abcdefghij",
    "aws:PrincipalOrgPaths": "o-abcdefghij/r-ab12/ou-ab12-11111111/",
    "kms:CallerAccount": ACCOUNT,
    "aws:userid": "AROAEXAMPLEEXAMPLEXX:*",
    "aws:SourceVpc": "vpc-1a2b3c4d",
    "aws:SourceVpce": "vpce-1a2b3c4d",
    "saml:aud": "https://signin.aws.amazon.com/saml",
    # These say nothing of who calls.
    "aws:Referer": "https://example.com/",
    "aws:UserAgent": "curl",
    "s3:prefix": "images/",
    "aws:RequestedRegion": "eu-west-1",
}
OPERATORS = ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "StringNotEquals")
QUALIFIERS = ("", "ForAnyValue:")


@given(st.sampled_from(sorted(FIXED)), st.sampled_from(OPERATORS), st.sampled_from(QUALIFIERS))
def test_a_fixed_party_under_a_plain_operator_keeps_the_rest_out_for_both(
    key: str, operator: str, qualifier: str
) -> None:
    condition = {f"{qualifier}{operator}": {key: [FIXED[key], FIXED[key]]}}
    assert (who(Condition=condition) is Exposure.ANYONE) is their_reach(Condition=condition)


@given(st.ip_addresses(v=4), st.integers(8, 32) | st.just(0), st.sampled_from(["", "Not"]))
def test_a_network_is_as_open_to_both(address: object, bits: int, negated: str) -> None:
    condition = {f"{negated}IpAddress": {"aws:SourceIp": f"{address}/{bits}"}}
    assert (who(Condition=condition) is Exposure.ANYONE) is their_reach(Condition=condition)


@given(
    st.sampled_from(["ArnLike", "ArnEquals", "StringLike"]),
    st.sampled_from([ACCOUNT, "*"]),
    st.sampled_from(["role/x", "role/*", "*"]),
)
def test_the_account_of_an_arn_pattern_decides_for_both(
    operator: str, account: str, resource: str
) -> None:
    condition = {operator: {"aws:PrincipalArn": f"arn:aws:iam::{account}:{resource}"}}
    assert (who(Condition=condition) is Exposure.ANYONE) is their_reach(Condition=condition)


# What it gets wrong: what it says today, so that we notice when it mends, and what is right.


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """One error of policyuniverse, with an example; the two answers are to one question."""

    name: str
    theirs: Callable[[], object]
    they_say: object
    ours: Callable[[], object]
    right: object


def refuses(**changes: Any) -> bool:
    try:
        our_statement(**changes)
    except DocumentError:
        return True
    return False


def acts(name: str, statement: Json, action: str, *, right: bool) -> Error:
    return Error(
        name=name,
        theirs=lambda: fold(action) in their_actions(statement),
        they_say=not right,
        ours=lambda: fold(action) in our_actions(statement),
        right=right,
    )


def opens(name: str, condition: Json, *, right: bool) -> Error:
    return Error(
        name=name,
        theirs=lambda: their_reach(Condition=condition),
        they_say=not right,
        ours=lambda: who(Condition=condition) is Exposure.ANYONE,
        right=right,
    )


DENIED = (element(Action="s3:*"), element(Effect="Deny", Action="s3:Delete*"))
NOT_THERE = element(Resource=None, NotResource="arn:aws:s3:::secret/*")
PARTLY = f"arn:aws:iam::{ACCOUNT[:-1]}?:role/x"

TOO_CLOSED: dict[str, Json] = {
    "an IfExists keeps out callers who lack the key": {
        "StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}
    },
    "a ForAllValues keeps out callers who lack the key": {
        "ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-abcdefghij/"}
    },
    "an account of ? alone is one account": {
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::????????????:role/x"}
    },
    "every bucket is one bucket": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
    "half of the internet is a network": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}},
    "a variable that the caller fills in is a fixed value": {
        "StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}
    },
}
TOO_OPEN: dict[str, Json] = {
    "a test that says nothing opens what another closes": {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "IpAddress": {"aws:SourceIp": "0.0.0.0/0"},
    },
    "a star is a wildcard under StringEquals": {"StringEquals": {"aws:SourceAccount": "*"}},
    "keys made after its list tie nobody": {"StringEquals": {"aws:SourceOrgID": "o-abcdefghij"}},
}

ERRORS = (
    # Actions.
    acts("a ? without a star is no wildcard", element(Action="s3:GetObjec?"), GET, right=True),
    acts("brackets are a class of letters", element(Action="s3:Get[A-Z]bject*"), GET, right=False),
    *(acts(f"its list lacks {one}", element(Action=f"{one}*"), one, right=True) for one in LATER),
    acts("NotAction is closed over its own list", all_but("ec2:*"), LATER[0], right=True),
    acts("a ? in NotAction spares nothing", all_but("s3:GetObjec?"), GET, right=False),
    Error(
        name="a Deny takes nothing away",
        theirs=lambda: "s3:deleteobject" in their_actions(*DENIED),
        they_say=True,
        ours=lambda: "s3:deleteobject" in our_actions(*DENIED),
        right=False,
    ),
    Error(
        name="a star reaches across the colon, in what AWS does not take for an action",
        theirs=lambda: "s3:getobject" in their_actions(element(Action="s3*Object")),
        they_say=True,
        ours=lambda: refuses(Action="s3*Object"),
        right=True,
    ),
    Error(
        name="Action beside NotAction is taken for both",
        theirs=lambda: len(their_actions(element(NotAction="s3:*"))) > 1000,
        they_say=True,
        ours=lambda: refuses(NotAction="s3:*"),
        right=True,
    ),
    Error(
        name="allow in small letters is an Allow",
        theirs=lambda: their_actions(element(Effect="allow")),
        they_say={"s3:getobject"},
        ours=lambda: refuses(Effect="allow"),
        right=True,
    ),
    # Resources.
    Error(
        name="NotResource is everything",
        theirs=lambda: TheirStatement(NOT_THERE).resources,
        they_say={"*"},
        ours=lambda: judged(NOT_THERE).can("s3:GetObject", "arn:aws:s3:::secret/x").access,
        right=Access.DENIED,
    ),
    # ARNs and names.
    Error(
        name="an account with a wildcard in it makes no ARN",
        theirs=lambda: TheirArn(PARTLY).error,
        they_say=True,
        ours=lambda: Arn.parse(PARTLY).account,
        right=f"{ACCOUNT[:-1]}?",
    ),
    Error(
        name="an ARN needs neither partition nor service",
        theirs=lambda: TheirArn("arn::::aws:x").error,
        they_say=False,
        ours=lambda: account_of("arn::::aws:x"),
        right="",
    ),
    Error(
        name="services in China are unknown",
        theirs=lambda: TheirArn("ec2.amazonaws.com.cn").error,
        they_say=True,
        ours=lambda: parse_principal("ec2.amazonaws.com.cn").kind,
        right=Kind.SERVICE,
    ),
    Error(
        name="canonical users are nobody",
        theirs=lambda: TheirStatement(element(Principal={"CanonicalUser": "79a5"})).principals,
        they_say=set(),
        ours=lambda: our_statement(Principal={"CanonicalUser": "79a5"}).principals.canonical,  # type: ignore[union-attr]  # it is there
        right=("79a5",),
    ),
    # Conditions.
    *(opens(name, condition, right=True) for name, condition in TOO_CLOSED.items()),
    *(opens(name, condition, right=False) for name, condition in TOO_OPEN.items()),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.name)
def test_an_error_of_policyuniverse_is_none_of_ours(error: Error) -> None:
    assert error.theirs() == error.they_say
    assert error.ours() == error.right
