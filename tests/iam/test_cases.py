"""Every case in `cases/`: data, written from AWS's documentation; adding one needs no code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mlguard.iam.evaluation.evaluate import evaluate
from mlguard.iam.evaluation.simulate import read_case, simulate
from mlguard.iam.language.actions import actions

FILES = sorted((Path(__file__).parent / "cases").glob("*.json"))
CASES = tuple(
    (path.stem, case)
    for path in FILES
    for case in json.loads(path.read_text(encoding="utf-8"))["cases"]
)
# What the facts say of graphs, sizes and reports rather than of one request.
NOT_ABOUT_A_REQUEST = {55}


def split(case: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    asked = {key: value for key, value in case.items() if key != "expected"}
    return asked, case["expected"]


@pytest.mark.parametrize(
    "case", [case for _, case in CASES], ids=[f"{topic}: {case['name']}" for topic, case in CASES]
)
def test_case(case: dict[str, Any]) -> None:
    asked, expected = split(case)
    answer = simulate(asked)
    assert answer["name"] == case["name"]
    if "error" in expected:
        assert answer.keys() == {"name", "error"}
        assert expected["error"] in str(answer["error"])
        return
    assert answer.get("decision") == expected["decision"], answer
    assert answer["decidedBy"] == expected.get("decidedBy", answer["decidedBy"])
    assert answer["missingContext"] == expected.get("missingContext", [])
    read = read_case(asked)
    found = evaluate(read.request, read.policies, takes_resource=actions().takes_resource)
    possible = {decision.value for decision in found.possible}
    assert possible == set(expected.get("possible", [expected["decision"]]))
    assert any(expected.get("doubt", "") in doubt for doubt in (*found.doubts, ""))
    assert bool(found.doubts) or "doubt" not in expected
    if "assumption" in expected:
        assert any(expected["assumption"] in text for text in found.assumptions)


def test_every_fact_about_a_request_has_a_case() -> None:
    told = {int(number) for _, case in CASES for number in re.findall(r"^(\d+):", case["name"])}
    assert told == set(range(1, 57)) - NOT_ABOUT_A_REQUEST


def test_no_two_cases_of_a_topic_have_one_name() -> None:
    names = [(topic, case["name"]) for topic, case in CASES]
    assert len(names) == len(set(names))
