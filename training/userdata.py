"""What an instance does when it comes up: the script that cloud-init runs as root, once.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
"""

from collections.abc import Mapping
from shlex import quote
from typing import Final

# Release notes of the Deep Learning AMI, "python_location": torch and Pillow are in there.
_PYTHON: Final = "/opt/pytorch/bin/python"
_HOME: Final = "/opt/breeds"

# From the end of training's time to the end of the machine's: to put the checkpoint away.
_GRACE_MINUTES: Final = 15

_BEGINNING: Final = """\
#!/bin/bash
set -euo pipefail
export AWS_DEFAULT_REGION={region}
mkdir -p {home} && cd {home}
aws s3 cp --only-show-errors {code} - | tar -xz
"""

# Whatever happens, the machine is given back: at the end, on an error, or after its time.
_TRAIN: Final = """\
shutdown -h +{latest}
finish() {{
    aws s3 cp --only-show-errors /var/log/cloud-init-output.log {output}/log.txt || true
    shutdown -h now
}}
trap finish EXIT
aws s3 sync --only-show-errors {data} data
aws s3 sync --only-show-errors {output}/checkpoints checkpoints
timeout {minutes}m {python} train.py --data data --model-dir model --output-dir output \\
    --checkpoint-dir checkpoints --workers 0 \\
    {words} || {{ aws s3 sync checkpoints {output}/checkpoints; exit 1; }}
tar -czf model.tar.gz -C model model.pth config.json
aws s3 cp --only-show-errors model.tar.gz {output}/model.tar.gz
"""

# The unit may read its own folder and nothing of anybody's home, and is nobody.
_SERVE: Final = """\
aws s3 cp --only-show-errors {model} - | tar -xz
cat > /etc/systemd/system/breeds.service <<'UNIT'
[Unit]
Description=Breeds, on loopback
After=network.target

[Service]
ExecStart={python} {home}/training/serve.py --model-dir {home} --port 8080
DynamicUser=yes
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT
cat > /etc/systemd/system/breeds-stop.timer <<'UNIT'
[Unit]
Description=Stop the instance {minutes} minutes after it has come up

[Timer]
OnBootSec={minutes}min
Unit=poweroff.target

[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl enable --now breeds.service breeds-stop.timer
"""


def training(
    words: Mapping[str, str], *, region: str, code: str, data: str, output: str, minutes: int
) -> str:
    """Return the script that trains, puts the model under `output` (S3), and shuts down.

    Out of time, it leaves its checkpoint there; another instance goes on from it.
    """
    told = " ".join(f"--{name} {quote(value)}" for name, value in words.items())
    work = _TRAIN.format(
        data=quote(data),
        output=quote(output),
        minutes=minutes,
        latest=minutes + _GRACE_MINUTES,
        python=_PYTHON,
        words=told,
    )
    return _beginning(region, code) + work


def serving(*, region: str, code: str, model: str, minutes: int) -> str:
    """Return the script that serves a model archive (S3) on 127.0.0.1:8080, whenever it is up."""
    work = _SERVE.format(model=quote(model), minutes=minutes, python=_PYTHON, home=_HOME)
    return _beginning(region, code) + work


def _beginning(region: str, code: str) -> str:
    return _BEGINNING.format(region=quote(region), home=_HOME, code=quote(code))
