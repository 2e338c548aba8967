"""Stops the notebook instance that it runs on, once nobody has used it for a while.

Run there every few minutes, as root, with the system's Python: nothing but the standard library
and the AWS CLI. What a notebook runs while it computes counts as use.
"""

import json
import ssl
import subprocess
import sys
import urllib.request
from datetime import datetime, timezone

METADATA = "/opt/ml/metadata/resource-metadata.json"
JUPYTER = "https://localhost:8443/api/"


def idle_minutes(sessions, terminals, now, uptime_minutes):
    """Return for how many minutes nobody has done anything; no longer than since the start."""
    kernels = [session["kernel"] for session in sessions]
    if any(kernel["execution_state"] == "busy" for kernel in kernels):
        return 0.0
    used = [_instant(one["last_activity"]) for one in (*kernels, *terminals)]
    since = [(now - one).total_seconds() / 60 for one in used]
    return min([uptime_minutes, *since])


def _instant(text):
    # Pythons before 3.11 read no Z.
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _ask(path):
    # Jupyter's certificate on the instance is its own, and this never leaves the instance.
    context = ssl._create_unverified_context()
    with urllib.request.urlopen(JUPYTER + path, context=context, timeout=10) as answer:
        return json.load(answer)


def main():
    """Stop the instance if it has been idle for longer than the minutes given."""
    with open("/proc/uptime") as uptime:
        minutes = float(uptime.read().split()[0]) / 60
    now = datetime.now(timezone.utc)
    if idle_minutes(_ask("sessions"), _ask("terminals"), now, minutes) <= float(sys.argv[1]):
        return
    with open(METADATA) as metadata:
        arn = json.load(metadata)["ResourceArn"]
    region, name = arn.split(":")[3], arn.rpartition("/")[2]
    command = ["aws", "sagemaker", "stop-notebook-instance", "--region", region]
    subprocess.run([*command, "--notebook-instance-name", name], check=True)


if __name__ == "__main__":
    main()
