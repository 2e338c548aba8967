"""Random cases: what is asked and written in few words, so that they meet often."""

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

HERE, THERE = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{HERE}:role/trainer"
TARGET = f"arn:aws:iam::{HERE}:role/target"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/trainer/run"
USER = f"arn:aws:iam::{HERE}:user/ana"
STRANGER = f"arn:aws:iam::{THERE}:user/ana"
ROOT = f"arn:aws:iam::{HERE}:root"
SERVICE = "sagemaker.amazonaws.com"
KEY = f"arn:aws:kms:eu-west-1:{HERE}:key/1"
LISTS = ("identityPolicies", "permissionsBoundaries", "sessionPolicies", "endpointPolicies")
LEVELS = ("serviceControlPolicies", "resourceControlPolicies")
NAMING = ("endpointPolicies", "resourceControlPolicies")

ACTIONS = ("s3:GetObject", "s3:PutObject", "iam:GetRole", "sts:AssumeRole", "kms:Decrypt")
ACTION_PATTERNS = (*ACTIONS, "*", "s3:*", "S3:get*", "*:*", "kms:D?crypt", "sts:Assume*")
RESOURCES = ("*", "arn:aws:s3:::data/ana/x", "arn:aws:s3:::data/a:b", TARGET, KEY)
RESOURCE_PATTERNS = (
    *("*", "arn:aws:s3:::data/*", "arn:aws:s3:*", "arn:aws:s3:::data/a*b", "arn:aws:s3:::d?ta/*"),
    *("arn:aws:s3:::data/${aws:username}/*", "arn:aws:s3:::data/${aws:username, 'ana'}/x"),
    *("arn:aws:s3:::data/${x:tag}*", TARGET, KEY, f"arn:aws:*am::{HERE}:role/x"),
)
PRINCIPALS = ("*", SERVICE, ROOT, USER, ROLE, SESSION, STRANGER)
ELEMENTS = (
    *("*", {"AWS": "*"}, {"AWS": ROOT}, {"AWS": HERE}, {"AWS": [USER, ROLE]}, {"AWS": SESSION}),
    *({"Service": SERVICE}, {"AWS": THERE, "Service": [SERVICE]}, {"AWS": STRANGER}),
)
KEYS = ("x:tag", "X:Many", "x:number", "aws:PrincipalArn", "aws:username")
VALUES = {
    "String": ("ana", "a*", "", "*", "${aws:username}", "${x:tag}", "1"),
    "Numeric": ("1", "2", "10", "x"),
    "Bool": ("true", "false", "${x:tag}"),
    "Arn": (USER, ROLE, "arn:aws:iam::*:user/*", "arn:aws:iam::${x:tag}:*", "*"),
    "Ip": ("10.0.0.0/8", "10.1.1.1", "2001:db8::/32"),
}
OPERATORS = {
    **dict.fromkeys(("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"), "String"),
    **dict.fromkeys(("NumericEquals", "NumericNotEquals", "NumericLessThan"), "Numeric"),
    **dict.fromkeys(("ArnLike", "ArnNotLike"), "Arn"),
    **dict.fromkeys(("IpAddress", "NotIpAddress"), "Ip"),
    "Bool": "Bool",
}
FREE_KEYS = ("x:tag", "x:many", "x:number")
GIVEN = ("ana", "a", "", "1", "2", "true", HERE, "10.1.1.1", USER)
GIVEN_VALUES = st.lists(st.sampled_from(GIVEN), max_size=2)


@st.composite
def conditions(draw: st.DrawFn) -> Json:
    found: Json = {}
    for _ in range(draw(st.sampled_from((0, 0, 1, 1, 2)))):
        key = draw(st.sampled_from(KEYS))
        if draw(st.integers(0, 7)) == 0:
            found.setdefault("Null", {})[key] = draw(st.sampled_from(("true", "false")))
            continue
        operator = draw(st.sampled_from(sorted(OPERATORS)))
        values = st.sampled_from(VALUES[OPERATORS[operator]])
        written = draw(st.sampled_from(("", "", "ForAllValues:", "ForAnyValue:"))) + operator
        written += draw(st.sampled_from(("", "", "IfExists")))
        found.setdefault(written, {})[key] = draw(st.lists(values, min_size=1, max_size=2))
    return found


@st.composite
def statements(draw: st.DrawFn, *, naming: bool) -> Json:
    def some(*values: str) -> Any:
        return draw(st.lists(st.sampled_from(values), min_size=1, max_size=2))

    statement: Json = {"Effect": draw(st.sampled_from(("Allow", "Allow", "Deny")))}
    if naming and draw(st.integers(0, 9)):
        statement["Principal"] = draw(st.sampled_from(ELEMENTS))
    statement[draw(st.sampled_from(("Action", "Action", "NotAction")))] = some(*ACTION_PATTERNS)
    if not naming or draw(st.booleans()):
        which = draw(st.sampled_from(("Resource", "Resource", "NotResource")))
        # A wildcard for the service is in doubt in NotResource.
        statement[which] = some(*RESOURCE_PATTERNS[: None if which == "Resource" else -1])
    condition = draw(conditions())
    return statement | ({"Condition": condition} if condition else {})


@st.composite
def policies(draw: st.DrawFn, *, naming: bool = False) -> Json:
    found: Json = {"Statement": draw(st.lists(statements(naming=naming), min_size=1, max_size=2))}
    version = draw(st.sampled_from(("2012-10-17", "2012-10-17", "2008-10-17", None)))
    return found | ({"Version": version} if version else {})


@st.composite
def groups(draw: st.DrawFn, *, naming: bool = False) -> list[Json]:
    """Return one or two policies; every other time one that allows everything."""
    full = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    found = draw(st.lists(policies(naming=naming), max_size=1))
    if draw(st.booleans()) or not found:
        found.append({"Statement": [full | ({"Principal": "*"} if naming else {})]})
    return found


@st.composite
def cases(draw: st.DrawFn) -> Json:
    """Return a simulated case, with one layer at most beside identity and resource policy."""
    request = {
        "principal": draw(st.sampled_from(PRINCIPALS)),
        "action": draw(st.sampled_from(ACTIONS)),
        "resource": draw(st.sampled_from(RESOURCES)),
        "resourceAccount": None,
        "context": draw(st.dictionaries(st.sampled_from(FREE_KEYS), GIVEN_VALUES, max_size=3)),
    }
    case: Json = {"name": "random", "request": request, "identityPolicies": draw(groups())}
    case |= {key: [] for key in (*LISTS[1:], *LEVELS)}
    case["resourcePolicy"] = draw(st.none() | policies(naming=True))
    extra = draw(st.sampled_from(("", *LISTS[1:], *LEVELS)))
    if extra:
        policies_there = draw(groups(naming=extra in NAMING))
        case[extra] = [policies_there] if extra in LEVELS else policies_there
    return case
