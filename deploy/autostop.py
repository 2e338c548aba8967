"""Stops the notebook instance that it runs on, once nobody has used it for a while.

Run there every few minutes, as root, with the system's Python (3.9): nothing but the standard
library and the AWS CLI. What a notebook runs while it computes counts as use.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

METADATA = Path("/opt/ml/metadata/resource-metadata.json")
UPTIME = Path("/proc/uptime")
JUPYTER = "https://localhost:8443/api/"


def idle_minutes(
    sessions: Sequence[Any], terminals: Sequence[Any], now: datetime, uptime_minutes: float
) -> float:
    """Return for how many minutes nobody has done anything; no longer than since the start."""
    kernels = [session["kernel"] for session in sessions]
    if any(kernel["execution_state"] == "busy" for kernel in kernels):
        return 0.0
    used = [_instant(one["last_activity"]) for one in (*kernels, *terminals)]
    return min([uptime_minutes, *((now - one).total_seconds() / 60 for one in used)])


def _instant(text: str) -> datetime:
    # Pythons before 3.11 read no Z.
    return datetime.fromisoformat(text.replace("Z", "+00:00"))  # noqa: FURB162  # as said


def _ask(path: str) -> Any:  # JSON comes in here
    # Jupyter's certificate on the instance is its own, and this never leaves the instance.
    context = ssl._create_unverified_context()  # noqa: S323, SLF001  # as said
    with urllib.request.urlopen(JUPYTER + path, context=context, timeout=10) as answer:  # noqa: S310
        return json.load(answer)


def main() -> None:
    """Stop the instance if it has been idle for longer than the minutes given."""
    uptime = float(UPTIME.read_text(encoding="ascii").split()[0]) / 60
    now = datetime.now(timezone.utc)  # noqa: UP017  # Python 3.9 has no UTC
    if idle_minutes(_ask("sessions"), _ask("terminals"), now, uptime) <= float(sys.argv[1]):
        return
    arn = json.loads(METADATA.read_text(encoding="utf-8"))["ResourceArn"]
    region, name = arn.split(":")[3], arn.rpartition("/")[2]
    command = ["aws", "sagemaker", "stop-notebook-instance", "--region", region]
    subprocess.run([*command, "--notebook-instance-name", name], check=True)  # noqa: S603  # no shell


if __name__ == "__main__":
    main()
