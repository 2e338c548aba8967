"""Trust policies: which services may use a role, and which principals may assume it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from mlguard.iam.escalation.account import Member
from mlguard.iam.escalation.chain import Cited, in_words, unique
from mlguard.iam.escalation.roster import NOBODY, Roster, Some
from mlguard.iam.evaluation.evaluate import Evaluation, evaluate
from mlguard.iam.evaluation.policies import Carrier, PolicySet
from mlguard.iam.language.arn import account_of
from mlguard.iam.language.document import Document, Effect, Principals, Statement
from mlguard.iam.language.principal import Kind, Named, Principal, named, parse_principal
from mlguard.iam.language.request import Context, Request
from mlguard.iam.language.wildcard import covers, meets

_ASSUME: Final = "sts:assumerole"
_WEB_IDENTITY: Final = "sts:assumerolewithwebidentity"
_COGNITO: Final = "cognito-identity.amazonaws.com"
# An ARN: arn, partition, service, region, account, resource.
_RESOURCE: Final = 5
_SAGEMAKER: Final = "sagemaker.amazonaws.com"
_SOURCE_ACCOUNT: Final = "aws:sourceaccount"
_SOURCE_ARN: Final = "aws:sourcearn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """A trust that lets somebody in: the statements that do, and under which conditions."""

    cited: tuple[Cited, ...]
    conditions: tuple[str, ...] = ()


@dataclass(slots=True)
class _Named:
    """Whom the trust policies of roles name; masks of those roles."""

    services: dict[str, int] = field(default_factory=dict)
    principals: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    anyone: int = 0


class Trusts:
    """The trust policies of all roles; `members` stand in the order of the roster."""

    def __init__(self, members: Sequence[Member], roster: Roster, known: Context) -> None:
        self._known = known
        arns: dict[str, list[str]] = {}
        for member in members:
            arns.setdefault(parse_principal(member.arn).account, []).append(member.arn)
        self._roles = {_sessions_of(member.arn): member.arn for member in members}
        self._accounts = {account: roster.mask(found) for account, found in arns.items()}
        self._named = _Named()
        self._plain = 0
        texts: dict[tuple[int, str], list[str]] = {}
        carriers: dict[int, Carrier] = {}
        for member in members:
            if member.trust is not None:
                account = parse_principal(member.arn).account
                carriers[id(member.trust)] = member.trust
                texts.setdefault((id(member.trust), account), []).append(member.arn)
        for (place, _), roles in texts.items():
            self._enter(carriers[place].document, carriers[place], roster.mask(roles))
        self._of_services: dict[tuple[str, ...], Some] = {}

    def assumable(self, who: Principal, reached: Some, undenied: Some) -> Some:
        """Return the roles that may let the principal in.

        Its own policies allow it those that it reached, and deny it all but the undenied. In its
        own account it may do without an Allow where a trust policy names it, or anyone.
        """
        book, same = self._named, self._accounts.get(who.account, 0)
        named_here = book.principals.get(who.text, 0)
        invited = book.accounts.get(who.account, 0) | book.anyone | named_here
        free = undenied.within((named_here | book.anyone) & same)
        found = free | reached.within(invited)
        return Some(found.sure & self._plain, found.maybe)

    def assume(self, member: Member, role: Member, trust: Carrier | None) -> Leave | None:
        """Return how the member may assume the role under this trust policy, None if it cannot."""
        if trust is None:
            return None
        own = member.policies
        policies = PolicySet(
            identity=own.identity,
            boundaries=own.boundaries,
            session=own.session,
            resource=trust,
            scps=own.scps,
            unread=own.unread,
        )
        for caller in (member.arn, *_sessions(member, trust)):
            request = Request(
                principal=caller, action="sts:AssumeRole", resource=role.arn, context=self._known
            )
            found = evaluate(request, policies)
            if found.possibly_allowed:
                return _leave(request, found, trust, own)
        return None

    def _holder(self, text: str) -> str:
        """Return the principal that is named, for a session of a role the role."""
        return self._roles.get(f"{text.rpartition('/')[0]}/", text)

    def services(self, names: tuple[str, ...]) -> Some:
        """Return the roles that any of these services may use."""
        found = self._of_services.get(names)
        if found is None:
            found = NOBODY
            for name in names:
                roles = self._named.services.get(name, 0)
                found |= Some(roles & self._plain, roles | self._named.anyone)
            self._of_services[names] = found
        return found

    def admits(self, role: Member, service: str) -> Leave | None:
        """Return how the service may use the role, None if it cannot."""
        trust = role.trust
        if trust is None:
            return None
        holder = parse_principal(role.arn)
        # What the service does, it does for the account of the role.
        source: dict[str, tuple[str, ...]] = {_SOURCE_ACCOUNT: (holder.account,)}
        if service == _SAGEMAKER:
            source |= _source_of(trust, holder)
        knowing = self._known.with_defaults(source)
        found = self._by_service(role, trust, service, knowing)
        if not found.possibly_allowed:
            return None
        if service != _SAGEMAKER:
            # Whether other services say for which account they come is not promised.
            found = self._by_service(role, trust, service, self._known)
        naming = [one for one in _allowing(trust) if _names_service(one.principals, service)]
        conditions = () if found.allowed else _conditions(found, naming)
        return Leave(cited=tuple(_cited(trust, one) for one in naming), conditions=conditions)

    def _by_service(
        self, role: Member, trust: Carrier, service: str, context: Context
    ) -> Evaluation:
        action = "sts:AssumeRoleWithWebIdentity" if service == _COGNITO else "sts:AssumeRole"
        request = Request(principal=service, action=action, resource=role.arn, context=context)
        return evaluate(request, PolicySet(resource=trust))

    def _enter(self, document: Document, trust: Carrier, roles: int) -> None:
        """Note whom the trust policy of these roles names."""
        book = self._named
        plain = True
        for statement in document.statements:
            plain &= statement.effect is Effect.ALLOW and not statement.conditions
            plain &= statement.not_principals is None
            rule = trust.rules[statement.index]
            element = statement.principals
            if statement.effect is not Effect.ALLOW or element is None:
                continue
            if rule.covers(_WEB_IDENTITY):
                _add(book.services, element.federated, roles)
            if rule.covers(_ASSUME):
                _add(book.services, element.service, roles)
                _add(book.accounts, (_account(text) for text in element.aws), roles)
                _add(book.principals, map(self._holder, element.aws), roles)
                book.anyone |= roles if element.anyone else 0
        if plain:
            self._plain |= roles


def _source_of(trust: Carrier, holder: Principal) -> dict[str, tuple[str, ...]]:
    """Return the resource for which SageMaker comes, where any of the account's is as good.

    It tells which one it is, says its guide, "Cross-service confused deputy prevention"; the caller
    makes it. Where the trust policy asks for some of them only, nobody knows.
    """
    any_of_them = f"arn:{holder.partition}:sagemaker:*:{holder.account}:*"
    for statement in trust.document.statements:
        for test in statement.conditions:
            if test.key.lower() != _SOURCE_ARN:
                continue
            if any(_some_of(value, any_of_them) for value in test.values):
                return {}
    return {_SOURCE_ARN: (any_of_them.replace("*", "x"),)}


def _some_of(value: str, every: str) -> bool:
    """Return whether the value may match some of the resources, and not all of them."""
    if "${" in value:
        return True
    mine, theirs = value.split(":", _RESOURCE), every.split(":", _RESOURCE)
    if len(mine) == len(theirs) and not all(map(meets, mine, theirs)):
        return False
    return meets(value, every) and not covers(value, every)


def _leave(request: Request, found: Evaluation, trust: Carrier, own: PolicySet) -> Leave:
    """Return how the evaluation lets the caller in."""
    naming = [
        one for one in _allowing(trust) if one.principals and named(request.caller, one.principals)
    ]
    if found.allowed:
        cited = [Cited(policy=one.policy, sid=one.sid, index=one.index) for one in found.matched]
        return Leave(cited=tuple(cited))
    tests = (*naming, *(one for carrier in own.identity for one in _about(carrier)))
    cited = [_cited(trust, one) for one in naming]
    return Leave(cited=tuple(cited), conditions=_conditions(found, tests))


def _sessions(member: Member, trust: Carrier) -> Iterator[str]:
    """Yield the sessions of the role that the trust policy names: who assumes it names them.

    STS API Reference, "AssumeRole", RoleSessionName.
    """
    begin = _sessions_of(member.arn)
    for statement in _allowing(trust):
        names = statement.principals.aws if begin and statement.principals else ()
        yield from (name for name in names if name.startswith(begin))


def _sessions_of(arn: str) -> str:
    """Return how the ARNs of a role's sessions begin, nothing for a user."""
    role = parse_principal(arn)
    if role.kind is not Kind.ROLE:
        return ""
    return f"arn:{role.partition}:sts::{role.account}:assumed-role/{role.name}/"


