"""Loss and accuracy, counted exactly, and the lines that SageMaker reads them from.

https://docs.aws.amazon.com/sagemaker/latest/dg/define-train-metrics.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

NAMES: Final = (
    *("train:loss", "train:accuracy", "valid:loss", "valid:accuracy", "best:loss"),
    *("test:loss", "test:accuracy"),
)

METRIC_DEFINITIONS: Final = tuple(
    {"Name": name, "Regex": rf"metric epoch=[0-9]+ name={name} value=([-+0-9.eE]+)"}
    for name in NAMES
)
"""What a training or tuning job is given, so that it finds the metrics among the logs."""

OBJECTIVE: Final = "best:loss"
"""What tuning minimises: the lowest validation loss so far, so that the last line is the best."""


def line(epoch: int, name: str, value: float) -> str:
    """Return the line that tells a metric; METRIC_DEFINITIONS match it."""
    if name not in NAMES:
        raise ValueError(f"{name} is not among METRIC_DEFINITIONS")
    return f"metric epoch={epoch} name={name} value={value:.8g}"


@dataclass(frozen=True, slots=True)
class Totals:
    """Summed loss, right answers and images: sums add up over batches and ranks, means do not."""

    loss: float = 0.0
    right: float = 0.0
    images: float = 0.0

    def __add__(self, other: "Totals") -> "Totals":
        """Return the totals of both."""
        return Totals(self.loss + other.loss, self.right + other.right, self.images + other.images)

    @classmethod
    def of(cls, values: Sequence[float]) -> "Totals":
        """Return the totals that stand in `values` in the order of the fields."""
        loss, right, images = values
        return cls(loss, right, images)

    def values(self) -> list[float]:
        """Return loss, right answers and images."""
        return [self.loss, self.right, self.images]

    @property
    def mean_loss(self) -> float:
        """The loss of an image, in nats."""
        return self.loss / self.images

    @property
    def accuracy(self) -> float:
        """The part of the images that was labelled rightly, 0..1."""
        return self.right / self.images
