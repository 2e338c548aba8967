"""Who may make the requests that are compared: whom statements name, and stand-ins for the rest.

A stand-in is somebody whom no statement names by himself: some principal of an account, of any
account, or some service. Which one it is, the conditions of the statements say.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Self

from mlguard.errors import ArnError
from mlguard.iam.algebra.condition_region import Fact, Values, canonical
from mlguard.iam.algebra.pattern_algebra import Glob
from mlguard.iam.evaluation.fixed import ASSUME_ROLE, UNSIGNED
from mlguard.iam.language.document import ConditionTest, Document, Principals, Statement
from mlguard.iam.language.principal import (
    OUTSIDERS,
    Kind,
    Principal,
    is_account_id,
    parse_principal,
)

_NAME: Final = "example"
_NAME_KEY: Final = "aws:username"
_ARN_KEY: Final = "aws:principalarn"
_ACCOUNT_KEY: Final = "aws:principalaccount"
_FIRST_ACCOUNT: Final = 999_999_999_999
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_ACCOUNT_AT: Final = 4


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A principal, or one that stands in for those whom nobody names.

    `taken` are the ARNs that somebody named has, which the stand-in for others has not.
    """

    text: str
    stands_in: bool = False
    taken: frozenset[str] = field(default=frozenset(), repr=False)

    @cached_property
    def principal(self) -> Principal:
        """The caller, taken apart."""
        return parse_principal(self.text)

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What follows for the context of its requests."""
        if not self.stands_in or self.principal.kind in OUTSIDERS:
            return tuple(self._of(key, values) for key, values in self._follows.items())
        home = self.text.rpartition(":")[0]
        federated = self.principal.kind is Kind.FEDERATED_USER
        kinds = ("federated-user",) if federated else ("role", "user")
        arns = tuple(f"{home}:{kind}/?*" for kind in kinds)
        return (
            self._of(_ACCOUNT_KEY, (self.principal.account,)),
            _fact("StringLike", _ARN_KEY, arns),
            *(
                (_fact("StringNotEquals", _ARN_KEY, tuple(sorted(self.taken))),)
                if self.taken
                else ()
            ),
        )

    @property
    def impossible(self) -> tuple[Glob, ...]:
        """The actions that it cannot call, whatever policies say.

        STS API reference: nothing is called without credentials but what has a token of an
        identity provider, whose user alone is the caller then; and AssumeRole not with such a
        token, nor as the root user.
        """
        kind = self.principal.kind
        if kind is Kind.ANONYMOUS:
            return (Glob("sts:*"),)
        tokenless = (Glob(ASSUME_ROLE),) if kind in (Kind.PROVIDER, Kind.ROOT) else ()
        return (*tokenless, *(map(Glob, sorted(UNSIGNED)) if kind not in OUTSIDERS else ()))

    @property
    def _follows(self) -> Mapping[str, Values]:
        return self.principal.context()

    def _of(self, key: str, values: Values) -> Fact:
        if not values:
            return _fact("Null", key, ("true",))
        if key == _ARN_KEY and self.principal.kind is Kind.SESSION:
            # The session's ARN has the role's name and not its path.
            head, _, name = values[0].rpartition("/")
            return _fact("StringLike", key, (values[0], f"{head}/*/{name}"))
        return _fact("StringEquals", key, values)

    def shown(
        self, context: Mapping[str, Values], asked: Iterable[str]
    ) -> tuple[str, Mapping[str, Values]] | None:
        """Return who makes a request and what of its context does not follow from that.

        None if the keys that policies ask about cannot be those of one principal.
        """
        text = self._named_in(context, _NAME_KEY in asked)
        follows = parse_principal(text).context()
        asked = follows.keys() & set(asked)
        odd = {key for key in asked if context.get(key, ()) != follows[key]}
        if self.principal.kind is Kind.SESSION:
            odd.discard(_ARN_KEY)
        if odd or text in self.taken:
            return None
        kept = {key: value for key, value in context.items() if value != follows.get(key)}
        return text, kept

    def _named_in(self, context: Mapping[str, Values], has_name: bool) -> str:  # noqa: FBT001
        """Return which principal a stand-in is, by the keys that tell."""
        arns = context.get(_ARN_KEY)
        if not self.stands_in or self.principal.kind in OUTSIDERS:
            return self.text
        if arns:
            return arns[0]
        if not has_name:
            return self.text
        home = f"arn:{self.principal.partition}:iam::{self.principal.account}:"
        names = context.get(_NAME_KEY)
        return f"{home}user/{names[0]}" if names else f"{home}role/{self.principal.name}"


@dataclass(frozen=True, slots=True)
class Own:
    """The context keys that a caller surely has, and those that it never has."""

    values: Mapping[str, str] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()

    @classmethod
    def of(cls, caller: Caller, keys: Collection[str]) -> Self:
        """Return which of the keys a user or role has; of others not each is that certain."""
        who = caller.principal
        if caller.stands_in or who.kind not in (Kind.USER, Kind.ROLE):
            return cls()
        context = {key: values for key, values in who.context().items() if key in keys}
        return cls(
            values={key: values[0] for key, values in context.items() if values},
            absent=frozenset(key for key, values in context.items() if not values),
        )

    def __contains__(self, key: str) -> bool:
        return key in self.values or key in self.absent


def callers(documents: Sequence[Document]) -> list[Caller]:
    """Return all who may tell the policies apart."""
    return list(_Census(documents).callers())


class _Census:
    def __init__(self, documents: Sequence[Document]) -> None:
        self.statements = [one for document in documents for one in document.statements]
        self.elements = [one.principals for one in self.statements if one.principals is not None]
        self.names = list(dict.fromkeys(name for one in self.elements for name in _names(one)))
        arns = (name for name in self.names if name.startswith("arn:"))
        self.taken = frozenset(name for name in arns if _account_of_root(name) is None)
        self.partition = next(
            (name.split(":")[1] for name in self.names if name.startswith("arn:")), "aws"
        )

    @property
    def asks_for_arns(self) -> bool:
        """Whether a condition is about the ARN of the caller."""
        return any(test.key.lower() == _ARN_KEY for test in _of_callers(self.statements))

    def callers(self) -> Iterator[Caller]:
        accounts: dict[str, None] = {}
        for name in sorted(self.names):
            account = name if is_account_id(name) else _account_of_root(name)
            if account is not None:
                accounts.setdefault(account)
            elif name != "*" and _is_somebody(name):
                yield Caller(text=name)
        if any(one.anyone for one in self.elements):
            yield Caller(text="*")
            accounts.update(dict.fromkeys((*self._asked_accounts(), self._stranger())))
        for account in accounts:
            yield self._of_account(account)
            if self.asks_for_arns:
                # Nobody else of the account has such ARNs.
                yield Caller(text=f"arn:{self.partition}:iam::{account}:root")
                federated = f"arn:{self.partition}:sts::{account}:federated-user/{_NAME}"
                yield Caller(text=federated, stands_in=True, taken=self.taken)
        if any(one.anyone and not one.aws for one in self.elements):
            yield self._service()

    def _of_account(self, account: str) -> Caller:
        home = f"arn:{self.partition}:iam::{account}:user/"
        text = next(text for text in _numbered(f"{home}{_NAME}", "") if text not in self.taken)
        taken = (name for name in self.taken if f":{account}:" in name)
        return Caller(text=text, stands_in=True, taken=frozenset(taken))

    def _service(self) -> Caller:
        texts = _numbered(_NAME, ".amazonaws.com")
        return Caller(text=next(text for text in texts if text not in self.names), stands_in=True)

    def _asked_accounts(self) -> list[str]:
        """Return the accounts that conditions on the caller name."""
        values = (value for test in _of_callers(self.statements) for value in test.values)
        return sorted({account for value in values for account in _ACCOUNT.findall(value)})

    def _stranger(self) -> str:
        known = {account for name in self.names for account in _ACCOUNT.findall(name)}
        known.update(self._asked_accounts())
        numbers = range(_FIRST_ACCOUNT, _FIRST_ACCOUNT - len(known) - 1, -1)
        return next(text for text in map(str, numbers) if text not in known)


def has_vague_accounts(documents: Iterable[Document]) -> bool:
    """Tell whether a condition has a pattern of accounts, which stand-ins need not match."""
    statements = (one for document in documents for one in document.statements)
    return any(_is_vague(value) for test in _of_callers(statements) for value in test.values)


def _is_vague(value: str) -> bool:
    parts = value.split(":")
    account = parts[_ACCOUNT_AT] if len(parts) > _ACCOUNT_AT else value
    if not set("*?") & set(account):
        return False
    return bool(account.strip("*")) and any(map(str.isdigit, account.replace("/", "")))


def _of_callers(statements: Iterable[Statement]) -> Iterator[ConditionTest]:
    return (
        test
        for statement in statements
        for test in statement.conditions
        if test.key.lower() in (_ARN_KEY, _ACCOUNT_KEY)
    )


def _names(element: Principals) -> tuple[str, ...]:
    return (*element.aws, *element.service, *element.federated)


def _numbered(name: str, end: str) -> Iterator[str]:
    yield f"{name}{end}"
    number = 2
    while True:
        yield f"{name}-{number}{end}"
        number += 1


def _fact(operator: str, key: str, values: Values) -> Fact:
    test = ConditionTest(operator=operator, key=key, values=values)
    return Fact(canonical(test, variables=False), holds=True)


def _account_of_root(text: str) -> str | None:
    parts = text.split(":")
    return parts[_ACCOUNT_AT] if text.startswith("arn:") and parts[-1] == "root" else None


def _is_somebody(text: str) -> bool:
    """Tell whether the text names a principal; the ID of a deleted one names nobody."""
    try:
        parse_principal(text)
    except ArnError:
        return False
    return True