def _add(found: dict[str, int], names: Iterable[str], roles: int) -> None:
    for name in names:
        if name:
            found[name] = found.get(name, 0) | roles


def _account(text: str) -> str:
    """Return the account that an AWS principal stands for as a whole, else nothing."""
    if not text.startswith("arn:"):
        return text
    return account_of(text) if text.endswith(":root") else ""


def _allowing(trust: Carrier) -> Iterator[Statement]:
    return (one for one in trust.document.statements if one.effect is Effect.ALLOW)


def _about(carrier: Carrier) -> Iterator[Statement]:
    return (rule.statement for rule in carrier.about(_ASSUME))


def _names_service(element: Principals | None, service: str) -> bool:
    return element is not None and named(parse_principal(service), element) is not Named.NOT


def _cited(carrier: Carrier, statement: Statement) -> Cited:
    return Cited(policy=carrier.name, sid=statement.sid, index=statement.index)


def _conditions(found: Evaluation, statements: Iterable[Statement]) -> tuple[str, ...]:
    """Return in words what the evaluation hangs on."""
    missing = {key.lower() for key in found.missing}
    tests = (test for one in statements for test in one.conditions if test.key.lower() in missing)
    return (
        unique(in_words(test) for test in tests)
        or unique((*(f"{key} is as the policies ask" for key in found.missing), *found.doubts))
        or ("the policies that were not read allow it",)
    )
