"""What a training run is told: hyperparameters and folders, from strings on the command line.

SageMaker passes hyperparameters as strings and folders as SM_* variables
(https://github.com/aws/sagemaker-training-toolkit/blob/master/ENVIRONMENT_VARIABLES.md);
a person types the same names.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

# Those of training.model, which needs torch; whoever launches a job need not have it.
ARCHITECTURES: Final = ("resnet18", "resnet34", "resnet50")

_DESCRIPTION: Final = """\
Train a classifier of images in DIR/{train,valid,test}/CLASS/IMAGE.

The same command trains in one process, in several (torchrun -m training.train ...), on EC2 and in
a SageMaker job. It writes model.pth and config.json, and prints one metric a line. Interrupted and
started again with the same options, it goes on from its last checkpoint.
"""

_CHECKPOINTS: Final = "/opt/ml/checkpoints"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters:
    """What decides the weights, given data and machine."""

    arch: str
    freeze: bool
    epochs: int
    learning_rate: float
    batch_size: int
    image_size: int
    patience: int
    seed: int

    def words(self) -> dict[str, str]:
        """Return them as SageMaker takes them: names with dashes, values as strings."""
        return {
            field.name.replace("_", "-"): str(getattr(self, field.name)) for field in fields(self)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """A training run: hyperparameters, folders, machine."""

    hyperparameters: Hyperparameters
    classes: int | None
    weights: Path | None
    workers: int
    data: Path | None
    model_dir: Path
    output_dir: Path | None
    checkpoint_dir: Path | None


def add_hyperparameters(parser: argparse.ArgumentParser) -> None:
    """Add the hyperparameters, which training, launching and tuning share."""
    group = parser.add_argument_group("hyperparameters")
    group.add_argument("--arch", choices=ARCHITECTURES, default="resnet18", help="(%(default)s)")
    group.add_argument(
        "--freeze",
        type=_boolean,
        nargs="?",
        const=True,
        default=False,
        metavar="true|false",
        help="train the head only: the backbone and its batch normalisation stay as they are",
    )
    group.add_argument("--epochs", type=_count, default=10, help="at most (%(default)s)")
    group.add_argument("--learning-rate", type=_positive, default=0.005, help="(%(default)s)")
    group.add_argument(
        "--batch-size", type=_count, default=64, help="of all ranks together (%(default)s)"
    )
    group.add_argument("--image-size", type=_count, default=224, help="pixels (%(default)s)")
    group.add_argument(
        "--patience",
        type=_count,
        default=3,
        help="stop after so many epochs without a lower validation loss (%(default)s)",
    )
    group.add_argument("--seed", type=int, default=0, help="(%(default)s)")


def hyperparameters(given: argparse.Namespace) -> Hyperparameters:
    """Return the hyperparameters among parsed arguments."""
    return Hyperparameters(
        **{field.name: getattr(given, field.name) for field in fields(Hyperparameters)}
    )


def parse(arguments: Sequence[str] | None, environ: Mapping[str, str]) -> Options:
    """Return the options; a mistake ends the process with argparse's message and code 2."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_hyperparameters(parser)
    _add_weights(parser, environ)
    _add_folders(parser, environ)
    parser.add_argument(
        "--workers", type=_none_or_more, default=2, help="processes that decode images (2)"
    )
    # A tuning job passes the name of its objective along with the hyperparameters.
    parser.add_argument("--_tuning_objective_metric", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    return Options(
        hyperparameters=hyperparameters(given),
        classes=given.classes,
        weights=given.weights,
        workers=given.workers,
        data=given.data,
        model_dir=given.model_dir,
        output_dir=given.output_dir,
        checkpoint_dir=given.checkpoint_dir,
    )


def _add_weights(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    group = parser.add_argument_group("what to start from, and what to expect")
    group.add_argument(
        "--weights",
        type=Path,
        default=environ.get("SM_CHANNEL_WEIGHTS"),
        help="a torchvision checkpoint (.pth), or a folder with one; its head is not taken if it "
        "has other classes (SM_CHANNEL_WEIGHTS; without one, from scratch)",
    )
    group.add_argument(
        "--classes", type=_count, help="how many the folder must have (default: as many as it has)"
    )


def _add_folders(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    group = parser.add_argument_group("folders")
    group.add_argument(
        "--data",
        type=Path,
        default=environ.get("SM_CHANNEL_TRAINING"),
        metavar="DIR",
        help="with train/, valid/ and test/ (SM_CHANNEL_TRAINING; SM_CHANNEL_TRAIN, _VALID and "
        "_TEST name them one by one)",
    )
    group.add_argument(
        "--model-dir",
        type=Path,
        default=environ.get("SM_MODEL_DIR", "model"),
        metavar="DIR",
        help="for model.pth and config.json (SM_MODEL_DIR; %(default)s)",
    )
    group.add_argument(
        "--output-dir",
        type=Path,
        default=environ.get("SM_OUTPUT_DATA_DIR"),
        metavar="DIR",
        help="for metrics.jsonl, one line an epoch (SM_OUTPUT_DATA_DIR)",
    )
    # The jobs of a tuning job share one place in S3.
    own = Path(_CHECKPOINTS, environ.get("TRAINING_JOB_NAME", ""))
    checkpoints = own if "SM_MODEL_DIR" in environ else None
    group.add_argument(
        "--checkpoint-dir",
        type=Path,
        default=environ.get("SM_CHECKPOINT", checkpoints),
        metavar="DIR",
        help=f"for what a restarted run goes on from (in SageMaker {_CHECKPOINTS}; else none)",
    )


def _boolean(text: str) -> bool:
    try:
        return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
    except KeyError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false") from None


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _none_or_more(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return number


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number
