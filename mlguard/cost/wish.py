"""What a `--what-if` says: which resources, and what of them is to be otherwise."""

import difflib
import re
from dataclasses import dataclass
from typing import Final

from mlguard.cost.serverless import MEMORY_SIZES_MB
from mlguard.data.instance_types import Surface, ec2_types, legal_types
from mlguard.errors import ConfigError
from mlguard.iam.language.wildcard import matches
from mlguard.resources.base import Resource
from mlguard.resources.functions import Function
from mlguard.resources.hosting import Endpoint
from mlguard.resources.instances import Instance
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TransformJob, TuningJob
from mlguard.resources.notebooks import NotebookInstance

WORDS: Final[dict[str, type[Resource]]] = {
    "endpoint": Endpoint,
    "notebook": NotebookInstance,
    "training": TrainingJob,
    "tuning": TuningJob,
    "processing": ProcessingJob,
    "transform": TransformJob,
    "instance": Instance,
    "function": Function,
}
"""The words for kinds that can be changed: `endpoint=...` means every endpoint."""

_SURFACES: Final[dict[type[Resource], Surface]] = {
    Endpoint: Surface.ENDPOINT,
    NotebookInstance: Surface.NOTEBOOK,
    TrainingJob: Surface.TRAINING,
    TuningJob: Surface.TRAINING,
    ProcessingJob: Surface.PROCESSING,
    TransformJob: Surface.TRANSFORM,
}

# Lambda API reference, "CreateFunction": MemorySize.
_FUNCTION_MEMORY_MB: Final = range(128, 10_240 + 1)

_MACHINES: Final = re.compile(r"(?:(?P<count>\d{1,4})x)?(?P<type>[a-z][a-z0-9-]*\.[a-z0-9.-]+)?")
_MEMORY: Final = re.compile(r"(?P<mb>\d{1,6})MB")
_PROVISIONED: Final = re.compile(r"provisioned:(?P<count>\d{1,6})")
_FORM: Final = (
    "write NAME=TYPE (endpoint=ml.m5.large), NAME=2xTYPE, NAME=1024MB or NAME=provisioned:2; "
    f"NAME is a name, a glob, or one of {', '.join(WORDS)}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be otherwise of the resources that `name` means; None: it stays as it is.

    `name` is a word for a kind, or a glob over names of resources.
    """

    text: str
    name: str
    instance_type: str | None = None
    count: int | None = None
    memory_mb: int | None = None
    provisioned: int | None = None

    def means(self, resource: Resource) -> bool:
        """Return whether the wish is about this resource."""
        if type(resource) not in WORDS.values():
            return False
        kind = WORDS.get(self.name)
        return type(resource) is kind if kind is not None else matches(self.name, resource.name)

    def fits(self, resource: Resource) -> bool:
        """Return whether the resource has what the wish would change."""
        machines = self.instance_type is not None or self.count is not None
        return machines != isinstance(resource, Function)

    def refuse_illegal(self, resource: Resource) -> None:
        """Raise ConfigError if AWS would not take it for this resource, with what it would."""
        noun = next(word for word, kind in WORDS.items() if kind is type(resource))
        lambda_only = self.memory_mb is not None or self.provisioned is not None
        if isinstance(resource, Function):
            if self.instance_type is not None or self.count is not None:
                raise self.error("a function has no machines: give 1024MB, or provisioned:2")
            if self.memory_mb is not None and self.memory_mb not in _FUNCTION_MEMORY_MB:
                least, most = _FUNCTION_MEMORY_MB[0], _FUNCTION_MEMORY_MB[-1]
                raise self.error(f"a function has from {least}MB to {most}MB")
            return
        if self.provisioned is not None or (lambda_only and not isinstance(resource, Endpoint)):
            raise self.error(f"{_a(noun)} has no such thing: give an instance type")
        if self.memory_mb is not None and self.memory_mb not in MEMORY_SIZES_MB:
            sizes = ", ".join(f"{size}MB" for size in MEMORY_SIZES_MB)
            raise self.error(f"a serverless variant has one of {sizes}")
        if self.count is not None and isinstance(resource, NotebookInstance | Instance):
            raise self.error(f"{_a(noun)} is one machine: give the type alone")
        if self.count == 0:
            raise self.error("0 is no machine: what it costs now stands in its own line")
        if self.instance_type is not None:
            self._refuse_type(self.instance_type, resource, noun)

    def _refuse_type(self, instance_type: str, resource: Resource, noun: str) -> None:
        surface = _SURFACES.get(type(resource))
        legal = ec2_types() if surface is None else legal_types(surface)
        if instance_type not in legal:
            # SageMaker's types begin with ml., those of EC2 do not: that is what is mistaken most.
            other = f"ml.{instance_type}" if surface else instance_type.removeprefix("ml.")
            near = [other] if other in legal else _nearest(instance_type, legal)
            raise self.error(
                f"AWS takes no {instance_type} for {_a(noun)}: did you mean {' or '.join(near)}?"
            )

    def error(self, reason: str) -> ConfigError:
        """Return the error that this wish cannot be granted for this reason."""
        return ConfigError(f"--what-if {self.text}: {reason}")


def parse(text: str) -> Wish:
    """Return the wish that `NAME=SETTING[,SETTING]` states; raises ConfigError with the form."""
    name, _, settings = text.partition("=")
    found: dict[str, str] = {}
    for setting in settings.split(","):
        read = _setting(setting.strip())
        if not read or not found.keys().isdisjoint(read) or not name.strip():
            raise ConfigError(f"--what-if {text}: {_FORM}")
        found.update(read)
    numbers = {key: int(value) for key, value in found.items() if key != "instance_type"}
    return Wish(
        text=text,
        name=name.strip(),
        instance_type=found.get("instance_type"),
        count=numbers.get("count"),
        memory_mb=numbers.get("memory_mb"),
        provisioned=numbers.get("provisioned"),
    )


def _setting(text: str) -> dict[str, str]:
    if memory := _MEMORY.fullmatch(text):
        return {"memory_mb": memory["mb"]}
    if provisioned := _PROVISIONED.fullmatch(text):
        return {"provisioned": provisioned["count"]}
    machines = _MACHINES.fullmatch(text)
    if machines is None:
        return {}
    given = {"instance_type": machines["type"], "count": machines["count"]}
    return {key: value for key, value in given.items() if value}


def _nearest(instance_type: str, legal: frozenset[str]) -> list[str]:
    return difflib.get_close_matches(instance_type, sorted(legal), n=3, cutoff=0.0)


def _a(noun: str) -> str:
    named = f"{noun} job" if noun in ("training", "tuning", "processing", "transform") else noun
    return f"{'an' if named[0] in 'aeiou' else 'a'} {named}"
