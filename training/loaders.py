"""Which rank decodes which image, and in which order.

Training: DistributedSampler, so that ranks share an epoch and none repeats another's image
(https://pytorch.org/docs/stable/data.html#torch.utils.data.distributed.DistributedSampler). Its
order depends on seed and epoch alone, and rank r takes every world_size-th image from the r-th on:
the ranks' k-th batches are together the k-th batch of a single process.
"""

import signal
from collections.abc import Sized
from typing import Final, cast

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, DistributedSampler, Subset

from training.dataset import EvaluationImages, TrainingImages
from training.distributed import Ranks
from training.errors import OptionError

_GRACE_SECONDS: Final = 10

Batches = DataLoader[tuple[Tensor, Tensor]]


def training_indices(images: Sized, ranks: Ranks, *, seed: int, epoch: int) -> list[int]:
    """Return the images that this rank trains on in an epoch, in order.

    Every rank gets as many; what does not divide by them, fewer images than ranks and others in
    each epoch, is left out, for a repeated image would count twice.
    """
    sampler: DistributedSampler[int] = DistributedSampler(
        cast("Dataset[int]", images),
        num_replicas=ranks.world_size,
        rank=ranks.rank,
        shuffle=True,
        seed=seed,
        drop_last=True,
    )
    sampler.set_epoch(epoch)
    return list(sampler)


def training_batches(
    images: TrainingImages,
    ranks: Ranks,
    *,
    batch_size: int,
    seed: int,
    skip: int,
    whole_statistics: bool,
    workers: int,
) -> Batches:
    """Return this rank's batches of images.epoch, without the first `skip`.

    `batch_size` is that of all ranks. With `whole_statistics` a last batch of one image is left
    out: batch normalisation has no variance to learn from it. Of several ranks it is over the
    images of all, so that each may have one.
    """
    share = ranks.share(batch_size)
    lone = whole_statistics and ranks.world_size == 1
    indices = training_indices(images, ranks, seed=seed, epoch=images.epoch)
    if lone and share == 1:
        raise OptionError(
            f"--batch-size {batch_size} is one image, and batch normalisation needs two: raise "
            "it, or --freeze the backbone"
        )
    if lone and len(indices) % share == 1:
        indices.pop()
    if not indices:
        raise OptionError(
            f"{len(images)} training images are too few for {ranks.world_size} ranks: "
            "give more images, or fewer processes"
        )
    return DataLoader(
        cast("Dataset[tuple[Tensor, Tensor]]", images),
        batch_size=share,
        sampler=indices[skip * share :],
        num_workers=workers,
        worker_init_fn=_finish_the_step,
        generator=torch.Generator().manual_seed(seed),
        pin_memory=ranks.device.type == "cuda",
    )


def evaluation_batches(
    images: EvaluationImages, ranks: Ranks, *, batch_size: int, workers: int
) -> Batches:
    """Return this rank's part of the images: each image is on exactly one rank, none is padding."""
    own = Subset(images, range(ranks.rank, len(images), ranks.world_size))
    return DataLoader(
        cast("Dataset[tuple[Tensor, Tensor]]", own),
        batch_size=ranks.share(batch_size),
        num_workers=workers,
        worker_init_fn=_finish_the_step,
        generator=torch.Generator(),
        pin_memory=ranks.device.type == "cuda",
    )


def _finish_the_step(_: int) -> None:
    # A stop is often sent to the whole process group, and the step that is being finished needs
    # its images: a worker that is told to end does so a little later.
    signal.signal(signal.SIGTERM, lambda *_: signal.alarm(_GRACE_SECONDS))
