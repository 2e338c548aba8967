"""The report as JSON: the keys are a contract, the bytes are the same each time."""

import json
from pathlib import Path
from typing import Any

import pytest

from mlguard.report import Report
from mlguard.reporters import json as json_reporter
from tests.reporters import sample

GOLDEN = Path(__file__).parent / "golden"
FINDING = {
    *("check", "severity", "confidence", "account", "region", "resource", "message", "at"),
    *("remediation", "fingerprint", "monthly_usd"),
}


def answer(report: Report) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json_reporter.render(report))
    return read


def test_the_json_is_what_the_golden_file_holds() -> None:
    golden = (GOLDEN / "full.json").read_text(encoding="utf-8")
    assert json_reporter.render(sample.full()) == golden


def test_the_keys_are_those_of_the_contract_in_their_order() -> None:
    assert list(answer(sample.empty())) == [
        *("schema_version", "source", "accounts", "regions", "taken_at", "summary"),
        *("findings", "gaps", "results", "suppressed", "coverage"),
    ]


def test_a_finding_has_the_keys_of_the_contract_and_no_more() -> None:
    for finding in answer(sample.full())["findings"]:
        assert set(finding) == FINDING


def test_an_accepted_finding_has_its_reason_and_its_last_day_besides() -> None:
    (accepted,) = answer(sample.full())["suppressed"]
    assert set(accepted) == FINDING | {"reason", "expires"}
    assert accepted["expires"] == "2027-01-31"


def test_severity_and_confidence_are_labels_and_money_is_a_string() -> None:
    spot = next(f for f in answer(sample.full())["findings"] if f["check"] == "job-no-spot")
    assert (spot["severity"], spot["confidence"], spot["monthly_usd"]) == ("LOW", "MEDIUM", "12")


def test_a_finding_without_a_price_has_null() -> None:
    assert answer(sample.full())["findings"][0]["monthly_usd"] is None


def test_what_was_not_evaluated_says_why() -> None:
    results = answer(sample.gaps_only())["results"]
    unread = [result for result in results if result["outcome"] == "NOT_EVALUATED"]
    assert [result["gaps"] for result in unread] == [
        ["sagemaker:ListEndpoints: denied"],
        ["sagemaker:ListEndpoints: denied"],
        ["lambda:ListFunctions: throttled"],
        ["AssumeRolePolicyDocument: not understood"],
    ]


@pytest.mark.parametrize("report", [sample.full(), sample.clean(), sample.empty()])
def test_the_text_is_ascii_ends_in_a_newline_and_comes_out_the_same_twice(report: Report) -> None:
    text = json_reporter.render(report)
    assert text.isascii()
    assert text.endswith("}\n")
    assert text == json_reporter.render(report)


@pytest.mark.parametrize("rows", [1, 2, 1000])
@pytest.mark.parametrize("report", [sample.full(), sample.clean(), sample.empty()])
def test_it_is_indented_as_by_the_standard_library_however_many_rows_a_piece_has(
    monkeypatch: pytest.MonkeyPatch, report: Report, rows: int
) -> None:
    monkeypatch.setattr(json_reporter, "_ROWS", rows)
    text = json_reporter.render(report)
    assert text == json.dumps(json.loads(text), indent=2) + "\n"
    assert "".join(json_reporter.pieces(report)) == text


def test_a_hostile_name_survives_the_round_trip() -> None:
    arns = [finding["resource"] for finding in answer(sample.full())["findings"]]
    assert any(arn.endswith(sample.HOSTILE) for arn in arns)
