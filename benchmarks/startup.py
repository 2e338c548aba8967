"""Start-up: `mlguard --help` beside a bare interpreter, as ratios of one run.

    python benchmarks/startup.py [ROUNDS]

Machines differ and are noisy: the two commands take turns, and the medians are compared.
"""

import statistics
import subprocess
import sys
import time

BARE = (sys.executable, "-c", "pass")
COMMANDS = {
    "mlguard --help": (sys.executable, "-m", "mlguard", "--help"),
    "import mlguard": (sys.executable, "-c", "import mlguard"),
    "mlguard checks": (sys.executable, "-m", "mlguard", "checks"),
}


def seconds(command: tuple[str, ...]) -> float:
    """Return how long a process took, from outside."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Print each command's median as a multiple of the bare interpreter's."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    for name, command in COMMANDS.items():
        seconds(command)
        ratios = [seconds(command) / seconds(BARE) for _ in range(rounds)]
        print(f"{name:16} {statistics.median(ratios):5.1f} times a bare interpreter")


if __name__ == "__main__":
    main()
