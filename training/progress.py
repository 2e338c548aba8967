"""A progress bar for whoever sits before a terminal; nothing for logs, pipes and other ranks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor

from training.loaders import Batches


@contextmanager
def quiet(batches: Batches, _caption: str) -> Iterator[Iterator[list[Tensor]]]:
    """Go through the batches and show nothing."""
    yield iter(batches)


@contextmanager
def bar(batches: Batches, caption: str) -> Iterator[Iterator[list[Tensor]]]:
    """Go through the batches and draw how far they are, on stderr, gone at the end."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as drawn:
        yield iter(drawn.track(batches, description=caption))


def shown(*, first: bool) -> bool:
    """Return whether a bar belongs on stderr: on rank 0, on a terminal."""
    return first and sys.stderr.isatty()
