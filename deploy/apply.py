"""Apply: bring an account to what a pipeline file says, step by step; again, if need be.

What is there and the same is left. What differs is changed where AWS changes it in place, and
refused with both values where it does not. A run that was cut off is taken up by running it
again: what earlier steps answered is looked up in the account, and no file is kept of it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError

from deploy.account import Account, enter
from deploy.errors import DeployError
from deploy.kind import Update
from deploy.kinds.catalogue import kind_of
from deploy.opening import opened, session_of
from deploy.pipeline import Pipeline, Step
from deploy.progress import Progress, shown
from deploy.resolving import resolve
from deploy.thing import Patience, State, Thing, look, make, overriding, settle

# "Changes ... might not be immediately visible": what was just made is refused for a while.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
_NOT_YET: Final = (
    "cannot be assumed",
    "could not assume role",
    "invalid principal in policy",
    "invalid iam instance profile",
)
_NOT_YET_LOOKS: Final = 12
_NOT_YET_SECONDS: Final = 5.0


def apply(
    pipeline: Pipeline,
    session: boto3.Session,
    *,
    progress: Progress,
    patience: Patience | None = None,
) -> Mapping[str, Mapping[str, Any]]:
    """Bring about every step, in order; return what each answered, by its id.

    Raises DeployError; what was made before it stays, and the next run goes on from there.
    """
    for step in pipeline.steps:
        kind_of(step)
    run = _Run(pipeline, enter(pipeline, session), progress, patience or Patience())
    for step in pipeline.steps:
        run.bring_about(step)
    return run.answers


class _Run:
    def __init__(
        self, pipeline: Pipeline, account: Account, progress: Progress, patience: Patience
    ) -> None:
        self._steps = pipeline.steps
        self._account = account
        self._progress = progress
        self._patience = patience
        self.answers: dict[str, Mapping[str, Any]] = {}

    def bring_about(self, step: Step) -> None:
        thing = self._settled(look(self._account, step, resolve(step, self.answers)))
        if thing.state is State.MISSING:
            self._create(thing)
            return
        if thing.kind.upsert and thing.state in (State.DIFFERS, State.FAILED):
            if not self._overridden(thing):
                thing = self._put_anew(thing)
        elif thing.state is State.DIFFERS and not self._overridden(thing):
            thing = self._update(thing)
        else:
            self._progress.say(f"{step.id}: {thing.title} is there")
        self.answers[step.id] = _sound(thing).answer

    def _create(self, thing: Thing) -> None:
        answer = self._call_itself(thing)
        self._progress.say(f"{thing.step.id}: {thing.title} is made")
        if thing.kind.wait:
            made = self._settled(look(self._account, thing.step, thing.scope["asked"]))
            _sound(made)
        self.answers[thing.step.id] = answer

    def _update(self, thing: Thing) -> Thing:
        changed = thing
        for update in _updates(thing):
            if update.only_in and changed.status not in update.only_in:
                raise DeployError(f"{_both(changed)}; {update.cure}, and apply again")
            for call in update.calls:
                for perform in make(self._account, call, changed):
                    self._patiently(thing.step, perform)
            changed = self._settled(look(self._account, thing.step, thing.scope["asked"]))
        self._progress.say(f"{thing.step.id}: {thing.title} is changed")
        return changed

    def _put_anew(self, thing: Thing) -> Thing:
        self._call_itself(thing)
        self._progress.say(f"{thing.step.id}: {thing.title} is changed")
        return self._settled(look(self._account, thing.step, thing.scope["asked"]))

    def _settled(self, thing: Thing) -> Thing:
        return settle(self._account, thing, patience=self._patience, progress=self._progress)

    def _call_itself(self, thing: Thing) -> Any:
        step = thing.step
        return self._patiently(
            step,
            lambda: self._account.perform(step.service, step.operation, thing.scope["asked"]),
        )

    def _patiently(self, step: Step, perform: Callable[[], Any]) -> Any:
        """Make a call, again for a bounded time while IAM has not yet told all of AWS of a role."""
        call = f"{step.service}:{step.operation}"
        for looks in range(_NOT_YET_LOOKS + 1):
            try:
                return perform()
            except (BotoCoreError, ClientError, NotImplementedError) as error:
                text = str(error)
                if looks == _NOT_YET_LOOKS or not any(w in text.lower() for w in _NOT_YET):
                    raise DeployError(f"step {step.id!r}: {call} was refused: {text}") from error
                self._progress.wait(f"{step.id}: IAM's changes to be seen everywhere")
                self._patience.sleep(_NOT_YET_SECONDS)
        raise AssertionError

    def _overridden(self, thing: Thing) -> bool:
        """Return whether a later step sets the same anew, and what is there is what it sets."""
        step = overriding(self._account, self._steps, thing, self.answers)
        if step is not None:
            self._progress.say(f"{thing.step.id}: {thing.title} is as {step.id!r} sets it")
        return step is not None


def _updates(thing: Thing) -> list[Update]:
    """Return the updates that change what differs; raises DeployError for what none changes."""
    fields = {difference.field for difference in thing.differences}
    fixed = fields.difference(*(update.fields for update in thing.kind.updates))
    if fixed:
        raise DeployError(
            f"{_both(thing)}; AWS does not change this in place ({', '.join(sorted(fixed))}): "
            "plan it under another name, or destroy this one first"
        )
    return [update for update in thing.kind.updates if update.fields & fields]


def _both(thing: Thing) -> str:
    differences = "; ".join(str(difference) for difference in thing.differences)
    return f"step {thing.step.id!r}: {thing.title} differs: {differences}"


def _sound(thing: Thing) -> Thing:
    if thing.state is State.FAILED:
        raise DeployError(
            f"step {thing.step.id!r}: {thing.title} is {thing.status}: "
            f"{thing.reason or 'no reason is given'}; take it away and apply again"
        )
    return thing


@click.command("apply")
@click.option("--plan", "file", default="plan.json", show_default=True, help="A file, or -.")
@click.option("--profile", help="A profile of your AWS configuration.")
@click.option("--region", help="Has to be the pipeline file's.")
def command(file: str, profile: str | None, region: str | None) -> None:
    """Bring the account to what the pipeline file says; what is there already is left."""
    with opened():
        pipeline, session = session_of(file, profile, region)
        with shown() as progress:
            apply(pipeline, session, progress=progress)
    click.echo(f"{len(pipeline.steps)} steps are there", err=True)
