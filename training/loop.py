"""The training loop: epochs that learn, are judged, are kept when best, and can be resumed."""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim import SGD
from torch.optim.lr_scheduler import CosineAnnealingLR

from training.checkpoint import NAME, cpu_state, load_weights, pack, unpack, write_atomically
from training.dataset import EvaluationImages, TrainingImages
from training.distributed import Ranks
from training.errors import CheckpointError, TrainingError
from training.folders import Folder
from training.judging import judge
from training.loaders import Batches, evaluation_batches, training_batches
from training.metrics import Totals
from training.model import ResNet, build
from training.normalisation import share_statistics
from training.options import Options

# He et al. 2015, section 3.4; Nesterov's form, as in torchvision's own fine-tuning recipes.
_MOMENTUM: Final = 0.9
_WEIGHT_DECAY: Final = 1e-4

Watch = Callable[[Batches, str], AbstractContextManager[Iterator[list[Tensor]]]]
"""Goes through batches under a caption: what draws a progress bar, or nothing."""


class Interrupted(Exception):  # noqa: N818  # no error: a stop that was asked for
    """The machine is to be given back; what was learnt so far is in the checkpoint, if any."""


@dataclass(slots=True)
class Standing:
    """How far the run is: what a checkpoint tells besides weights."""

    epoch: int = 1
    step: int = 0
    done: bool = False
    stale: int = 0
    best_epoch: int = 0
    best_loss: float = math.inf
    totals: list[float] = field(default_factory=lambda: Totals().values())
    history: list[dict[str, float]] = field(default_factory=list)


