"""The code that a job or an instance runs: this package, and a script to start it with."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ENTRY: Final = "train.py"
"""What torchrun is given: it takes a script, and a script finds what lies beside it."""

_ENTRY_CODE: Final = """\
from training.train import main

raise SystemExit(main())
"""

# What starts jobs does not run in them.
_MODULES: Final = (
    *("__init__", "checkpoint", "dataset", "distributed", "errors", "folders"),
    *(
        "interruption",
        "judging",
        "loaders",
        "loop",
        "metrics",
        "model",
        "normalisation",
        "options",
        "progress",
        "serve",
        "train",
    ),
)


@contextmanager
def staged() -> Iterator[Path]:
    """Yield a folder with train.py and the package `training`, until the end of the block."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / ENTRY).write_text(_ENTRY_CODE, encoding="utf-8")
        (folder / "training").mkdir()
        for module in _MODULES:
            shutil.copy(Path(__file__).with_name(f"{module}.py"), folder / "training")
        yield folder
