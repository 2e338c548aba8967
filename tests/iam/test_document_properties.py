"""Documents of any kind are read, or refused in one way."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mlguard.errors import DocumentError
from mlguard.iam.language.document import (
    parse,
)
from tests.iam.documents import GONE, SOUND, fault, read, statement, text

NAMES = st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=3).map(tuple)
ACTIONS = st.lists(st.sampled_from(["*", "s3:*", "iam:PassRole"]), min_size=1, max_size=3)
TESTS = st.dictionaries(
    st.sampled_from(["Bool", "ForAnyValue:StringLike", "ArnLikeIfExists"]),
    st.dictionaries(st.sampled_from(["aws:a", "s3:b"]), NAMES.map(list), min_size=1),
)


@given(ACTIONS, NAMES, TESTS, st.sampled_from(["", "Not"]), st.just(GONE) | st.text(max_size=5))
@settings(deadline=None)
def test_a_statement_survives_being_written_and_read(
    actions: list[str], resources: tuple[str, ...], tests: dict[str, Any], prefix: str, sid: object
) -> None:
    changes = {
        "Sid": sid,
        "Action": GONE,
        "Resource": GONE,
        f"{prefix}Action": actions,
        f"{prefix}Resource": list(resources),
        "Condition": tests,
    }
    found = read(**changes)
    assert parse(text(found.plain())).statements == (found,)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Statement", "Effect", "Action", "Principal", "AWS", "Bool"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from([*SOUND, "Principal", "Condition", "Sid", "NotAction"]), JSON)
@settings(deadline=None)
def test_no_value_in_any_place_raises_anything_else(name: str, value: object) -> None:
    for document in (json.dumps(value), text(statement(**{name: value})), text(Statement=value)):
        with suppress(DocumentError):
            assert parse(document).statements


@given(st.integers(0, 200))
@settings(deadline=None)
def test_a_document_that_was_cut_is_refused(length: int) -> None:
    whole = text(SOUND, statement(Sid="Second", Condition={"Bool": {"aws:x": True}}))
    assert fault(whole[: min(length, len(whole) - 1)]).path == "$"
