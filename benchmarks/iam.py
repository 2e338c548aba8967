"""Judging a whole account beside reading its file, as ratios of one run, and their bounds.

    python -m benchmarks.iam [ROUNDS]

Machines differ and are noisy: the commands run as fresh processes, in turns, and what is compared
is their CPU time, the system's for them included: the median of the ratios of each turn. A bound
is for 10,000 roles; the other sizes show that the cost grows as the account does. Then a policy of
50,000 statements, and a hostile resource.

If `cloudsplaining` is on the PATH, its `scan` of 1,000 roles is measured beside our audit. They do
partly other work: it draws an HTML report, groups findings by kind of risk and excludes what it is
told to; ours merges policies, groups, boundaries and denies, and runs checks that it does not have.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.account import account, write
from mlguard.cli import COMMANDS

HERE = Path(__file__).parent.parent
SIZES = (1_000, 5_000, 10_000, 20_000)
BOUND_FOR = 10_000
PEAK_MIB = 400
CLOUDSPLAINING_ROLES, CLOUDSPLAINING_TIMES = 1_000, 100
# Findings, or gaps: with a report they are an answer as good as 0.
REPORTED = frozenset({1, 3})

READ = "import json, sys; json.load(open(sys.argv[1]))"
# The cyclic garbage collector as the command line sets it. Without any the same takes 6 to 7 in
# 100 less.
JUDGE = """
import gc, sys
gc.set_threshold(200_000, 50, 100)
from datetime import UTC, datetime
from mlguard.principals import principals
from mlguard.sources.authorization_details import AuthorizationDetails
text = open(sys.argv[1], "rb").read()
read = AuthorizationDetails(text, name=sys.argv[1], taken_at=datetime.now(UTC)).collect()
for one in principals(read).effective.values():
    (one.actions_anywhere, one.on_all_resources, one.administrator)
"""
SPELL_OUT = f"{JUDGE}    one.grants\n"
LARGE_POLICY = """
import gc, json
gc.set_threshold(200_000, 50, 100)
from mlguard.iam.language.actions import actions
from mlguard.iam.language.document import parse
from mlguard.iam.permissions.effective import effective
from mlguard.iam.evaluation.policies import Carrier, PolicySet
names = actions().names
statements = [
    {"Effect": "Deny" if at % 4 == 0 else "Allow", "Action": names[at % 997],
     "Resource": f"arn:aws:s3:::bucket-{at}/*"}
    for at in range(50_000)
]
text = json.dumps({"Version": "2012-10-17", "Statement": statements})
"""
JUDGE_LARGE = f"""{LARGE_POLICY}
own = Carrier(name="own", document=parse(text))
(one,) = effective([("arn:aws:iam::123456789012:role/x", PolicySet(identity=(own,)))])
(one.actions_anywhere, one.on_all_resources, one.administrator)
one.can("s3:GetObject", "arn:aws:s3:::bucket-1/x")
"""
HOSTILE = """
from mlguard.iam.language.wildcard import covers, matches, meets
pattern = "a*" * 24 + "b"
matches(pattern, "a" * 5000)
(covers(pattern, "a*" * 23 + "b"), meets(pattern, "*a" * 24 + "c"))
"""


class Contestant(NamedTuple):
    """A command on an account's file, and how many times json.load's CPU it may take."""

    name: str
    command: tuple[str, ...]
    bound: int | None = None


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def mlguard(command: str) -> tuple[str, ...]:
    given = ("--format", "json", "--authorization-details")
    return (sys.executable, "-m", "mlguard", command, *given)


def contestants() -> tuple[Contestant, ...]:
    """Return what is measured: all that this version of mlguard has."""
    paths = Contestant("paths", mlguard("paths"), 15)
    return (
        Contestant("effective", python(JUDGE), 6),
        Contestant("grants", python(SPELL_OUT)),
        *((paths,) if paths.name in COMMANDS else ()),
        Contestant("audit", mlguard("audit"), 25),
    )


class Cost(NamedTuple):
    """What a process took: CPU seconds, its own and the system's for it, and memory."""

    cpu: float
    peak_mib: float


