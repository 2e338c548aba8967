"""Train a classifier: one script for a process, torchrun, EC2 and SageMaker, with one node or many.

    python -m training.train --data breeds --epochs 5
    torchrun --nproc_per_node 2 -m training.train --data breeds --epochs 5

Exit codes: 0 trained, 1 something given is wrong (one line says what), 2 usage, 143 interrupted.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence

import torch

from training.checkpoint import write_atomically, write_model
from training.dataset import EvaluationImages
from training.distributed import Ranks, ranks
from training.errors import DatasetError, OptionError, TrainingError
from training.folders import Folder, read_folders, split_folders
from training.interruption import EXIT_CODE, Stop, on_sigterm
from training.loop import Interrupted, Run
from training.metrics import line
from training.options import Options, parse
from training.progress import bar, quiet, shown


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the command line says; return the exit code."""
    options = parse(arguments, os.environ)
    try:
        with on_sigterm() as stop, ranks(os.environ) as own:
            train(options, own, stop, os.environ)
    except TrainingError as error:
        print(f"training: {_told(error)}", file=sys.stderr)
        return 1
    except Interrupted:
        kept = options.checkpoint_dir
        told = (
            f"start again to go on from {kept}" if kept else "without --checkpoint-dir all is lost"
        )
        print(f"training: interrupted; {told}", file=sys.stderr)
        return EXIT_CODE
    return 0


def train(options: Options, own: Ranks, stop: Stop, environ: Mapping[str, str]) -> None:
    """Train, judge the best weights once on the test split, and write them, on rank 0."""
    if own.device.type == "cpu":
        torch.use_deterministic_algorithms(True)  # noqa: FBT003  # torch's signature
    folder = _folder(options, own, environ)
    run = Run(options, folder, own, stop=stop, watch=bar if shown(first=own.first) else quiet)
    if run.resume() and own.first:
        print(f"resumed at epoch {run.standing.epoch}, step {run.standing.step}", flush=True)
    for metrics in run.epochs():
        _tell(own, metrics)
        if own.first and options.output_dir is not None:
            lines = "".join(json.dumps(epoch) + "\n" for epoch in run.standing.history)
            write_atomically(options.output_dir / "metrics.jsonl", lines.encode())
    run.take_best()
    tested = run.judge(EvaluationImages(folder.test, options.hyperparameters.image_size))
    metrics = run.standing.history[run.standing.best_epoch - 1] | {
        "test:loss": tested.mean_loss,
        "test:accuracy": tested.accuracy,
    }
    _tell(own, {name: metrics[name] for name in ("epoch", "test:loss", "test:accuracy")})
    if own.first:
        write_model(
            options.model_dir,
            run.best,
            arch=options.hyperparameters.arch,
            classes=folder.classes,
            image_size=options.hyperparameters.image_size,
            metrics=metrics,
        )


def _folder(options: Options, own: Ranks, environ: Mapping[str, str]) -> Folder:
    folder = read_folders(split_folders(options.data, environ))
    if options.classes not in {None, len(folder.classes)}:
        raise OptionError(
            f"--classes {options.classes}, but the folder has {len(folder.classes)}: "
            "give the right number, or leave --classes out"
        )
    if not own.agree(folder.digest()):
        raise DatasetError(
            "the hosts list different images: give each the whole data set (SageMaker: "
            "S3DataDistributionType FullyReplicated); the ranks share it among them"
        )
    return folder


def _tell(own: Ranks, metrics: Mapping[str, float]) -> None:
    if not own.first:
        return
    for name, value in metrics.items():
        if name != "epoch":
            print(line(int(metrics["epoch"]), name, value), flush=True)


def _told(error: TrainingError) -> str:
    """Return the message alone: a DataLoader's worker wraps it into its traceback."""
    name = f"{type(error).__module__}.{type(error).__qualname__}: "
    return str(error).strip().rpartition(name)[2]


if __name__ == "__main__":
    raise SystemExit(main())
