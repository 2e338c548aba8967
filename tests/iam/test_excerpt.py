"""What of a statement is shown, and how a finding finds it again."""

import json

from mlguard.iam.language.document import (
    from_json,
    parse,
)
from tests.iam.documents import SOUND, managed, read, statement, text


def test_the_locator_is_the_sid_or_what_is_said_and_never_the_place() -> None:
    first, second, named = parse(
        text(statement(Action="s3:*"), SOUND, statement(Sid="Read"))
    ).statements
    assert named.locator == "Read"
    assert second.locator == read().locator != first.locator
    assert len(second.locator) == 12
    shuffled = dict(reversed(SOUND.items()))
    assert parse(text(shuffled)).statements[0].locator == second.locator


def test_the_marked_elements_are_flagged_in_the_excerpt() -> None:
    found = read(
        Sid="Broad",
        Principal={"AWS": "*"},
        Action=["s3:Get*", "s3:*"],
        Condition={"StringEquals": {"aws:a": ["x", "y"], "aws:a.b": "z"}},
    )
    excerpt = found.excerpt("Principal", "Action[1]", "Resource", "Condition.StringEquals.aws:a")
    flags = [">" if at in excerpt.marked else " " for at in range(len(excerpt.lines))]
    drawn = [f"{flag}{line}" for flag, line in zip(flags, excerpt.lines, strict=True)]
    assert drawn == [
        " {",
        '   "Sid": "Broad",',
        '   "Effect": "Allow",',
        '>  "Principal": {',
        '>    "AWS": "*"',
        ">  },",
        '   "Action": [',
        '     "s3:Get*",',
        '>    "s3:*"',
        "   ],",
        '>  "Resource": "arn:aws:s3:::bucket/*",',
        '   "Condition": {',
        '     "StringEquals": {',
        '>      "aws:a": [',
        '>        "x",',
        '>        "y"',
        ">      ],",
        '       "aws:a.b": "z"',
        "     }",
        "   }",
        " }",
    ]


def test_a_single_value_answers_to_its_number_too() -> None:
    assert read().excerpt("Action[0]").marked == read().excerpt("Action").marked == {2}
    assert read().excerpt("Condition", "Action[1]").marked == frozenset()


def test_an_excerpt_holds_no_control_characters() -> None:
    lines = read(Resource="arn:aws:s3:::\x1b[31m\u202e\n").excerpt().lines
    assert all(line.isascii() and line.isprintable() for line in lines)


def test_every_managed_policy_is_drawn_as_the_json_it_says() -> None:
    for _, document in managed()[::7]:
        for found in parse(document).statements:
            drawn = json.loads("\n".join(found.excerpt("Action").lines))
            assert from_json({"Statement": drawn}).statements[0].plain() == found.plain()
