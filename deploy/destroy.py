"""Destroy: take away what a pipeline file made, what is paid by the hour first, roles last.

What is not there, or goes with what it is part of, is passed over: half an apply is taken away
like a whole one. What could not be deleted is named, and the rest is deleted all the same.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError

from deploy.account import enter, is_absent
from deploy.costs import Standing, standing
from deploy.emptying import empty, holds_something
from deploy.errors import DeployError
from deploy.kinds.catalogue import kind_of, undone
from deploy.opening import opened, session_of
from deploy.pipeline import Pipeline
from deploy.progress import Progress, shown
from deploy.resolving import resolve_known
from deploy.thing import Patience, State, Thing, look, make, pick, settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """A thing that will be deleted, and what it costs while it is not."""

    thing: Thing
    standing: Standing


class Destruction:
    """What a pipeline file has in an account, to be shown first and deleted then."""

    def __init__(
        self, pipeline: Pipeline, session: boto3.Session, *, patience: Patience | None = None
    ) -> None:
        for step in pipeline.steps:
            kind_of(step)
        self._account = enter(pipeline, session)
        self._patience = patience or Patience()
        self.unread: list[str] = []
        self.doomed = tuple(self._doomed(pipeline))

    @property
    def monthly_usd(self) -> Decimal:
        """What all of it costs a month while it stands, as far as that is known."""
        known = (one.standing.monthly_usd for one in self.doomed)
        return sum((usd for usd in known if usd is not None), Decimal(0))

    def perform(self, *, empty_buckets: bool, progress: Progress) -> tuple[str, ...]:
        """Delete it all; return what could not be deleted, each with its reason."""
        left = list(self.unread)
        for one in self.doomed:
            thing = one.thing
            if left and thing.kind.noun in ("key", "key alias"):
                # What is left may be encrypted with it.
                left.append(f"{thing.title}: kept, for what is left may need it")
                continue
            try:
                self._delete(thing, empty_buckets=empty_buckets, progress=progress)
            except (BotoCoreError, ClientError, NotImplementedError, DeployError) as error:
                left.append(f"{thing.title}: {error}")
                progress.say(f"{thing.title} could not be deleted")
            else:
                progress.say(f"{thing.title} is deleted")
        return tuple(left)

    def _doomed(self, pipeline: Pipeline) -> list[Doomed]:
        things: dict[str, Thing] = {}
        answers: dict[str, Mapping[str, Any]] = {}
        for step in pipeline.steps:
            try:
                thing = look(self._account, step, resolve_known(step, answers))
            except DeployError as error:
                self.unread.append(str(error))
                continue
            if thing.found is not None:
                answers[step.id] = thing.answer
                things[step.id] = thing
        # Two steps may be about one thing; what needs no call goes with what it is part of.
        doomed = {
            things[step.id].title: things[step.id]
            for step in undone(pipeline.steps)
            if step.id in things and _wants_a_call(things[step.id])
        }
        return [
            Doomed(thing=thing, standing=standing(self._account, thing))
            for thing in doomed.values()
        ]

    def _delete(self, thing: Thing, *, empty_buckets: bool, progress: Progress) -> None:
        # What is being made cannot be deleted; it also may have gone with another meanwhile.
        current = self._settled(look(self._account, thing.step, thing.scope["asked"]), progress)
        if current.state is State.MISSING:
            return
        if current.kind.noun == "bucket":
            self._clear(current, empty_buckets=empty_buckets, progress=progress)
        for call in current.kind.delete:
            for perform in make(self._account, call, current):
                try:
                    perform()
                except ClientError as error:
                    if not is_absent(error):
                        raise
            if current.kind.wait:
                again = look(self._account, thing.step, thing.scope["asked"])
                self._settled(again, progress)

    def _clear(self, thing: Thing, *, empty_buckets: bool, progress: Progress) -> None:
        bucket = thing.scope["asked"]["Bucket"]
        if empty_buckets:
            progress.say(f"{thing.title}: {empty(self._account, bucket)} versions are deleted")
        elif holds_something(self._account, bucket):
            raise DeployError("is not empty; --empty-buckets deletes all that it holds")

    def _settled(self, thing: Thing, progress: Progress) -> Thing:
        return settle(self._account, thing, patience=self._patience, progress=progress)


@click.command("destroy")
@click.option("--plan", "file", default="plan.json", show_default=True, help="A file, or -.")
@click.option("--profile", help="A profile of your AWS configuration.")
@click.option("--region", help="Has to be the pipeline file's.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--empty-buckets", is_flag=True, help="Delete what buckets hold, all versions.")
@click.pass_context
def command(
    context: click.Context,
    file: str,
    profile: str | None,
    region: str | None,
    *,
    yes: bool,
    empty_buckets: bool,
) -> None:
    """Delete what the pipeline file made, after saying what that is and what it costs."""
    if not yes and (file == "-" or not _somebody_is_there()):
        raise click.UsageError("there is nobody to ask: --yes deletes without asking")
    with opened():
        destruction = Destruction(*session_of(file, profile, region))
        _announce(destruction, empty_buckets=empty_buckets)
        if destruction.doomed and not yes:
            click.confirm("Delete all of it?", abort=True, err=True)
        with shown() as progress:
            left = destruction.perform(empty_buckets=empty_buckets, progress=progress)
    for line in left:
        click.echo(f"left: {line}", err=True)
    if left:
        context.exit(1)


def _somebody_is_there() -> bool:
    return sys.stdin.isatty()


def _announce(destruction: Destruction, *, empty_buckets: bool) -> None:
    if not destruction.doomed:
        click.echo("nothing of it is there", err=True)
        return
    click.echo("this will be deleted:", err=True)
    for one in destruction.doomed:
        all_of_it = " with all that it holds" if empty_buckets and _is_bucket(one) else ""
        click.echo(f"  {one.thing.title}{all_of_it} ({one.standing.text})", err=True)
    click.echo(f"known prices come to ${destruction.monthly_usd:.2f} a month, on demand", err=True)


def _wants_a_call(thing: Thing) -> bool:
    """Return whether there is something to do: a job that has ended is a record, and stays."""
    return any(call.when is None or pick(call.when, thing.scope) for call in thing.kind.delete)


def _is_bucket(doomed: Doomed) -> bool:
    return doomed.thing.kind.noun == "bucket"
