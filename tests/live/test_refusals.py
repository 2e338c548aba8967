"""Each API refused in turn: never a pass, never a traceback, and nothing else changes."""

from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest

from mlguard.cli.audit import exit_code
from mlguard.config import Config
from mlguard.report import Outcome, Report
from mlguard.snapshot import GapReason
from mlguard.sources.aws.permissions import OPERATIONS
from mlguard.sources.aws.tags import ACTIONS
from mlguard.sources.demo.account import empty
from tests.live.clean import REGION, deploy
from tests.live.refusing import NOW, REFUSED, audited, collected, outcomes, refused


@dataclass(frozen=True)
class Account:
    session: boto3.Session
    whole: Report

    def refusing(self, operation: str) -> Report:
        with refused(self.session, operation):
            return audited(collected(self.session))


@pytest.fixture(scope="module")
def clean() -> Iterator[Account]:
    with empty(REGION, managed=False) as (session, gaps):
        deploy(session, gaps, now=NOW)
        yield Account(session, audited(collected(session)))


def test_the_clean_account_is_clean_and_every_check_judged_something(clean: Account) -> None:
    assert clean.whole.findings == ()
    assert clean.whole.gaps == ()
    assert clean.whole.coverage.no_subject == ()
    assert exit_code(clean.whole, Config()) == 0


def test_the_policy_that_mlguard_asks_for_is_what_its_collectors_call(clean: Account) -> None:
    assert set(clean.whole.operations) == set(OPERATIONS)


@pytest.mark.parametrize("operation", REFUSED)
def test_a_refusal_on_a_clean_account_is_a_gap_and_exit_3(clean: Account, operation: str) -> None:
    report = clean.refusing(operation)
    assert report.findings == ()
    assert exit_code(report, Config()) == 3
    named = {gap.operation: gap for gap in report.gaps}
    assert operation in named
    assert named[operation].reason is GapReason.DENIED
    assert named[operation].permission == ACTIONS.get(operation, operation)
    before, after = outcomes(clean.whole), outcomes(report)
    for key, outcome in after.items():
        assert outcome in {Outcome.NOT_EVALUATED, before.get(key)}, key
    lost = [result for result in report.results if result.outcome is Outcome.NOT_EVALUATED]
    for result in lost:
        assert result.gaps
