"""Configuration: `[tool.mlguard]` of pyproject.toml, or mlguard.toml, as a frozen Config."""

import difflib
import tomllib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct, field, structs

from mlguard.check import Severity
from mlguard.cost.settings import CostSettings
from mlguard.cost.terms import Terms
from mlguard.data.price_file import decode
from mlguard.errors import ConfigError, FileError
from mlguard.iam.language.wildcard import matches
from mlguard.policy import Policy

FILE_NAMES: Final = ("mlguard.toml", "pyproject.toml")

BUDGET: Final = "cost.monthly-budget-usd"
"""The key without which there is no budget, and no check of it."""

# What is read from a file that the configuration names, and never from itself.
_READ: Final = "refreshed"


class Suppression(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Findings that the team accepts: of which check, on what (both globs), why, until when.

    `expires` is the last day on which it holds.
    """

    check: str
    reason: str
    resource: str = "*"
    expires: date | None = None

    def __post_init__(self) -> None:
        """Refuse a suppression that gives no reason."""
        if not self.reason.strip():
            raise ConfigError("a suppression needs a reason: say why the finding is accepted")


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to audit: thresholds, which checks, what fails, what is accepted, which day it is.

    `select` and `ignore` are globs over check ids. `today` None: the day of the snapshot.
    """

    policy: Policy = field(default_factory=Policy)
    cost: CostSettings = field(default_factory=CostSettings)
    select: tuple[str, ...] = ("*",)
    ignore: tuple[str, ...] = ()
    fail_on: Severity = Severity.HIGH
    allow_gaps: bool = False
    suppressions: tuple[Suppression, ...] = ()
    today: date | None = None

    def selects(self, check_id: str) -> bool:
        """Return whether a check takes part."""
        chosen = any(matches(pattern, check_id) for pattern in self.select)
        return chosen and not any(matches(pattern, check_id) for pattern in self.ignore)

    def configures(self, key: str | None) -> bool:
        """Return whether a key that is unset by default is set; None: nothing has to be."""
        return key != BUDGET or self.cost.monthly_budget_usd is not None

    def terms(self, taken: date) -> Terms:
        """Return what a bill is made under; `taken` is the date of the snapshot."""
        day = self.day(taken)
        return Terms(book=self.cost.book(day), today=day, assumptions=self.cost.assumptions())

    def day(self, taken: date) -> date:
        """Return the day that ages are counted to."""
        return self.today or taken


def find(start: Path) -> Path | None:
    """Return the nearest configuration file at or above a folder, None if there is none.

    A pyproject.toml counts only if it has a `[tool.mlguard]` table.
    """
    for folder in (start, *start.parents):
        for name in FILE_NAMES:
            path = folder / name
            if path.is_file() and (name == "mlguard.toml" or _has_table(path)):
                return path
    return None


def load(path: Path, *, check_ids: Iterable[str] = ()) -> Config:
    """Return the configuration in a file; raises ConfigError with file, key and cure.

    With `check_ids`, a check that nobody knows is an error too.
    """
    table = _table(path)
    try:
        config = _with_prices(_config(table), path.parent)
        refuse_unknown_checks(config, tuple(check_ids))
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    return config


def parse_severity(label: str) -> Severity:
    """Return the severity with this label, in either case; raises ConfigError listing all."""
    try:
        return Severity[label.upper()]
    except KeyError as error:
        labels = ", ".join(severity.name.lower() for severity in Severity)
        raise ConfigError(f"no severity is called {label!r}: give one of {labels}") from error


def _has_table(path: Path) -> bool:
    tool = _toml(path).get("tool", {})
    return isinstance(tool, dict) and "mlguard" in tool


def _table(path: Path) -> dict[str, Any]:
    document = _toml(path)
    if path.name != "pyproject.toml":
        return document
    tool = document.get("tool", {})
    table = tool.get("mlguard", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.mlguard: must be a table: [tool.mlguard]")
    return table


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error


def _config(table: dict[str, Any]) -> Config:
    known = {one.name.replace("_", "-"): one.name for one in structs.fields(Config)}
    table = _renamed(table, known, "")
    for key, kind in (("policy", Policy), ("cost", CostSettings)):
        inner = table.get(key, {})
        if isinstance(inner, dict):
            names = {name.replace("_", "-"): name for name in kind.__struct_fields__}
            names.pop(_READ, None)
            table[key] = _renamed(inner, names, f"{key}.")
    entries = table.get("suppressions", [])
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict):
            names = {name: name for name in Suppression.__struct_fields__}
            _renamed(entry, names, f"suppressions[{index}].")
            if not str(entry.get("reason", "?")).strip():
                raise ConfigError(f"suppressions[{index}].reason: say why the finding is accepted")
    if "fail_on" in table:
        table["fail_on"] = parse_severity(str(table["fail_on"]))
    try:
        return msgspec.convert(table, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(_plain(error)) from error


def _with_prices(config: Config, folder: Path) -> Config:
    """Return the configuration with the prices in the file that it names, beside its own file."""
    named = config.cost.prices_file
    if named is None:
        return config
    path = folder / named
    try:
        found = decode(path.read_bytes(), name=str(path))
    except OSError as error:
        raise ConfigError(f"cost.prices-file: {path}: cannot be read: {error.strerror}") from error
    except FileError as error:
        raise ConfigError(f"cost.prices-file: {error}") from error
    return structs.replace(config, cost=structs.replace(config.cost, refreshed=found))


def _renamed(table: dict[str, Any], known: dict[str, str], where: str) -> dict[str, Any]:
    """Return the table under our field names: files write `fail-on`, either form is taken."""
    renamed: dict[str, Any] = {}
    for key, value in table.items():
        name = known.get(key.replace("_", "-"), key if key in known.values() else None)
        if name is None:
            near = difflib.get_close_matches(key, sorted(known), n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known))}"
            raise ConfigError(f"unknown key {where}{key}: {hint}")
        if name in renamed:
            raise ConfigError(f"{where}{key}: stands twice, in two spellings")
        renamed[name] = value
    return renamed


def refuse_unknown_checks(config: Config, check_ids: tuple[str, ...]) -> None:
    """Raise ConfigError if the configuration names a check that nobody knows."""
    if not check_ids:
        return
    named = [("select", name) for name in config.select]
    named += [("ignore", name) for name in config.ignore]
    named += [("suppressions", entry.check) for entry in config.suppressions]
    for where, name in named:
        if not any(matches(name, check_id) for check_id in check_ids):
            near = difflib.get_close_matches(name, check_ids, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "`mlguard checks` lists them"
            raise ConfigError(f"{where}: no check is called {name!r}: {hint}")


def _plain(error: msgspec.ValidationError) -> str:
    """Return msgspec's message with its path in front, as ours have it."""
    text, _, path = str(error).partition(" - at `$")
    key = path.rstrip("`").lstrip(".").replace("_", "-")
    return f"{key}: {text}" if path else text
