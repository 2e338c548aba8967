"""SageMaker's way of telling: a list of summaries, then each described by its name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mlguard.resources.base import Resource
from mlguard.resources.kinds import AnyResource
from mlguard.sources.aws.reading import Reading
from mlguard.sources.base import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A kind that SageMaker lists in summaries (under `key`) and describes by name."""

    kind: type[Resource]
    word: str
    key: str
    read: Callable[[Mapping[str, Any], Home], AnyResource]

    @property
    def operations(self) -> tuple[str, str]:
        """The two operations, as IAM names them."""
        return (f"sagemaker:List{self.word}s", f"sagemaker:Describe{self.word}")


def collect_listed(reading: Reading, listed: Listed, **parameters: Any) -> None:
    """List a kind and keep what SageMaker says of each of it; what is gone is nothing."""
    summaries = reading.list(
        (listed.kind,), "sagemaker", f"List{listed.word}s", listed.key, **parameters
    )
    names = _names(reading, listed, summaries)

    def describe(arn: str) -> tuple[AnyResource, ...]:
        name = {f"{listed.word}Name": names[arn]}
        raw = reading.call("sagemaker", f"Describe{listed.word}", **name)
        return (listed.read(raw, reading.home),)

    reading.describe(listed.kind, tuple(names), describe)


def _names(
    reading: Reading, listed: Listed, summaries: Iterable[Mapping[str, Any]]
) -> dict[str, str]:
    """Return name by ARN: a name cannot be cut out of an ARN, which may have it in lower case."""
    names: dict[str, str] = {}
    for summary in summaries:
        try:
            names[summary[f"{listed.word}Arn"]] = summary[f"{listed.word}Name"]
        except KeyError as error:
            reading.malformed((listed.kind,), None, error)
    return names
