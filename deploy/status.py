"""Status: what of a pipeline file stands in the account, step by step; nothing is changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import click

from deploy.account import enter
from deploy.errors import DeployError
from deploy.kinds.catalogue import kind_of
from deploy.opening import opened, session_of
from deploy.pipeline import Pipeline, Step
from deploy.resolving import resolve_known
from deploy.thing import State, look, overriding


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a step stands; no state means that it could not be looked at, and `text` says why."""

    step: Step
    state: State | None
    title: str
    text: str = ""

    def __str__(self) -> str:
        """Return the line that a person reads."""
        word = self.state.value if self.state else "not read"
        return f"{word:<10}  {self.step.id}: {self.title}{f' ({self.text})' if self.text else ''}"


def status(pipeline: Pipeline, session: boto3.Session) -> Iterator[Standing]:
    """Yield how each step stands, in order; raises DeployError for another account or region."""
    for step in pipeline.steps:
        kind_of(step)
    account = enter(pipeline, session)
    answers: dict[str, Mapping[str, Any]] = {}
    for step in pipeline.steps:
        try:
            thing = look(account, step, resolve_known(step, answers))
        except DeployError as error:
            title = kind_of(step).noun
            yield Standing(step=step, state=None, title=title, text=str(error))
            continue
        if thing.found is not None:
            answers[step.id] = thing.answer
        state, text = thing.state, "; ".join(map(str, thing.differences))
        if state is State.DIFFERS:
            later = overriding(account, pipeline.steps, thing, answers)
            if later is not None:
                state, text = State.THERE, f"as {later.id!r} sets it"
        if state in (State.FAILED, State.MAKING):
            text = ": ".join(filter(None, (thing.status, thing.reason)))
        yield Standing(step=step, state=state, title=thing.title, text=text)


@click.command("status")
@click.option("--plan", "file", default="plan.json", show_default=True, help="A file, or -.")
@click.option("--profile", help="A profile of your AWS configuration.")
@click.option("--region", help="Has to be the pipeline file's.")
@click.pass_context
def command(context: click.Context, file: str, profile: str | None, region: str | None) -> None:
    """Say of each step whether it is there; exit code 0 if all are, as planned."""
    whole = True
    with opened():
        for standing in status(*session_of(file, profile, region)):
            click.echo(str(standing))
            whole = whole and standing.state is State.THERE
    if not whole:
        context.exit(1)
