"""What a question names: one principal of the account, one action; and what is near what is not."""

import difflib
from string import ascii_letters, digits
from typing import Final

from mlguard.errors import ArnError, MlguardError
from mlguard.iam.language.actions import actions
from mlguard.iam.language.principal import Kind, Principal
from mlguard.iam.language.wildcard import fold
from mlguard.principals import Principals, Subject

# Service Authorization Reference: prefixes and names are letters and digits, with hyphens.
_LETTERS: Final = frozenset(ascii_letters + digits + "-")
_WILD: Final = frozenset("*?")


class QuestionError(MlguardError):
    """A question about nobody, or about nothing that could be asked."""


def find(account: Principals, who: str) -> Subject:
    """Return the role or user with this ARN or name, or the role of a session with this ARN.

    Raises QuestionError, which names those that are called nearly so.
    """
    found = [one for one in account.subjects if who in (one.arn, one.resource.name)]
    if not found:
        found = _behind_session(account, who)
    if len(found) == 1:
        return found[0]
    if found:
        raise QuestionError(_several(who, found))
    raise QuestionError(f"no role or user is called {who!r}: {_hint(account, who)}")


def refuse_no_action(action: str) -> None:
    """Raise QuestionError unless the text is one action, known or not."""
    service, _, name = action.partition(":")
    if service and name and _LETTERS.issuperset(service + name):
        return
    cure = "ask of each action by itself" if _WILD & set(action) or "," in action else "write it"
    raise QuestionError(f"{action!r} is not one action: {cure} as s3:GetObject")


def unknown_action(action: str) -> str | None:
    """Return what is to be said of an action that is not in the action list, None if it is."""
    table = actions()
    if table.known(action):
        return None
    return f"AWS lists no action {action}: {_near(action)}it is judged as it is written"


def _near(action: str) -> str:
    by_folded = {fold(name): name for name in actions().names}
    prefix, _, name = fold(action).partition(":")
    services = {one.partition(":")[0] for one in by_folded}
    if prefix not in services:
        # Of a service that is misspelt the action may well be right.
        prefixes = difflib.get_close_matches(prefix, sorted(services), n=3)
        near = [f"{one}:{name}" for one in prefixes if f"{one}:{name}" in by_folded]
    else:
        names = [one for one in by_folded if one.startswith(f"{prefix}:")]
        near = difflib.get_close_matches(fold(action), names, n=3, cutoff=0.8)
    told = " or ".join(by_folded[one] for one in near)
    return f"did you mean {told}? " if told else ""


def _behind_session(account: Principals, who: str) -> list[Subject]:
    """Return the roles whose session it may be: the ARN of one has the role's name, no path."""
    try:
        asked = Principal.parse(who)
    except ArnError:
        return []
    if asked.kind is not Kind.SESSION:
        return []
    return [
        one
        for one in account.subjects
        if one.resource.name == asked.name
        and one.resource.account == asked.account
        and Principal.parse(one.arn).kind is Kind.ROLE
    ]


def _several(who: str, found: list[Subject]) -> str:
    arns = sorted({one.arn for one in found})
    if len(arns) == 1:
        return f"{arns[0]} stands {len(found)} times in the source: which is meant? read it again"
    return f"{who!r} names several principals: give the ARN, {' or '.join(arns)}"


def _hint(account: Principals, who: str) -> str:
    kind = _of_no_policies(who)
    if kind:
        return kind
    names = [one.resource.name for one in account.subjects]
    asked = who.rpartition("/")[2]
    alike = [name for name in names if name.lower() == asked.lower()]
    near = alike or difflib.get_close_matches(asked, names, n=3)
    return f"did you mean {' or '.join(near)}?" if near else f"the source holds {len(names)}"


def _of_no_policies(who: str) -> str:
    """Return why nobody can be asked about whoever is no role or user, nothing if it is one."""
    if ":group/" in who:
        return "a group asks for nothing itself; ask about a user in it"
    try:
        kind = Principal.parse(who).kind
    except ArnError:
        return ""
    if kind is Kind.ROOT:
        return "no policy of its account limits the root user"
    if kind is Kind.SERVICE:
        return "a service has no policies of its own; ask about the role that it runs as"
    return ""
