"""A role, function or endpoint of the account under test."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mlguard.access import ask
from mlguard.asking import QuestionError
from mlguard.principals import Subject
from mlguard.report import Finding, Outcome, Result
from mlguard.reporters.escaping import printable
from mlguard.resources.base import Resource
from mlguard.resources.functions import Function
from mlguard.resources.hosting import Endpoint
from mlguard.resources.iam import Role
from mlguard_pytest.ability import Ability
from mlguard_pytest.account import Account
from mlguard_pytest.doubt import NotEvaluatedError, gap_in_words
from mlguard_pytest.entries import ANY
from mlguard_pytest.permissions import Permissions

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True, repr=False)
class View(Generic[R]):
    """A resource of the account under test; `account` is where it was found."""

    resource: R
    account: Account = field(compare=False)

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.resource.arn

    @property
    def name(self) -> str:
        """Its name."""
        return self.resource.name

    @property
    def results(self) -> tuple[Result, ...]:
        """What became of every check on it, those that could not be evaluated included."""
        return tuple(one for one in self.account.report.results if one.subject.arn == self.arn)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the audit found wrong with it, suppressed findings left out.

        Raises NotEvaluatedError where a check could not be evaluated: there may be more.
        """
        __tracebackhide__ = True
        results = self.results
        for result in results:
            if result.outcome is Outcome.NOT_EVALUATED:
                said = "; ".join(map(gap_in_words, result.gaps))
                raise NotEvaluatedError(f"{result.check} of {printable(self.name)}: {said}")
        found = {one.fingerprint for result in results for one in result.findings}
        return tuple(one for one in self.account.report.findings if one.fingerprint in found)

    def __repr__(self) -> str:
        return printable(f"<{type(self.resource).__name__} {self.name}>")


class RoleView(View[Role]):
    """An IAM role, and what it may do."""

    @property
    def subject(self) -> Subject:
        """The role with its policies, and what was not read of them."""
        return self.account.engine.principals.subject(self.arn)

    @property
    def permissions(self) -> Permissions:
        """What its policies allow: `<= {"logs:*", "s3:GetObject on arn:aws:s3:::data/*"}`."""
        return Permissions(self.subject)

    def can(self, action: str, resource: str = ANY) -> Ability:
        """Return whether it may do the action on the resource, or on all that a pattern matches.

        Raises ValueError for what is no action or resource.
        """
        __tracebackhide__ = True
        engine = self.account.engine
        try:
            return Ability(ask(engine.principals, self.arn, action, resource, today=engine.today))
        except QuestionError as error:
            raise ValueError(str(error)) from None


class FunctionView(View[Function]):
    """A Lambda function."""

    @property
    def role(self) -> RoleView:
        """The role that it runs as; raises LookupError if the account does not have it."""
        __tracebackhide__ = True
        return role_view(self.account, self.resource.role_arn)


class EndpointView(View[Endpoint]):
    """A SageMaker endpoint."""


def role_view(account: Account, name: str) -> RoleView:
    """Return the role with this name or ARN; raises LookupError."""
    __tracebackhide__ = True
    return RoleView(_found(account, Role, "role", name), account)


def function_view(account: Account, name: str) -> FunctionView:
    """Return the function with this name or ARN; raises LookupError."""
    __tracebackhide__ = True
    return FunctionView(_found(account, Function, "function", name), account)


def endpoint_view(account: Account, name: str) -> EndpointView:
    """Return the endpoint with this name or ARN; raises LookupError."""
    __tracebackhide__ = True
    return EndpointView(_found(account, Endpoint, "endpoint", name), account)


def _found(account: Account, kind: type[R], noun: str, name: str) -> R:
    __tracebackhide__ = True
    snapshot = account.snapshot
    every = snapshot.of(kind)
    found = [one for one in every if name in (one.arn, one.name)]
    if len(found) == 1:
        return found[0]
    if found:
        arns = " or ".join(sorted(one.arn for one in found))
        raise LookupError(printable(f"{name!r} names several {noun}s: give the ARN, {arns}"))
    for gap in snapshot.gaps:
        hidden = gap.subject is None or name in (gap.subject, gap.subject.rpartition("/")[2])
        if kind.__name__ in gap.kinds and hidden:
            said = f"whether there is the {noun} {name!r} cannot be told: "
            raise NotEvaluatedError(printable(said) + gap_in_words(gap))
    if kind.__name__ not in snapshot.covers:
        raise LookupError(f"{snapshot.source!r} does not tell of {noun}s at all")
    raise LookupError(printable(f"no {noun} is called {name!r}: {_near(name, every, noun)}"))


def _near(name: str, every: Sequence[Resource], noun: str) -> str:
    names = sorted({one.name for one in every})
    near = difflib.get_close_matches(name.rpartition("/")[2], names, n=3)
    if near:
        return f"did you mean {' or '.join(near)}?"
    if not names:
        return f"there is no {noun}"
    shown = ", ".join(names[:5])
    return f"there is {shown}" if len(names) <= 5 else f"there are {len(names)}: {shown}, ..."  # noqa: PLR2004  # a line of them
