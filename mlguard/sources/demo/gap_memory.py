"""SageMaker: what moto was given on creation and drops from its descriptions."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from mlguard.sources.demo.gap_call import Amend, Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of resource: `Create{noun}` is remembered, `Describe{noun}` completed.

    `invented` are members that moto answers with values of its own: only what was given counts.
    `defaults` are what AWS describes where nothing was given.
    """

    noun: str
    invented: frozenset[str] = frozenset()
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The member that names one: `TrainingJobName`."""
        return f"{self.noun}Name"


NOTEBOOK: Final = Kind(
    noun="NotebookInstance",
    # API reference, CreateNotebookInstance: what each defaults to.
    defaults={
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
        "IpAddressType": "ipv4",
        "PlatformIdentifier": "notebook-al2023-v1",
    },
)

KINDS: Final = (
    Kind(noun="Endpoint"),
    Kind(noun="EndpointConfig", defaults={"EnableNetworkIsolation": False}),
    Kind(noun="HyperParameterTuningJob"),
    Kind(
        noun="Model",
        invented=frozenset({"EnableNetworkIsolation", "ExecutionRoleArn"}),
        defaults={"EnableNetworkIsolation": False},
    ),
    NOTEBOOK,
    Kind(noun="ProcessingJob"),
    Kind(noun="TrainingJob", invented=frozenset({"AlgorithmSpecification"})),
    Kind(noun="TransformJob"),
)


def remember(call: Call, kind: Kind, members: Mapping[str, Any]) -> None:
    """Keep members for the later descriptions of what the call names."""
    kept = call.room.shelf(kind.noun).setdefault(call.params[kind.name], {})
    kept.update(deepcopy(dict(members)))


def forget(call: Call, kind: Kind, member: str) -> None:
    """Drop what was given for a member of what the call names."""
    call.room.shelf(kind.noun).get(call.params[kind.name], {}).pop(member, None)


def _created(kind: Kind) -> Amend:
    def amend(call: Call, _: dict[str, Any]) -> None:
        call.room.shelf(kind.noun).pop(call.params[kind.name], None)
        remember(call, kind, call.params)

    return amend


def _deleted(kind: Kind) -> Amend:
    def amend(call: Call, _: dict[str, Any]) -> None:
        call.room.shelf(kind.noun).pop(call.params[kind.name], None)

    return amend


def _described(kind: Kind) -> Amend:
    def amend(call: Call, answer: dict[str, Any]) -> None:
        shape = call.model.output_shape
        given = call.room.shelf(kind.noun).get(call.params[kind.name], {})
        for member in kind.invented if given else ():
            answer.pop(member, None)
        merge(answer, given, shape)
        merge(answer, kind.defaults, shape)
        _drop_hollow(answer, shape)

    return amend


def merge(answer: dict[str, Any], given: Mapping[str, Any], shape: Any) -> None:
    """Add to an answer, at any depth, what was given and is a member of its shape."""
    for member, value in given.items():
        if member not in shape.members:
            continue
        if member not in answer:
            answer[member] = deepcopy(value)
            continue
        _merge_value(answer[member], value, shape.members[member])


def _merge_value(answered: Any, given: Any, shape: Any) -> None:
    if shape.type_name == "structure":
        merge(answered, given, shape)
    if shape.type_name == "list" and len(answered) == len(given):
        for one, other in zip(answered, given, strict=True):
            _merge_value(one, other, shape.member)


def _drop_hollow(answer: dict[str, Any], shape: Any) -> None:
    # moto answers {} for a structure that was not given, where AWS leaves the member out.
    for member in [name for name, value in answer.items() if value == {}]:
        known = shape.members.get(member)
        if known is not None and known.type_name == "structure" and known.required_members:
            del answer[member]


AMENDS: Final[Mapping[str, Amend]] = {
    operation: amend
    for kind in KINDS
    for operation, amend in (
        (f"Create{kind.noun}", _created(kind)),
        (f"Delete{kind.noun}", _deleted(kind)),
        (f"Describe{kind.noun}", _described(kind)),
    )
}
