"""Batch normalisation over the batches of all ranks, on CPUs too.

Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167, normalise by the mean and variance of a
batch. Ranks that each took their own part's would train another network than one process does with
the whole batch. torch's SyncBatchNorm shares them between GPUs only:
https://pytorch.org/docs/stable/generated/torch.nn.SyncBatchNorm.html
"""

from typing import Any, Final

import torch
from torch import Tensor, distributed, nn
from torch.autograd import Function

_OVER: Final = (0, 2, 3)
# The default of nn.BatchNorm2d, and of every ResNet here.
_MOMENTUM: Final = 0.1


class SharedBatchNorm2d(nn.BatchNorm2d):
    """nn.BatchNorm2d, but a training batch is that of all ranks; each has as many images of it."""

    # nn.BatchNorm2d declares that they may be None, and makes them so by options not used here.
    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def forward(self, features: Tensor) -> Tensor:
        """Return the features normalised: (N, C, H, W) -> the same."""
        if not self.training:
            return super().forward(features)
        ranks = distributed.get_world_size()
        variance, mean = torch.var_mean(features, dim=_OVER, correction=0)
        # Double precision: the square of the mean is taken away again, and may be the larger part.
        own = torch.stack((mean.double(), variance.double() + mean.double().square()))
        mean, square = _over_ranks(own) / ranks
        variance = square - mean.square()
        self._remember(mean.detach(), variance.detach(), features[:, 0].numel() * ranks)
        scale = (variance + self.eps).rsqrt().to(features.dtype) * self.weight
        centred = features - mean.to(features.dtype).view(-1, 1, 1)
        normalised: Tensor = centred * scale.view(-1, 1, 1) + self.bias.view(-1, 1, 1)
        return normalised

    def _remember(self, mean: Tensor, variance: Tensor, count: int) -> None:
        """Move the running statistics, as nn.BatchNorm2d does: the variance without its bias."""
        unbiased = variance * count / (count - 1)
        for running, seen in ((self.running_mean, mean), (self.running_var, unbiased)):
            running.lerp_(seen.to(running.dtype), _MOMENTUM)
        self.num_batches_tracked += 1


def share_statistics(model: nn.Module) -> None:
    """Put a SharedBatchNorm2d into the place of each nn.BatchNorm2d, with its weights."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if type(child) is nn.BatchNorm2d:
                shared = SharedBatchNorm2d(child.num_features, eps=child.eps, momentum=_MOMENTUM)
                shared.load_state_dict(child.state_dict())
                setattr(module, name, shared)


class _Sum(Function):
    """The sum over all ranks; a value is in each rank's, so its gradient is the sum of theirs."""

    @staticmethod
    def forward(_: Any, own: Tensor) -> Tensor:  # noqa: ANN401  # torch's own context
        total = own.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(_: Any, gradient: Tensor) -> Tensor:  # noqa: ANN401  # torch's own context
        total = gradient.clone()
        distributed.all_reduce(total)
        return total


def _over_ranks(own: Tensor) -> Tensor:
    total: Tensor = _Sum.apply(own)  # type: ignore[no-untyped-call]  # torch declares no types
    return total
