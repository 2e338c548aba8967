"""The pipeline file: the calls that make a pipeline, as data, in order.

A value that JSON has no word for is an object of its own: `{"$base64": text}` is bytes,
`{"$json": value}` the JSON text of a value (a policy document stays readable), and
`{"$step": id, "$result": path}` a part of what an earlier step answered, by a JMESPath.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

SCHEMA_VERSION: Final = 1

Value: TypeAlias = "str | int | float | bool | Sequence[Value] | Mapping[str, Value] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call: `service` as boto3 names its client, `operation` as the API (`CreateEndpoint`)."""

    id: str
    service: str
    operation: str
    parameters: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The calls that make a pipeline in one account (12 digits) and region."""

    account: str
    region: str
    steps: tuple[Step, ...]

    def to_json(self) -> str:
        """Return the file; the same pipeline gives the same text."""
        whole = {
            "schema_version": SCHEMA_VERSION,
            "account": self.account,
            "region": self.region,
            "steps": [
                {
                    "id": step.id,
                    "service": step.service,
                    "operation": step.operation,
                    "parameters": step.parameters,
                }
                for step in self.steps
            ],
        }
        return json.dumps(whole, indent=1) + "\n"


def text_of(value: Value) -> Mapping[str, Value]:
    """Return what stands for the JSON text of a value: a policy document, say."""
    return {"$json": value}


def bytes_of(content: bytes) -> Mapping[str, Value]:
    """Return what stands for bytes."""
    return {"$base64": b64encode(content).decode("ascii")}


def result_of(step: str, path: str) -> Mapping[str, Value]:
    """Return what stands for a part (a JMESPath) of what an earlier step answered."""
    return {"$step": step, "$result": path}


def from_json(content: Mapping[str, Any]) -> Pipeline:
    """Return the pipeline of a decoded file that `to_json` wrote."""
    steps = (Step(**step) for step in content["steps"])
    return Pipeline(account=content["account"], region=content["region"], steps=tuple(steps))
