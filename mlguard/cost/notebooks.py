"""Notebook instances: hours of the instance while it runs, and its volume for as long as it is."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from mlguard.cost.estimate import Estimate, Line, line, unknown
from mlguard.cost.prices import HOURS_A_MONTH
from mlguard.cost.span import Span
from mlguard.cost.terms import Terms
from mlguard.data.instance_types import Surface
from mlguard.data.prices import Component
from mlguard.resources.notebooks import NotebookInstance, NotebookLifecycle
from mlguard.snapshot import Inventory

RUNNING: Final = frozenset({"InService", "Pending"})
"""The states in which the instance is there. It must be stopped to be updated."""

_GOING: Final = "Deleting"
_FAILED: Final = "Failed"

VOLUME: Final = "ml-storage-gp2"
_STOPS: Final = ("stop-notebook-instance", "stop_notebook_instance", "StopNotebookInstance")
_AUTOSTOP: Final = ("autostop", "auto-stop", "auto_stop")

_ALL_MONTH: Final = "it stays in service all month, 730 hours"


def estimates(inventory: Inventory, terms: Terms) -> Iterator[Estimate]:
    """Yield an estimate for each notebook that stays.

    Running: 730 hours of its instance; stopped: its volume alone. "SageMaker AI stops charging
    you for the ML compute instance when you call StopNotebookInstance" and keeps the volume (API
    reference). Hours that were stated hold instead, in whatever state it is.
    """
    for notebook in inventory.of(NotebookInstance):
        if notebook.status != _GOING:
            lines = (*_compute(notebook, inventory, terms), _volume(notebook, terms))
            yield Estimate.of(notebook, lines)


def stops_itself(scripts: tuple[str, ...]) -> bool:
    """Return whether scripts of a lifecycle configuration seem to stop the notebook when idle.

    They call StopNotebookInstance, or install something that is called an autostop.
    """
    return any(word in script for script in scripts for word in _STOPS) or any(
        word in script.lower() for script in scripts for word in _AUTOSTOP
    )


def lifecycle_of(notebook: NotebookInstance, inventory: Inventory) -> NotebookLifecycle | None:
    """Return the notebook's lifecycle configuration, None if it has none or nobody read it."""
    found = inventory.named(NotebookLifecycle, notebook.lifecycle_config, near=notebook)
    return next(iter(found), None)


def _compute(notebook: NotebookInstance, inventory: Inventory, terms: Terms) -> Iterator[Line]:
    name, region = notebook.instance_type, notebook.region
    what = f"{name} notebook"
    stated = terms.assumptions.hours_of(notebook.name)
    if stated is None and notebook.status == _FAILED:
        yield unknown(
            what, "AWS does not say what it charges for a notebook that failed", while_running=True
        )
        return
    if stated is None and notebook.status not in RUNNING:
        return
    hours, assumptions = _hours(notebook, inventory, stated)
    yield line(
        what,
        terms.book.sagemaker(region, name, Surface.NOTEBOOK),
        hours,
        book=terms.book,
        lacking=f"the price of {name} for notebooks in {region} is not known",
        assumptions=assumptions,
        while_running=True,
    )


def _hours(
    notebook: NotebookInstance, inventory: Inventory, stated: Decimal | None
) -> tuple[Span, tuple[str, ...]]:
    if stated is not None:
        return Span.exactly(stated), (f"it runs for {stated:.6g} hours a month, as stated",)
    lifecycle = lifecycle_of(notebook, inventory)
    if lifecycle is not None and stops_itself(lifecycle.on_start):
        how = (
            f"the lifecycle configuration {lifecycle.name} stops it when nobody uses it: for how "
            "many hours that is was not measured"
        )
        return Span(Decimal(0), HOURS_A_MONTH, HOURS_A_MONTH), (how, _ALL_MONTH)
    return Span.exactly(HOURS_A_MONTH), (_ALL_MONTH,)


def _volume(notebook: NotebookInstance, terms: Terms) -> Line:
    return line(
        f"{notebook.volume_size_gb} GB volume",
        terms.book.component(notebook.region, VOLUME, Component.STORAGE),
        Span.exactly(notebook.volume_size_gb),
        book=terms.book,
        lacking=f"the price of a SageMaker volume in {notebook.region} is not known",
        assumptions=("the volume is charged whether the notebook runs or not",),
    )
