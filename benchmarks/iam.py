"""Effective permissions of a whole account beside reading its file, as ratios of one run.

    python -m benchmarks.iam [ROUNDS]

Machines differ and are noisy: both commands run as fresh processes, in turns, and the medians of
their CPU time are compared. Then the cost from 1,000 to 20,000 roles, a policy of 50,000
statements, and a hostile resource.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks.account import write

HERE = Path(__file__).parent.parent
SIZES = (1_000, 5_000, 10_000, 20_000)

READ = "import json, sys; json.load(open(sys.argv[1]))"
# Without the cyclic garbage collector: what is read stays until the end.
JUDGE = """
import gc, sys
gc.disable()
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
gc.disable()
from mlguard.iam.actions import actions
from mlguard.iam.document import parse
from mlguard.iam.effective import effective
from mlguard.iam.policies import Carrier, PolicySet
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
from mlguard.iam.wildcard import covers, matches, meets
pattern = "a*" * 24 + "b"
matches(pattern, "a" * 5000)
(covers(pattern, "a*" * 23 + "b"), meets(pattern, "*a" * 24 + "c"))
"""


class Cost(NamedTuple):
    """What a process took: CPU seconds, its own and the system's for it, and memory."""

    cpu: float
    peak_mib: float


def cost(code: str, *arguments: str) -> Cost:
    """Return what running the code in a fresh interpreter took."""
    child = subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=HERE)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, sys.executable)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def median(code: str, rounds: int, *arguments: str) -> Cost:
    runs = [cost(code, *arguments) for _ in range(rounds)]
    return Cost(statistics.median(run.cpu for run in runs), max(run.peak_mib for run in runs))


def account_row(roles: int, folder: Path, rounds: int) -> str:
    path = folder / f"account-{roles}.json"
    write(roles, path)
    cost(READ, str(path))
    cost(JUDGE, str(path))
    pairs = [(cost(READ, str(path)), cost(JUDGE, str(path))) for _ in range(rounds)]
    ratio = statistics.median(ours.cpu / theirs.cpu for theirs, ours in pairs)
    spelled = statistics.median(cost(SPELL_OUT, str(path)).cpu for _ in range(rounds))
    read, judged = (statistics.median(run[at].cpu for run in pairs) for at in (0, 1))
    peak = max(ours.peak_mib for _, ours in pairs)
    size = path.stat().st_size / 1e6
    return (
        f"{roles:7,} {size:7.1f} {read:9.2f} {judged:9.2f} {ratio:7.1f} {spelled:9.2f} {peak:9.0f}"
    )


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print("CPU seconds of whole processes, medians; ratio = judge / json.load")
    print("  roles      MB json.load     judge   ratio    grants  peak MiB")
    with tempfile.TemporaryDirectory() as folder:
        for roles in SIZES:
            print(account_row(roles, Path(folder), rounds), flush=True)
    bare = median("pass", rounds).cpu
    large = median(JUDGE_LARGE, rounds).cpu - median(LARGE_POLICY, rounds).cpu
    print(f"a policy of 50,000 statements, parsed and judged: {large:.2f} s")
    print(f"the resource (a*)x24 b: {median(HOSTILE, rounds).cpu - bare:.2f} s, imports included")


if __name__ == "__main__":
    main()