def cost(*command: str) -> Cost:
    """Return what running the command took; raises CalledProcessError if it did not answer."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        child = subprocess.Popen(command, cwd=HERE, stdout=said, stderr=complained)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        # A crash of Python's exits as findings do, and would look fast: it prints no report.
        reported = child.returncode in REPORTED and said.read(1) == b"{"
        if child.returncode and not reported:
            complained.seek(0)
            raise subprocess.CalledProcessError(child.returncode, command, stderr=complained.read())
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def median(code: str, rounds: int) -> float:
    return statistics.median(cost(*python(code)).cpu for _ in range(rounds))


def rounds_of(commands: Sequence[tuple[str, ...]], rounds: int) -> list[tuple[Cost, ...]]:
    """Return the costs of the commands, in turns, after one turn that does not count."""
    turns = [tuple(cost(*command) for command in commands) for _ in range(rounds + 1)]
    return turns[1:]


def account_row(roles: int, folder: Path, rounds: int) -> str:
    path = folder / f"account-{roles}.json"
    write(roles, path)
    commands = [python(READ), *(one.command for one in contestants())]
    turns = rounds_of([(*command, str(path)) for command in commands], rounds)
    cells = [f"{roles:7,} {path.stat().st_size / 1e6:6.1f}"]
    cells.append(f"{statistics.median(turn[0].cpu for turn in turns):9.2f}")
    for at in range(1, len(commands)):
        ratio = statistics.median(turn[at].cpu / turn[0].cpu for turn in turns)
        peak = max(turn[at].peak_mib for turn in turns)
        cpu = statistics.median(turn[at].cpu for turn in turns)
        cells.append(f"{cpu:9.2f} {ratio:5.1f} {peak:5.0f}")
    return " |".join(cells)


def headings() -> tuple[str, str]:
    """Return the names of the columns, and the bounds as a row of the table."""
    names = ["  roles     MB", "json.load"]
    bounds = [f"bound at {BOUND_FOR:,}", " " * 8]
    for one in contestants():
        names.append(f"{one.name:>9} ratio   MiB")
        bound = f"<= {one.bound}" if one.bound else "-"
        bounds.append(f"{bound:>15} {f'<{PEAK_MIB}':>5}")
    return " |".join(names), " |".join(bounds)


def cloudsplaining(folder: Path, rounds: int) -> str:
    """Return how often ours, and json.load, would be done while `cloudsplaining scan` is."""
    found = shutil.which("cloudsplaining")
    if found is None:
        return "cloudsplaining is not on the PATH: not compared"
    path = folder / "lists.json"
    # It logs the whole account as an error if more than the lists stand in the file.
    lists = {key: value for key, value in account(CLOUDSPLAINING_ROLES).items() if value}
    path.write_text(json.dumps(lists, indent=1), encoding="utf-8")
    scan = (found, "scan", "--skip-open-report", "--output", str(folder), "--input-file", str(path))
    # To read the file is the least that anybody does: what it takes is what nobody can better.
    least = Contestant("json.load", python(READ))
    ours = [(one.name, (*one.command, str(path))) for one in (least, *contestants())]
    turns = rounds_of([scan, *(command for _, command in ours)], rounds)
    times = (
        f"{name} {statistics.median(turn[0].cpu / turn[at].cpu for turn in turns):.0f}"
        for at, (name, _) in enumerate(ours, start=1)
    )
    slow = statistics.median(turn[0].cpu for turn in turns)
    return (
        f"cloudsplaining scan of {CLOUDSPLAINING_ROLES:,} roles: {slow:.1f} s, that is times "
        f"{', '.join(times)} (wanted: {CLOUDSPLAINING_TIMES}; partly other work)"
    )


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print("CPU seconds of whole processes, medians; ratio = to json.load's; peak memory in MiB")
    print("\n".join(headings()))
    with tempfile.TemporaryDirectory() as folder:
        for roles in SIZES:
            print(account_row(roles, Path(folder), rounds), flush=True)
        print(cloudsplaining(Path(folder), min(rounds, 3)), flush=True)
    large = median(JUDGE_LARGE, rounds) - median(LARGE_POLICY, rounds)
    print(f"a policy of 50,000 statements, parsed and judged: {large:.2f} s (bound: 1)")
    hostile = median(HOSTILE, rounds)
    print(f"the resource (a*)x24 b: {hostile:.2f} s, imports included (bound: 1)")


if __name__ == "__main__":
    main()
