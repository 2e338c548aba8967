"""The report in a terminal, line by line against golden files, and what it must never do."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mlguard.report import Report
from mlguard.reporters import terminal
from mlguard.reporters.escaping import printable
from tests.reporters import made, sample

GOLDEN = Path(__file__).parent / "golden"
SAMPLES: dict[str, Callable[[], Report]] = {
    "full": sample.full,
    "clean": sample.clean,
    "gaps_only": sample.gaps_only,
    "unjudged": sample.unjudged,
    "empty": sample.empty,
}
STYLE = re.compile(r"\x1b\[[0-9;]*m")


def first_screen(text: str) -> str:
    return "\n".join(text.splitlines()[:20])


def is_one_piece(line: str) -> bool:
    """A command, or a line of one word: what is copied and pasted."""
    return " aws " in line or " " not in line.strip()


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("name", SAMPLES)
def test_the_report_is_what_the_golden_file_holds(name: str, width: int) -> None:
    golden = (GOLDEN / f"{name}_{width}.txt").read_text(encoding="utf-8")
    assert terminal.render(SAMPLES[name](), width=width) == golden


@pytest.mark.parametrize("name", SAMPLES)
def test_colour_changes_no_letter(name: str) -> None:
    report = SAMPLES[name]()
    coloured = terminal.render(report, width=80, colour=True)
    assert "\x1b[" in coloured
    assert STYLE.sub("", coloured) == terminal.render(report, width=80)


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [terminal.render(sample.full(), width=80, colour=colour) for colour in (False, True)]
    changes = {"COLUMNS": "33", "TERM": "dumb", "FORCE_COLOR": "1", "NO_COLOR": "1"}
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
        for colour in (False, True):
            drawn = terminal.render(sample.full(), width=80, colour=colour)
            assert drawn == expected[colour]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 200])
def test_only_what_is_copied_in_one_piece_is_wider_than_the_page(width: int) -> None:
    for line in terminal.render(sample.full(), width=width).splitlines():
        assert len(line) <= width or is_one_piece(line), line


@pytest.mark.parametrize("width", [1, 40, 80, 140])
def test_every_fix_that_is_a_command_and_every_arn_stands_on_one_line(width: int) -> None:
    report = sample.full()
    lines = terminal.render(report, width=width).splitlines()
    for finding in report.findings:
        if finding.remediation.startswith("aws "):
            assert any(line.endswith(printable(finding.remediation)) for line in lines)
        assert any(printable(finding.subject.arn) in line for line in lines)


@pytest.mark.parametrize("width", [80, 140])
def test_no_line_ends_in_a_space(width: int) -> None:
    lines = terminal.render(sample.full(), width=width).splitlines()
    assert [line for line in lines if line != line.rstrip()] == []


def test_the_first_screen_says_who_how_bad_how_dear_how_much_and_what_next() -> None:
    screen = first_screen(terminal.render(sample.full(), width=80))
    assert "account 123456789012" in screen
    assert "read-only: 21 API operations" in screen
    assert "1 CRITICAL · 4 HIGH · 2 MEDIUM · 1 LOW · 1 INFORMATIONAL · 1 suppressed" in screen
    assert "at least 184.28 USD a month" in screen
    assert "12 checks on 12 resources: 6 failed, 2 not evaluated, 4 not applicable" in screen
    assert "NOT complete: 4 gaps" in screen
    assert "aws iam update-assume-role-policy --role-name fraud-training" in screen


def test_the_worst_stands_first() -> None:
    text = terminal.render(sample.full(), width=100)
    headings = [line.split(" ")[0] for line in text.splitlines() if "────" in line]
    assert headings[:5] == ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL"]


def test_the_marked_lines_of_a_statement_are_flagged_and_no_others() -> None:
    text = terminal.render(sample.full(), width=200)
    flagged = [line.strip() for line in text.splitlines() if line.startswith("    > │")]
    assert flagged[0] == '> │   "Principal": "*",'
    assert flagged[1] == '> │     "iam:PassRole"'
    assert flagged[2].startswith('> │   "Resource": ')
    assert len(flagged) == 3


def test_of_a_long_statement_only_the_surroundings_of_the_marks_are_shown() -> None:
    text = terminal.render(sample.full(), width=100)
    assert '"s3:PutObjectH"' in text
    assert '"s3:GetObjectA"' not in text
    assert "      …" in text.splitlines()


def test_a_check_is_named_once_for_all_that_it_found() -> None:
    lines = terminal.render(sample.full(), width=100).splitlines()
    assert sum(line.startswith("role-full-access  ") for line in lines) == 1


def test_findings_with_one_fix_print_it_once() -> None:
    of = made.subject("NotebookInstance", "fraud")
    pair = [made.finding(of=of, message=f"fault {n}", at=f"Field[{n}]") for n in (1, 2)]
    text = terminal.render(sample.report(made.failed(*pair)), width=100)
    assert "fault 1" in text
    assert "fault 2" in text
    assert text.count("fix: ") == 1


def test_a_command_within_sentences_stands_on_a_line_of_its_own() -> None:
    fix = "Make room first, with `aws ec2 stop-instances --instance-ids i-1`, then rest."
    found = made.finding(remediation=fix)
    lines = terminal.render(sample.report(made.failed(found)), width=40).splitlines()
    start = lines.index("    fix: Make room first, with")
    assert lines[start + 1 : start + 3] == [
        "         aws ec2 stop-instances --instance-ids i-1",
        "         then rest.",
    ]
    assert f"      mlguard checks {found.check}" in lines


def test_money_and_doubt_stand_with_the_finding_and_certainty_does_not() -> None:
    text = terminal.render(sample.full(), width=100)
    assert "at EnableManagedSpotTraining · saves 12.00 USD/month · confidence MEDIUM" in text
    assert "confidence HIGH" not in text


def test_a_call_refused_in_two_regions_is_one_thing_to_mend() -> None:
    text = terminal.render(sample.full(), width=140)
    heading = "sagemaker:ListEndpoints · denied · 123456789012 in us-east-1, eu-west-1"
    assert text.count(heading) == 1
    assert "missing permission: sagemaker:ListEndpoints" in text
    assert "not evaluated: endpoint-one-instance" in text


def test_a_clean_report_says_what_was_checked() -> None:
    text = terminal.render(sample.clean(), width=100)
    assert "1 NotebookInstance · 2 Role · 1 TrainingJob" in text
    assert re.search(r"2 +role-trust-open +Role can be assumed by anyone", text)
    assert "Clean: 4 checks passed on 4 resources." in text
    assert "NOT" not in text


def test_without_findings_a_gap_is_on_the_first_screen_and_in_the_verdict() -> None:
    text = terminal.render(sample.gaps_only(), width=80)
    assert "NOT complete: 4 gaps" in first_screen(text)
    assert "mlguard permissions" in first_screen(text)
    assert "not a pass" in text
    assert "Clean" not in text


@pytest.mark.parametrize("report", [sample.empty(), sample.unjudged(), sample.report()])
def test_where_nothing_was_judged_the_first_screen_says_so(report: Report) -> None:
    text = terminal.render(report, width=80)
    assert "NOTHING WAS JUDGED" in first_screen(text)
    assert "Nothing was judged, so nothing is known" in text
    assert "Clean" not in text


def test_an_accepted_finding_is_named_with_its_reason_and_its_last_day() -> None:
    text = terminal.render(sample.report(sample.failed_or_suppressed()), width=140)
    assert "no findings · 1 suppressed" in first_screen(text)
    assert "notebook-direct-internet  sandbox · HIGH · until 2027-01-31" in text
    assert "accepted: a sandbox without data" in text


def test_what_is_unknown_or_nothing_is_left_out() -> None:
    bare = Report(**{**vars(sample.report()), "identity": None, "operations": ()})
    text = terminal.render(bare, width=100)
    assert "read-only" not in text
    assert "saves" not in text
    assert text.startswith("mlguard  account 123456789012 · us-east-1 · 2026-11-02 09:00 UTC\n")


def test_a_hostile_name_prints_literally_wherever_it_stands() -> None:
    text = terminal.render(sample.full(), width=300)
    literal = r"a\x1b[31mb\nc[red]d[/red]</script>\u202ee"
    assert f"  {literal} (NotebookInstance)" in text
    assert f"notebookinstance/{literal}" in text
    assert f"(tag {literal})" in text
    assert f"--notebook-instance-name '{literal}' --instance-type" in text
    assert all(char.isprintable() for char in text.replace("\n", ""))


def test_a_hostile_word_in_any_field_stays_one_line_of_text() -> None:
    of = made.subject("Role", sample.HOSTILE, sample.HOSTILE)
    gap = made.gap(sample.HOSTILE, detail=sample.HOSTILE, permission=sample.HOSTILE)
    found = made.finding(
        of=of, message=sample.HOSTILE, at=sample.HOSTILE, remediation=sample.HOSTILE
    )
    report = sample.report(made.failed(found), gaps=(gap,), notes=(sample.HOSTILE,))
    text = terminal.render(report, width=300)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert not any(line.startswith("c[red]") for line in text.splitlines())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fraud-training", "fraud-training"),
        ("Zürich 東京 [red]x[/red] </script>", "Zürich 東京 [red]x[/red] </script>"),
        ("\x1b[2J", r"\x1b[2J"),
        ("a\r\n\tb\x00\x7f\x85", r"a\r\n\tb\x00\x7f\x85"),
        ("\u202a\u202e\u2066\u2069", r"\u202a\u202e\u2066\u2069"),
        ("\u200b\u200d\ufeff\u2028\xa0", r"\u200b\u200d\ufeff\u2028\xa0"),
        ("\udcff\U000e0041", r"\udcff\U000e0041"),
    ],
)
def test_what_shows_nothing_or_acts_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(text).encode()
