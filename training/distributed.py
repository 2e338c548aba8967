"""Who this process is among those that train together, and what they tell one another.

torchrun and SageMaker's torch_distributed set RANK and WORLD_SIZE
(https://pytorch.org/docs/stable/elastic/run.html#environment-variables). Several SageMaker hosts
without a launcher find each other by SM_HOSTS
(https://github.com/aws/sagemaker-training-toolkit/blob/master/ENVIRONMENT_VARIABLES.md).
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import torch
from torch import distributed

from training.errors import OptionError

# The port that SageMaker's own PyTorch launcher meets on.
_PORT: Final = "7777"


@dataclass(frozen=True, slots=True)
class Place:
    """Rank, number of ranks, rank on this host, and where rank 0 listens (alone: None)."""

    rank: int = 0
    world_size: int = 1
    local_rank: int = 0
    meeting: tuple[str, str] | None = None


def place(environ: Mapping[str, str]) -> Place:
    """Return the place that the launcher gave to this process; alone, if there is none."""
    if "RANK" in environ and "WORLD_SIZE" in environ:
        address = environ.get("MASTER_ADDR", "127.0.0.1"), environ.get("MASTER_PORT", _PORT)
        world_size = int(environ["WORLD_SIZE"])
        return Place(
            rank=int(environ["RANK"]),
            world_size=world_size,
            local_rank=int(environ.get("LOCAL_RANK", "0")),
            meeting=address if world_size > 1 else None,
        )
    hosts = sorted(json.loads(environ.get("SM_HOSTS", "[]")))
    if len(hosts) > 1:
        rank = hosts.index(environ["SM_CURRENT_HOST"])
        return Place(rank=rank, world_size=len(hosts), meeting=(hosts[0], _PORT))
    return Place()


@dataclass(frozen=True, slots=True)
class Ranks:
    """The processes that train together, seen from one of them."""

    rank: int
    world_size: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this is rank 0, which alone prints and writes."""
        return self.rank == 0

    def share(self, batch_size: int) -> int:
        """Return how many images of a global batch each rank takes; raises OptionError."""
        if batch_size % self.world_size:
            raise OptionError(
                f"--batch-size {batch_size} is the batch of all ranks and does not divide by "
                f"{self.world_size}: give a multiple of {self.world_size}"
            )
        return batch_size // self.world_size

    def sum(self, values: Sequence[float]) -> list[float]:
        """Return the sums over all ranks, position by position, in double precision."""
        if self.world_size == 1:
            return list(values)
        totals = torch.tensor(values, dtype=torch.float64, device=self.device)
        distributed.all_reduce(totals)
        summed: list[float] = totals.tolist()
        return summed

    def any(self, flag: bool) -> bool:  # noqa: FBT001  # like the builtin
        """Return whether any rank says so: the same answer on all of them."""
        return self.sum([float(flag)])[0] > 0

    def agree(self, number: int) -> bool:
        """Return whether all ranks hold the same number (up to 53 bits)."""
        if self.world_size == 1:
            return True
        own = torch.tensor([number, -number], dtype=torch.float64, device=self.device)
        distributed.all_reduce(own, op=distributed.ReduceOp.MAX)
        highest, negated_lowest = own.tolist()
        return bool(highest == -negated_lowest)

    def receive(self, sent: bytes | None) -> bytes | None:
        """Return what rank 0 sent; the others' own argument is not looked at.

        Hosts share no disk: a checkpoint that only rank 0 has reaches the others this way.
        """
        if self.world_size == 1:
            return sent
        box = [sent if self.first else None]
        distributed.broadcast_object_list(box, src=0, device=self.device)
        return box[0]


@contextmanager
def ranks(environ: Mapping[str, str]) -> Iterator[Ranks]:
    """Join the other processes, if there are any, and leave them at the end.

    NCCL between GPUs, Gloo between CPUs.
    """
    own = place(environ)
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", own.local_rank) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    if own.meeting is None:
        yield Ranks(rank=0, world_size=1, device=device)
        return
    os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"] = own.meeting
    distributed.init_process_group(
        "nccl" if cuda else "gloo", rank=own.rank, world_size=own.world_size
    )
    try:
        yield Ranks(rank=own.rank, world_size=own.world_size, device=device)
    finally:
        distributed.destroy_process_group()
