"""The files of this package: each is JSON with `schema`, `source` and `fetched`."""

import json
from importlib.resources import files
from typing import Any

from mlguard.errors import FileError

_CURE = "reinstall mlguard-aws"


def read(name: str, *, schema: int = 1) -> dict[str, Any]:
    """Return the shipped file `name`; FileError if it is missing, cut or of another schema."""
    try:
        content = json.loads(files("mlguard.data").joinpath(name).read_text("utf-8"))
    except FileNotFoundError as error:
        raise FileError(f"{name}: not among the shipped data; {_CURE}") from error
    except ValueError as error:
        raise FileError(f"{name}: not JSON: {error}; {_CURE}") from error
    if not isinstance(content, dict):
        raise FileError(f"{name}: $: expected an object; {_CURE}")
    if content.get("schema") != schema:
        found = content.get("schema")
        raise FileError(f"{name}: $.schema: expected {schema}, found {found!r}; {_CURE}")
    return content
