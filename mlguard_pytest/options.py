"""What the command line and the ini file ask of the plugin: the first wins over the second."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

LIVE: Final = "live"
DEMO: Final = "demo"

MAX_MONTHLY_USD: Final = "--mlguard-max-monthly-usd"

_FLAG: Final = "--mlguard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked; an empty text or tuple leaves it to the configuration of mlguard.

    `source` is `live`, `demo` or the path of a file. `start` is where the search for a
    configuration begins, `fallback` the file that tests stand under if there is none.
    `max_monthly_usd` is the budget as it was written, None without one.
    """

    source: str
    fail_on: str
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    strict: bool
    config_file: Path | None
    start: Path
    fallback: Path
    max_monthly_usd: str | None = None


def add_options(parser: pytest.Parser) -> None:
    """Declare every option and its equivalent in the ini file."""
    group = parser.getgroup("mlguard", "audit of ML pipelines on AWS")
    group.addoption(
        _FLAG,
        nargs="?",
        const="",
        metavar="SOURCE",
        help="Audit SOURCE, one test for each check and resource: a snapshot, a pipeline file, "
        "the JSON of `aws iam get-account-authorization-details`, `live` or `demo`. "
        "SOURCE follows an equals sign; without it: the ini's mlguard_source, else live.",
    )
    group.addoption(
        "--mlguard-fail-on",
        metavar="SEVERITY",
        help="Fail from this severity on (default: the configuration's, else high).",
    )
    group.addoption(
        "--mlguard-select",
        action="append",
        metavar="GLOB",
        help="Only these checks; repeatable.",
    )
    group.addoption(
        "--mlguard-ignore",
        action="append",
        metavar="GLOB",
        help="Not these checks; repeatable.",
    )
    group.addoption(
        "--mlguard-strict",
        action="store_true",
        default=False,
        help="What could not be read fails; without this it is skipped.",
    )
    group.addoption(
        "--mlguard-config",
        metavar="FILE",
        help="The configuration of mlguard, instead of the nearest one.",
    )
    group.addoption(
        MAX_MONTHLY_USD,
        metavar="N",
        help="Fail if what is audited costs more than N USD a month, as expected.",
    )
    _add_ini(parser)


def _add_ini(parser: pytest.Parser) -> None:
    parser.addini(
        "mlguard", "Audit in every run, as if --mlguard were given.", type="bool", default=False
    )
    parser.addini("mlguard_source", "What --mlguard audits: a file, live or demo.", default="")
    parser.addini("mlguard_fail_on", "As --mlguard-fail-on.", default="")
    parser.addini("mlguard_select", "As --mlguard-select: globs.", "args", [])
    parser.addini("mlguard_ignore", "As --mlguard-ignore: globs.", "args", [])
    parser.addini("mlguard_strict", "As --mlguard-strict.", type="bool", default=False)
    parser.addini("mlguard_config", "As --mlguard-config.", default="")
    parser.addini("mlguard_max_monthly_usd", "As --mlguard-max-monthly-usd.", default="")


def keep_paths(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """See to it that `pytest --mlguard tests/` still runs tests/.

    argparse would take the word after the flag as its value.
    """
    end = args.index("--") if "--" in args else len(args)
    if _FLAG not in args[:end]:
        return
    args[:end] = [f"{_FLAG}=" if arg == _FLAG else arg for arg in args[:end]]
    known = early_config.known_args_namespace
    # Which conftest files are read at the start follows from these paths.
    known.file_or_dir = parser.parse_known_args(args, namespace=copy.copy(known)).file_or_dir


def asked(config: pytest.Config) -> bool:
    """Return whether this run is to audit at all."""
    return config.getoption("mlguard") is not None or bool(config.getini("mlguard"))


def sourced(config: pytest.Config) -> bool:
    """Return whether anybody named what is read; without, live AWS is nobody's wish."""
    return asked(config) or bool(config.getini("mlguard_source"))


def options_of(config: pytest.Config) -> Options:
    """Return what was asked, with each path made absolute."""
    here = config.invocation_params.dir
    home = config.rootpath if config.inipath is None else config.inipath.parent
    inside = here.is_relative_to(config.rootpath)
    given = config.getoption("mlguard_config")
    written = config.getini("mlguard_config")
    named = here / given if given else home / written if written else None
    return Options(
        source=_source(config, here=here, home=home),
        fail_on=config.getoption("mlguard_fail_on") or config.getini("mlguard_fail_on"),
        select=tuple(config.getoption("mlguard_select") or config.getini("mlguard_select")),
        ignore=(*config.getini("mlguard_ignore"), *(config.getoption("mlguard_ignore") or ())),
        strict=config.getoption("mlguard_strict") or config.getini("mlguard_strict"),
        config_file=named,
        start=here if inside else config.rootpath,
        fallback=config.inipath or config.rootpath / "mlguard.toml",
        max_monthly_usd=_max_monthly_usd(config),
    )


def refuse_unasked(config: pytest.Config) -> None:
    """Raise UsageError for a budget of a run that audits nothing: it would be kept by nobody."""
    if config.getoption("mlguard_max_monthly_usd") is not None:
        raise pytest.UsageError(f"{MAX_MONTHLY_USD}: nothing is audited: give --mlguard too")


def _max_monthly_usd(config: pytest.Config) -> str | None:
    given: str | None = config.getoption("mlguard_max_monthly_usd")
    return given if given is not None else config.getini("mlguard_max_monthly_usd") or None


def _source(config: pytest.Config, *, here: Path, home: Path) -> str:
    """Return the source: a path is relative to where it was written."""
    for name, base in (
        (config.getoption("mlguard"), here),
        (config.getini("mlguard_source"), home),
    ):
        if name in (LIVE, DEMO):
            return str(name)
        if name:
            return str(base / name)
    return LIVE
