"""Recordings of several tests that each read an account of their own."""

import pytest

from mlguard_pytest.builders import account, allow, role
from mlguard_pytest.holding import hold, sent
from mlguard_pytest.merging import OfRole, merged
from mlguard_pytest.recorder import Recorder
from mlguard_pytest.recording_options import RecordingOptions

UNREAD = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
OPTIONS = RecordingOptions(max_excess=None, write_policy=None, sourced=False)


def judged(*attached: str) -> tuple[OfRole, ...]:
    """Return what comes of tests that read the role with one more policy attached each time."""
    data = []
    for at in range(len(attached) + 1):
        read = account(role("reader", allow("s3:GetObject"), attached=attached[:at]))
        recorder = Recorder("reader", read)
        outcome = hold(
            recorder, role="reader", test=f"test_{at}", whole=True, source=None, strict=False
        )
        data.append(sent(outcome.message))
    return merged(data, OPTIONS, source=lambda: account().snapshot).roles


def test_a_role_is_judged_once_for_tests_that_read_the_same() -> None:
    (found,) = judged()
    assert found.usage is not None
    assert found.usage.gaps == ()


def test_a_policy_that_was_not_read_for_one_of_them_is_told() -> None:
    whole, half = (one.usage for one in judged(UNREAD))
    assert whole is not None
    assert half is not None
    assert whole.gaps == ()
    assert [UNREAD in gap.detail for gap in half.gaps] == [True]


@pytest.mark.parametrize(
    ("ends", "said"), [((False, True), False), ((False, False), True), ((True,), False)]
)
def test_of_a_test_that_was_run_again_the_attempt_that_came_to_its_end_counts(
    ends: tuple[bool, ...], *, said: bool
) -> None:
    read = account(role("reader", allow("s3:GetObject")))
    data = [
        sent(
            hold(
                Recorder("reader", read),
                role="reader",
                test="test_flaky",
                whole=whole,
                source=None,
                strict=False,
            ).message
        )
        for whole in ends
    ]
    text = merged(data, OPTIONS, source=lambda: read.snapshot).text(width=200, colour=False)
    assert ("did not come to their end, so calls may be wanting: test_flaky" in text) == said
    assert text.count("test_flaky") == int(said)
