"""Runs the training script: in this process, in one of its own, or in several under torchrun."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.metrics import METRIC_DEFINITIONS
from training.train import main


@dataclass(frozen=True)
class Ran:
    """What a run left: a folder with model.pth and config.json."""

    folder: Path

    @property
    def config(self) -> dict[str, Any]:
        config: dict[str, Any] = json.loads((self.folder / "config.json").read_text())
        return config

    @property
    def metrics(self) -> dict[str, float]:
        metrics: dict[str, float] = self.config["metrics"]
        return metrics

    def state(self) -> dict[str, Any]:
        import torch

        state: dict[str, Any] = torch.load(self.folder / "model.pth", weights_only=True)
        return state


def words(data: Path, **options: object) -> list[str]:
    """Return the command line: small and quick, changed by the options."""
    chosen: dict[str, object] = {
        "data": data,
        "image_size": 32,
        "batch_size": 8,
        "learning_rate": 0.002,
        "workers": 0,
        **options,
    }
    return [
        word
        for name, value in chosen.items()
        for word in (f"--{name.replace('_', '-')}", str(value))
    ]


def trained(folder: Path, data: Path, **options: object) -> Ran:
    """Train in this process; return what was written."""
    assert main(words(data, model_dir=folder, **options)) == 0
    return Ran(folder)


def spawn(code: str, *, ranks: int, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the code in as many processes as ranks, under torchrun if there are several."""
    script = cwd / "entry.py"
    script.write_text(code)
    launcher = [sys.executable]
    if ranks > 1:
        launcher += ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(ranks)]
    root = Path(__file__).parents[2]
    return subprocess.run(
        [*launcher, str(script)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def read_metrics(out: str, name: str) -> list[float]:
    """Return what SageMaker would read from the lines for a metric."""
    regex = next(item["Regex"] for item in METRIC_DEFINITIONS if item["Name"] == name)
    return [float(found) for found in re.findall(regex, out)]
