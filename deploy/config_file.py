"""The configuration as a TOML file: what is in it, read strictly."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from deploy.config import Autoscaling, Config, ConfigError, Vpc

T = TypeVar("T", bound=Autoscaling | Config | Vpc)

_TABLES: Final[Mapping[str, type[Autoscaling] | type[Vpc]]] = MappingProxyType(
    {"autoscaling": Autoscaling, "vpc": Vpc}
)


def load(path: Path) -> Config:
    """Return the configuration in a file; raises ConfigError naming file, key and cure."""
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is no TOML: {error}") from error
    try:
        return _config(read)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _config(read: Mapping[str, Any]) -> Config:
    given: dict[str, Any] = {}
    for key, value in read.items():
        kind = _TABLES.get(key)
        if kind is None:
            given[key] = value
        elif isinstance(value, dict):
            given[key] = _make(kind, value, at=f"{key}.")
        else:
            raise ConfigError(f"{key}: {value!r} is no table; write [{key}]")
    return _make(Config, given, at="")


def _make(kind: type[T], given: Mapping[str, Any], *, at: str) -> T:
    known = {field.name.replace("_", "-"): field for field in fields(kind)}
    for key in given:
        if key not in known:
            raise ConfigError(f"{at}{key}: is not known; known are {', '.join(known)}")
    missing = [key for key, field in known.items() if field.default is MISSING and key not in given]
    if missing:
        raise ConfigError(f"{at}{missing[0]}: is missing")
    values = {
        known[key].name: _typed(known[key].type, value, at + key) for key, value in given.items()
    }
    return kind(**values)


def _typed(declared: Any, value: Any, key: str) -> Any:  # TOML comes in here
    """Return the value in the type that the field declares; raises ConfigError."""
    match value:
        case Autoscaling() | Vpc():
            return value
        case list() if declared == tuple[str, ...] and all(isinstance(one, str) for one in value):
            return tuple(value)
        case bool():
            fits = declared is bool
        case int():
            if declared is Decimal:
                return Decimal(value)
            fits = declared in (int, float)
        case float():
            if declared is Decimal:
                return Decimal(str(value))
            fits = declared is float
        case str():
            fits = declared in (str, str | None)
        case _:
            fits = False
    if not fits:
        name = getattr(declared, "__name__", str(declared)).replace("tuple", "a list of texts")
        raise ConfigError(f"{key}: {value!r} is not of the type that it needs: {name}")
    return value
