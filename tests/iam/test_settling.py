"""A yes or a no that conditions come to, against every context that can tell them apart."""

from itertools import product
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from mlguard.iam.evaluation.evaluate import evaluate
from mlguard.iam.evaluation.policies import Carrier, PolicySet
from mlguard.iam.language.document import from_json
from mlguard.iam.language.request import Context, Request
from mlguard.iam.permissions.ability import Access, Question
from mlguard.iam.permissions.effective import effective
from mlguard.iam.permissions.settling import settled

ADA: Final = "arn:aws:iam::111122223333:user/ada"
BUCKET: Final = "arn:aws:s3:::data"
ACTION: Final = "s3:ListBucket"
VALUES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "s3:prefix": ((), ("a",), ("ab",), ("b",), ("c",)),
    "aws:MultiFactorAuthPresent": ((), ("true",), ("false",)),
}

prefixes = st.lists(st.sampled_from(["a", "ab", "b", "a*", "*"]), min_size=1, max_size=2)
of_prefix = st.tuples(
    st.sampled_from(
        [
            *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
            *("StringEqualsIfExists", "ForAllValues:StringLike", "ForAnyValue:StringEquals"),
        ]
    ),
    st.just("s3:prefix"),
    prefixes,
)
of_flags = st.tuples(
    st.sampled_from(["Bool", "BoolIfExists"]),
    st.just("aws:MultiFactorAuthPresent"),
    st.sampled_from([["true"], ["false"]]),
)
of_presence = st.tuples(
    st.just("Null"), st.sampled_from(sorted(VALUES)), st.sampled_from([["true"], ["false"]])
)
tests = st.lists(st.one_of(of_prefix, of_flags, of_presence), max_size=2)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    conditions: dict[str, dict[str, list[str]]] = {}
    for operator, key, values in draw(tests):
        conditions.setdefault(operator, {})[key] = values
    return {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        "Action": "s3:*",
        "Resource": draw(st.sampled_from(["*", BUCKET, "arn:aws:s3:::other"])),
        "Condition": conditions,
    }


def carrier(name: str, found: list[dict[str, Any]]) -> Carrier:
    document = from_json({"Version": "2012-10-17", "Statement": found})
    return Carrier(name=name, document=document)


@given(
    st.lists(statements(), min_size=1, max_size=4),
    st.none() | st.lists(statements(), min_size=1, max_size=2),
)
def test_what_is_settled_is_so_in_every_context(
    own: list[dict[str, Any]], limit: list[dict[str, Any]] | None
) -> None:
    policies = PolicySet(
        identity=(carrier("own", own),), boundaries=(carrier("limit", limit),) if limit else ()
    )
    (found,) = effective([(ADA, policies)])
    question = Question.of(ACTION, BUCKET)
    ability = settled(found.can(ACTION, BUCKET), question, complete=True)
    outcomes = set()
    for values in product(*VALUES.values()):
        context = Context.of(dict(zip(VALUES, values, strict=True)))
        request = Request(principal=ADA, action=ACTION, resource=BUCKET, context=context)
        outcomes.add(evaluate(request, policies).allowed)
    match ability.access:
        case Access.ALLOWED:
            assert outcomes == {True}
        case Access.DENIED:
            assert outcomes == {False}
        case Access.CONDITIONAL:
            # A request with another value than these may yet tell: nothing to hold it against.
            assert outcomes
