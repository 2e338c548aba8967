"""pytest with the plugin installed and unused, beside pytest without it, as ratios of one run.

    python -m benchmarks.pytest_startup [ROUNDS]

`pytest --collect-only` of one empty test, in fresh processes that take turns, with the plugin
loaded by its name and with it kept out. Machines differ and are noisy: what counts is the median
of the ratios of each turn; the bound is 1.1.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent.parent
BOUND = 1.1
ASK = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
# No other plugin that happens to be installed: they would hide what ours costs.
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(HERE)}


class Cost(NamedTuple):
    """What a process took, in seconds: CPU, its own and the system's for it, and by the clock."""

    cpu: float
    wall: float


def cost(arguments: Sequence[str], folder: Path) -> Cost:
    """Return what a run of pytest took; raises CalledProcessError if it failed."""
    command = (*ASK, *arguments)
    start = time.perf_counter()
    child = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **ALONE}, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Cost(used.ru_utime + used.ru_stime, wall)


def main() -> None:
    """Print the ratios."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 31
    plugin = ("-p", "mlguard_pytest.plugin")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_empty.py").write_text("def test_empty():\n    pass\n", encoding="utf-8")
        turns = [(cost(plugin, folder), cost((), folder)) for _ in range(rounds + 1)][1:]
    for at, what in enumerate(Cost._fields):
        ratio = statistics.median(used[at] / bare[at] for used, bare in turns)
        bare = statistics.median(bare[at] for _, bare in turns)
        print(
            f"{what:4}  {ratio:.3f} times pytest without the plugin ({bare:.2f} s; bound {BOUND})"
        )


if __name__ == "__main__":
    main()
