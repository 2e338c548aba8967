"""Totals by pipeline and by owner: each estimate in exactly one group, so that they add up.

A pipeline is what is tagged as one; then what hangs together: notebook, job, model, endpoint,
function. Tags part what names and roles would join. What neither joins stands alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final

from mlguard.cost.bill import Bill
from mlguard.cost.edges import edges
from mlguard.cost.estimate import USD, Estimate
from mlguard.cost.span import Span
from mlguard.resources.base import Resource
from mlguard.resources.functions import Function, ProvisionedConcurrency
from mlguard.resources.hosting import Endpoint, EndpointConfig, Model
from mlguard.resources.instances import Instance, Volume
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TransformJob, TuningJob
from mlguard.resources.notebooks import NotebookInstance
from mlguard.resources.tags import TagSet
from mlguard.snapshot import Inventory

PIPELINE_TAGS: Final = ("mlguard:pipeline", "pipeline", "project")
OWNER_TAGS: Final = ("owner",)
"""Keys of tags that say whose something is, in either case: the first that it has counts."""

NOBODY: Final = "(no owner)"
UNREAD: Final = "(tags not read)"

# What a pipeline is called after where no tag says: what it is for, before what it is made of.
_STAGES: Final[tuple[type[Resource], ...]] = (
    Endpoint,
    Function,
    EndpointConfig,
    Model,
    TransformJob,
    TuningJob,
    TrainingJob,
    ProcessingJob,
    NotebookInstance,
    ProvisionedConcurrency,
    Instance,
    Volume,
)

Node = tuple[str, str]
"""The name of a kind, and an ARN: a function and its provisioned concurrency share none."""


class Basis(Enum):
    """Why a group is one."""

    TAG = "a tag"
    GRAPH = "what runs what"
    ALONE = "nothing joins it to another"
    UNTAGGED = "no tag"
    UNREAD = "tags that were not read"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Estimates that belong together."""

    name: str
    basis: Basis
    estimates: tuple[Estimate, ...]

    @cached_property
    def monthly_usd(self) -> Span:
        """The sum of what is known, in USD."""
        return self.known(USD)

    @property
    def blank(self) -> bool:
        """True if something in it costs money, and of none of it is anything known."""
        lines = (line for one in self.estimates for line in one.lines)
        return bool(self.unknown) and all(line.monthly is None for line in lines)

    def known(self, currency: str) -> Span:
        """Return the sum of what is known, in a currency."""
        return Span.total(one.known(currency) for one in self.estimates)

    @property
    def unknown(self) -> int:
        """How many of the estimates are not known whole."""
        return sum(bool(one.unknown) for one in self.estimates)


def by_owner(
    inventory: Inventory, bill: Bill, *, tag_keys: tuple[str, ...] = OWNER_TAGS
) -> tuple[Group, ...]:
    """Return a group for each value of an owner's tag, dearest first.

    What has no such tag is one more group, and what may have one that was not read another.
    """
    tags = _Tags(inventory)
    found: dict[tuple[str, Basis], list[Estimate]] = {}
    for one in bill.estimates:
        owner = tagged(tags.of(one), tag_keys)
        nobody = (NOBODY, Basis.UNTAGGED) if tags.read(one) else (UNREAD, Basis.UNREAD)
        found.setdefault((owner, Basis.TAG) if owner else nobody, []).append(one)
    return _in_order(
        Group(name=name, basis=basis, estimates=tuple(estimates))
        for (name, basis), estimates in found.items()
    )


def by_pipeline(
    inventory: Inventory, bill: Bill, *, tag_keys: tuple[str, ...] = PIPELINE_TAGS
) -> tuple[Group, ...]:
    """Return a group for each pipeline, dearest first."""
    joined = _Joined(inventory, bill, tag_keys)
    found: dict[Node, list[Estimate]] = {}
    for one in bill.estimates:
        found.setdefault(joined.root((one.kind, one.arn)), []).append(one)
    return _in_order(joined.group(root, tuple(members)) for root, members in found.items())


