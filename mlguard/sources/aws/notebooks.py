"""Notebook instances and their lifecycle configurations."""

from typing import Final

from mlguard.resources.base import Resource
from mlguard.resources.notebooks import NotebookInstance, NotebookLifecycle
from mlguard.sources.aws.listed import Listed, collect_listed
from mlguard.sources.aws.reading import Reading
from mlguard.sources.readers.notebooks import notebook_instance, notebook_lifecycle

LISTED: Final = (
    Listed(
        kind=NotebookInstance,
        word="NotebookInstance",
        key="NotebookInstances",
        read=notebook_instance,
    ),
    Listed(
        kind=NotebookLifecycle,
        word="NotebookInstanceLifecycleConfig",
        key="NotebookInstanceLifecycleConfigs",
        read=notebook_lifecycle,
    ),
)
KINDS: Final[tuple[type[Resource], ...]] = tuple(listed.kind for listed in LISTED)
OPERATIONS: Final[tuple[str, ...]] = tuple(
    operation for listed in LISTED for operation in listed.operations
)


def collect(reading: Reading) -> None:
    """Read every notebook instance and lifecycle configuration."""
    for listed in LISTED:
        collect_listed(reading, listed)
