"""What a pipeline file would cost: asked of `mlguard cost`, a process of its own."""

import subprocess
import sys
from importlib.util import find_spec
from typing import Final

_COMMAND: Final = (sys.executable, "-m", "mlguard", "cost", "--brief", "--pipeline", "-")
_PATIENCE_S: Final = 60


def estimate(text: str) -> str:
    """Return what mlguard says that the pipeline of a file's text costs, or why it says nothing.

    It advises and never fails a plan: whatever goes wrong is one line.
    """
    if find_spec("mlguard") is None:
        return "no estimate of the cost: mlguard is not installed here (pip install mlguard-aws)"
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter, and no word of a user's
            _COMMAND,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            encoding="utf-8",
            timeout=_PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"no estimate of the cost: mlguard cannot be run: {error}"
    # 1 and 3 are the configured budget's: over it, or not known whether it is kept.
    if done.stdout:
        return done.stdout.rstrip("\n")
    said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return f"no estimate of the cost: {said}"