def tagged(tags: Mapping[str, str], keys: tuple[str, ...]) -> str | None:
    """Return the value of the first of these keys that there is a tag of, in either case."""
    held = {key.casefold(): value for key, value in tags.items() if value.strip()}
    return next((held[key.casefold()] for key in keys if key.casefold() in held), None)


class _Tags:
    """The tags of what is billed: SageMaker's stand apart from its resources."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._covered = TagSet.__name__ in inventory.snapshot.covers

    def of(self, one: Resource | Estimate) -> Mapping[str, str]:
        """Return the tags of a resource, as far as they were read."""
        apart = self._inventory.get(TagSet, one.arn)
        return one.tags if apart is None else {**one.tags, **apart.tags}

    def read(self, one: Estimate) -> bool:
        """Return whether all its tags were read."""
        if one.arn.split(":")[2:3] != ["sagemaker"]:
            return True
        gaps = self._inventory.gaps(TagSet, account=one.account, region=one.region)
        return self._covered and not any(gap.subject in (None, one.arn) for gap in gaps)


class _Joined:
    """Nodes by what they are joined to: a forest of which each tree is a pipeline."""

    def __init__(self, inventory: Inventory, bill: Bill, tag_keys: tuple[str, ...]) -> None:
        self._parents: dict[Node, Node] = {}
        self._labels: dict[Node, str] = {}
        self._names: dict[Node, str] = {}
        tags = _Tags(inventory)
        for kind in _STAGES:
            for resource in inventory.of(kind):
                self._add(_node(resource), resource.name, tagged(tags.of(resource), tag_keys))
        for one in bill.estimates:
            self._add((one.kind, one.arn), one.name, tagged(tags.of(one), tag_keys))
        self._join_labels()
        for left, right in edges(inventory):
            self._join(_node(left), _node(right))

    def root(self, node: Node) -> Node:
        """Return what stands for the tree of a node."""
        while self._parents[node] != node:
            self._parents[node] = self._parents[self._parents[node]]
            node = self._parents[node]
        return node

    def group(self, root: Node, estimates: tuple[Estimate, ...]) -> Group:
        """Return the group of a tree: by its tag, or called after its foremost stage."""
        if root in self._labels:
            return Group(name=self._labels[root], basis=Basis.TAG, estimates=estimates)
        tree = self._trees[root]
        basis = Basis.GRAPH if len(tree) > 1 else Basis.ALONE
        return Group(name=self._names[min(tree, key=_rank)], basis=basis, estimates=estimates)

    @cached_property
    def _trees(self) -> Mapping[Node, list[Node]]:
        found: dict[Node, list[Node]] = {}
        for node in self._parents:
            found.setdefault(self.root(node), []).append(node)
        return found

    def _add(self, node: Node, name: str, label: str | None) -> None:
        self._parents.setdefault(node, node)
        self._names.setdefault(node, name)
        if label is not None:
            self._labels.setdefault(node, label)

    def _join_labels(self) -> None:
        first: dict[str, Node] = {}
        for node, label in list(self._labels.items()):
            self._join(first.setdefault(label, node), node)

    def _join(self, one: Node, other: Node) -> None:
        """Make one tree of two, unless their tags say that they are two pipelines."""
        left, right = self.root(one), self.root(other)
        labels = {self._labels[root] for root in (left, right) if root in self._labels}
        if left == right or len(labels) > 1:
            return
        self._parents[right] = left
        if labels:
            self._labels[left] = labels.pop()


def _node(resource: Resource) -> Node:
    return type(resource).__name__, resource.arn


_RANKS: Final = {kind.__name__: rank for rank, kind in enumerate(_STAGES)}


def _rank(node: Node) -> tuple[int, str]:
    kind, arn = node
    return _RANKS.get(kind, len(_RANKS)), arn


def _in_order(groups: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(sorted(groups, key=lambda group: (-group.monthly_usd.expected, group.name)))