class Run:
    """A training run on one of its ranks; every rank makes the same calls."""

    def __init__(
        self,
        options: Options,
        folder: Folder,
        ranks: Ranks,
        *,
        stop: Callable[[], bool],
        watch: Watch,
    ) -> None:
        self._options = options
        self._wanted = options.hyperparameters
        self._folder = folder
        self._ranks = ranks
        self._stop = stop
        self._watch = watch
        self.standing = Standing()
        self.model = self._build()
        self.best = cpu_state(self.model)
        self._parallel = self._spread()
        parameters = [p for p in self.model.parameters() if p.requires_grad]
        self._optimizer = SGD(
            parameters,
            lr=self._wanted.learning_rate,
            momentum=_MOMENTUM,
            weight_decay=_WEIGHT_DECAY,
            nesterov=True,
        )
        self._schedule = CosineAnnealingLR(self._optimizer, T_max=self._wanted.epochs)

    def epochs(self) -> Iterator[dict[str, float]]:
        """Train epoch after epoch and yield the metrics of each, the same on all ranks.

        Raises Interrupted after a step at which any rank was told to stop.
        """
        while not self.standing.done:
            learnt = self._learn()
            judged = self.judge(EvaluationImages(self._folder.valid, self._wanted.image_size))
            metrics = self._close(learnt, judged)
            self.save()
            yield metrics
            if self._ranks.any(self._stop()):
                raise Interrupted

    def judge(self, images: EvaluationImages) -> Totals:
        """Return the totals of the present weights over a whole split, each image counted once."""
        self.model.eval()
        batches = evaluation_batches(
            images,
            self._ranks,
            batch_size=self._wanted.batch_size,
            workers=self._options.workers,
        )
        totals = Totals()
        with torch.inference_mode(), self._watch(batches, "evaluating") as watched:
            for images_, labels in watched:
                scores = self.model(images_.to(self._ranks.device))
                totals += judge(scores, labels.to(self._ranks.device))[1]
        return self._over_ranks(totals)

    def take_best(self) -> None:
        """Put the weights of the best epoch into the model."""
        self.model.load_state_dict(self.best)

    def save(self) -> None:
        """Write a checkpoint, on rank 0, if there is a place for it."""
        if self._options.checkpoint_dir is None:
            return
        # The sums of all ranks go on from rank 0's.
        totals = self._over_ranks(Totals.of(self.standing.totals))
        self.standing.totals = (totals if self._ranks.first else Totals()).values()
        if self._ranks.first:
            write_atomically(self._options.checkpoint_dir / NAME, pack(self._state()))

    def resume(self) -> bool:
        """Go on from rank 0's checkpoint; return whether there was one."""
        content = self._ranks.receive(self._found())
        if content is None:
            return False
        name = f"{self._options.checkpoint_dir}/{NAME}"
        state = unpack(content, name=name)
        self._check(state, name)
        self.standing = Standing(**state["standing"])
        if not self._ranks.first:
            self.standing.totals = Totals().values()
        self.model.load_state_dict(state["model"])
        self.best = state["best"]
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["generator"])
        return True

    def _build(self) -> ResNet:
        torch.manual_seed(self._wanted.seed)
        classes = len(self._folder.classes)
        model = build(self._wanted.arch, classes=classes, frozen=self._wanted.freeze)
        if self._options.weights is not None:
            load_weights(model, self._options.weights)
        return model.to(self._ranks.device)

    def _spread(self) -> nn.Module:
        if self._ranks.world_size == 1:
            return self.model
        # Statistics over the batches of all ranks: torch's own are for GPUs only.
        if self._ranks.device.type == "cpu":
            if not self._wanted.freeze:
                share_statistics(self.model)
            return DistributedDataParallel(self.model)
        parallel = self.model
        if not self._wanted.freeze:
            parallel = nn.SyncBatchNorm.convert_sync_batchnorm(parallel)  # type: ignore[no-untyped-call]  # torch declares no types
        self.model = parallel
        return DistributedDataParallel(parallel, device_ids=[self._ranks.device.index])

    def _learn(self) -> Totals:
        """Train through what is left of the epoch; return its totals over all ranks."""
        standing = self.standing
        images = TrainingImages(self._folder.train, self._wanted.image_size, seed=self._wanted.seed)
        images.epoch = standing.epoch
        batches = training_batches(
            images,
            self._ranks,
            batch_size=self._wanted.batch_size,
            seed=self._wanted.seed,
            skip=standing.step,
            whole_statistics=not self._wanted.freeze,
            workers=self._options.workers,
        )
        self._parallel.train()
        caption = f"epoch {standing.epoch}/{self._wanted.epochs}"
        with self._watch(batches, caption) as watched:
            for images_, labels in watched:
                self._step(images_.to(self._ranks.device), labels.to(self._ranks.device))
                if self._ranks.any(self._stop()):
                    self.save()
                    raise Interrupted
        return self._over_ranks(Totals.of(standing.totals))

    def _step(self, images: Tensor, labels: Tensor) -> None:
        loss, totals = judge(self._parallel(images), labels)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch declares no types
        self._optimizer.step()
        self.standing.totals = (Totals.of(self.standing.totals) + totals).values()
        self.standing.step += 1

    def _close(self, learnt: Totals, judged: Totals) -> dict[str, float]:
        """Take an epoch's results down; decide what is best, and whether to go on."""
        standing = self.standing
        if not math.isfinite(learnt.mean_loss) or not math.isfinite(judged.mean_loss):
            raise TrainingError(
                f"the loss is no longer a number in epoch {standing.epoch}: "
                f"lower --learning-rate {self._wanted.learning_rate}"
            )
        standing.stale += 1
        if judged.mean_loss < standing.best_loss:
            standing.best_loss, standing.best_epoch = judged.mean_loss, standing.epoch
            standing.stale = 0
            self.best = cpu_state(self.model)
        metrics = {
            "epoch": standing.epoch,
            "train:loss": learnt.mean_loss,
            "train:accuracy": learnt.accuracy,
            "valid:loss": judged.mean_loss,
            "valid:accuracy": judged.accuracy,
            "best:loss": standing.best_loss,
        }
        standing.history.append(metrics)
        last = standing.epoch == self._wanted.epochs
        standing.done = last or standing.stale >= self._wanted.patience
        standing.epoch, standing.step = standing.epoch + 1, 0
        standing.totals = Totals().values()
        self._schedule.step()
        return metrics

    def _over_ranks(self, totals: Totals) -> Totals:
        return Totals.of(self._ranks.sum(totals.values()))

    def _state(self) -> dict[str, Any]:
        return {
            "run": self._identity(),
            "standing": asdict(self.standing),
            "model": cpu_state(self.model),
            "best": self.best,
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "generator": torch.get_rng_state(),
        }

    def _identity(self) -> dict[str, str]:
        """Return what has to be the same for a checkpoint to mean the same run."""
        return {**self._wanted.words(), "data": f"{self._folder.digest():08x}"}

    def _found(self) -> bytes | None:
        folder = self._options.checkpoint_dir
        if folder is None or not (folder / NAME).is_file():
            return None
        return (folder / NAME).read_bytes()

    def _check(self, state: dict[str, Any], name: str) -> None:
        made = state.get("run", {})
        for option, value in self._identity().items():
            if made.get(option) != value:
                raise CheckpointError(
                    f"{name}: made with {option} {made.get(option)}, and now it is {value}: "
                    "give the same options and images, or another --checkpoint-dir"
                )
