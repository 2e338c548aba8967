"""The demo account with each API refused in turn: its faults are found still, and a gap is told."""

from mlguard.cli.audit import exit_code
from mlguard.config import Config
from mlguard.report import Outcome
from mlguard.sources.demo.account import made, pipeline
from tests.live.refusing import NOW, REFUSED, audited, collected, outcomes, refused


def test_a_refusal_changes_the_demo_account_to_no_pass() -> None:
    with made(pipeline().steps, clock=lambda: NOW) as session:
        whole = audited(collected(session))
        for operation in REFUSED:
            with refused(session, operation):
                report = audited(collected(session))
            assert exit_code(report, Config()) == 1, operation
            assert operation in {gap.operation for gap in report.gaps} or (
                operation not in whole.operations
            )
            fingerprints = {finding.fingerprint for finding in whole.findings}
            assert {finding.fingerprint for finding in report.findings} <= fingerprints
            passed = {key for key, found in outcomes(report).items() if found is Outcome.PASSED}
            before = outcomes(whole)
            assert all(before[key] is Outcome.PASSED for key in passed), operation
