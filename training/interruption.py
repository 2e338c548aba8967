"""SIGTERM: SageMaker and EC2 take a spot machine back two minutes after they say so.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

EXIT_CODE: Final = 128 + signal.SIGTERM
"""What a shell calls a process that SIGTERM ended: the run is not finished."""


class Stop:
    """Whether a stop was asked for; a callable, asked after each step."""

    def __init__(self) -> None:
        self._asked = False

    def __call__(self) -> bool:
        """Return whether SIGTERM has come."""
        return self._asked

    def ask(self, _number: int, _frame: FrameType | None) -> None:
        """Take the signal: finish the step first."""
        self._asked = True


@contextmanager
def on_sigterm() -> Iterator[Stop]:
    """Let SIGTERM ask instead of kill, until the end of the block."""
    stop = Stop()
    before = signal.signal(signal.SIGTERM, stop.ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)
