"""What the command line and the ini file ask of the recorder: the first wins over the second."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from mlguard_pytest.options import sourced

_CURE: Final = "give 0 or more"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingOptions:
    """How many excess actions a role may have, where its least policy goes; None for either: no.

    `sourced` tells whether anybody named what the roles are read from.
    """

    max_excess: int | None
    write_policy: Path | None
    sourced: bool


def add_recording_options(parser: pytest.Parser) -> None:
    """Declare every option of the recorder and its equivalent in the ini file."""
    group = parser.getgroup("mlguard")
    group.addoption(
        "--mlguard-max-excess",
        metavar="N",
        help="Fail if a recorded role is granted more than N actions that no test called.",
    )
    group.addoption(
        "--mlguard-write-policy",
        metavar="DIR",
        help="Write for each recorded role the least policy for what the tests called.",
    )
    parser.addini("mlguard_max_excess", "As --mlguard-max-excess.", type="int", default=None)
    parser.addini("mlguard_write_policy", "As --mlguard-write-policy.", default="")


def recording_options_of(config: pytest.Config) -> RecordingOptions:
    """Return what was asked; raises UsageError for a budget that is no number."""
    here = config.invocation_params.dir
    home = config.rootpath if config.inipath is None else config.inipath.parent
    given, written = config.getoption("mlguard_write_policy"), config.getini("mlguard_write_policy")
    return RecordingOptions(
        max_excess=_budget(config),
        write_policy=here / given if given else home / written if written else None,
        sourced=sourced(config),
    )


def _budget(config: pytest.Config) -> int | None:
    given = config.getoption("mlguard_max_excess")
    place = "mlguard_max_excess" if given is None else "--mlguard-max-excess"
    try:
        found = config.getini("mlguard_max_excess") if given is None else int(given)
    except (TypeError, ValueError) as error:
        raise pytest.UsageError(f"{place}: no number of actions: {error}; {_CURE}") from error
    if found is not None and found < 0:
        raise pytest.UsageError(f"{place}: {found} is negative; {_CURE}")
    budget: int | None = found
    return budget
