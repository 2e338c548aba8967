"""What a batch of scores is worth: the loss to learn from, and the totals to report."""

import torch
from torch import Tensor
from torch.nn import functional

from training.metrics import Totals


def judge(scores: Tensor, labels: Tensor) -> tuple[Tensor, Totals]:
    """Return the batch's mean loss, to learn from, and its totals.

    Scores are (N, classes), labels (N,).
    """
    losses = functional.cross_entropy(scores, labels, reduction="none")
    with torch.no_grad():
        right = (scores.argmax(dim=1) == labels).sum().item()
        total = losses.double().sum().item()
    return losses.mean(), Totals(total, right, len(labels))
