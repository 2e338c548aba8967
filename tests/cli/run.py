"""Runs the command line in this process, as a shell would see it."""

import sys
from dataclasses import dataclass
from unittest import mock

import pytest

from mlguard.cli import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Ran:
    """Return what `mlguard ARGUMENTS` printed and how it exited."""
    with mock.patch.object(sys, "argv", ["mlguard", *arguments]), pytest.raises(SystemExit) as end:
        main()
    printed = capsys.readouterr()
    return Ran(int(end.value.code or 0), printed.out, printed.err)
