"""The first look spares the search, and hides nothing from it."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlguard.data.escalation_paths import escalation_paths, resources_of
from mlguard.iam.escalation.foresight import Foresight
from mlguard.iam.evaluation.policies import Carrier, PolicySet
from mlguard.iam.language.document import from_json
from mlguard.iam.permissions.clauses import Clause
from mlguard.iam.permissions.effective import effective
from mlguard.iam.permissions.reach import Extent

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/caller"
ACTIONS = tuple(dict.fromkeys(one for path in escalation_paths() for one in path.actions))


def first_look() -> Foresight:
    return Foresight(ACTIONS)


def clause(action: str, *resources: str, element: str = "Resource") -> Clause:
    statement = {"Effect": "Allow", "Action": action, element: list(resources)}
    carrier = Carrier(
        name="own", document=from_json({"Version": "2012-10-17", "Statement": statement})
    )
    (found,) = effective([(ROLE, PolicySet(identity=(carrier,)))])
    (side,) = found.permissions.sides
    (only,) = side.clauses
    return only


def seen(action: str, *resources: str, element: str = "Resource") -> tuple[str, ...]:
    look = first_look()
    return tuple(look.names(look.of(clause(action, *resources, element=element))))


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        "arn:aws:lambda:eu-central-1:123456789012:function:classify",
        "arn:aws:lambda:*:*:function:*",
        # The stars of region and account may stand for colons, too.
        "arn:aws:lambda:*:classify",
        "arn:aws:*:function:classify",
        "arn:aws:lam?da:eu-central-1:123456789012:function:classify",
    ],
)
def test_an_action_is_seen_on_a_resource_that_it_takes(resource: str) -> None:
    assert "lambda:UpdateFunctionCode" in seen("lambda:*", resource)


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:sagemaker:eu-central-1:123456789012:model/m",
        "arn:aws:lambda:eu-central-1:123456789012:layer:numbers",
        # No function has an ARN like that, wherever the star leads.
        "arn:aws:lambda:eu-central-1:123456789012:classify-*",
    ],
)
def test_an_action_is_not_seen_on_what_it_never_takes(resource: str) -> None:
    assert "lambda:UpdateFunctionCode" not in seen("lambda:*", resource)


def test_an_inverted_element_hides_nothing() -> None:
    other = "arn:aws:lambda:eu-central-1:123456789012:function:classify"
    assert "lambda:UpdateFunctionCode" in seen("lambda:*", other, element="NotResource")


NAMES = st.sampled_from(("x", "a/b", "a:b", "role", "vision-1", ""))
PIECES = st.sampled_from(
    (
        *("*", "?", "function", "function:", "role/", "role/*", "user/x", "training-job/", "model"),
        *("x", "a/b", "vision-1", "policy/", "instance/*", "aws", ACCOUNT, "eu-central-1"),
    )
)
SEGMENT = st.lists(PIECES, max_size=3).map("".join)
SERVICES = st.sampled_from(("iam", "lambda", "sagemaker", "ec2", "s3", "*", "sage*", "ia?"))


@st.composite
def arn_patterns(draw: st.DrawFn) -> str:
    service, region = draw(SERVICES), draw(st.sampled_from(("", "*", "eu-central-1")))
    account = draw(st.sampled_from(("", "*", ACCOUNT)))
    return f"arn:aws:{service}:{region}:{account}:{draw(SEGMENT)}"


def resources(action: str, name: str) -> Iterator[str]:
    """Yield resources that the action takes."""
    for pattern in resources_of(action):
        filled = pattern.replace("{partition}", "aws").replace("{account}", ACCOUNT)
        head, _, tail = filled.partition(":*:")
        yield (f"{head}:eu-central-1:{tail}" if tail else filled).replace("*", name)


@given(patterns=st.lists(arn_patterns(), min_size=1, max_size=3), name=NAMES)
def test_what_is_not_seen_is_allowed_on_nothing(patterns: list[str], name: str) -> None:
    look, one = first_look(), clause("*", *patterns)
    unseen = look.names(look.mask(ACTIONS) & ~look.of(one))
    for action in unseen:
        for resource in resources(action, name):
            assert one.reach.extent(resource) is Extent.NONE, (action, resource)
