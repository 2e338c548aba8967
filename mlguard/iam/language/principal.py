"""Who makes a request, and whether the Principal element of a statement names them.

The rules are those of the IAM User Guide, "AWS JSON policy elements: Principal" and
"NotPrincipal".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from functools import lru_cache
from typing import Final, Self

from mlguard.errors import ArnError
from mlguard.iam.language.arn import Arn
from mlguard.iam.language.document import Principals

_ACCOUNT_DIGITS: Final = 12
_SERVICE_LINKED: Final = "aws-service-role/"


class Kind(Enum):
    """What sort of principal makes the request."""

    ROOT = "root user"
    USER = "user"
    ROLE = "role"
    SESSION = "role session"
    FEDERATED_USER = "federated user"
    PROVIDER = "identity provider"
    SERVICE = "service"
    ANONYMOUS = "anonymous"


# They have no identity policies: all that they may do, a resource policy says.
OUTSIDERS: Final = frozenset({Kind.PROVIDER, Kind.SERVICE, Kind.ANONYMOUS})
_KINDS: Final[Mapping[tuple[str, str], Kind]] = {
    ("iam", "user"): Kind.USER,
    ("iam", "role"): Kind.ROLE,
    ("iam", "oidc-provider"): Kind.PROVIDER,
    ("iam", "saml-provider"): Kind.PROVIDER,
    ("sts", "assumed-role"): Kind.SESSION,
    ("sts", "federated-user"): Kind.FEDERATED_USER,
}


class Named(IntEnum):
    """How a statement names the principal, from not at all to by its very own ARN.

    The difference decides which other policies still limit what the statement grants.
    """

    NOT = 0
    ACCOUNT = 1
    ROLE = 2
    ANYONE = 3
    DIRECT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The principal of a request; `name` is the user's or role's name, `session` the session's.

    Of a role its path says whether it is `service_linked`; a session's ARN has none.
    """

    text: str
    kind: Kind
    partition: str = "aws"
    account: str = ""
    name: str = ""
    session: str = ""
    service_linked: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the principal that an ARN, a service principal or `*` is, or raise ArnError."""
        if text == "*":
            return cls(text=text, kind=Kind.ANONYMOUS)
        if not text.startswith("arn:"):
            # Web identity providers (accounts.google.com) are written like services.
            if "." in text and not set(text) & set(" :/*?"):
                return cls(text=text, kind=Kind.SERVICE)
            raise ArnError(f"neither an ARN, a service principal nor `*`: {text!r:.80}")
        arn = Arn.parse(text)
        if arn.service == "iam" and arn.resource == "root":
            kind = Kind.ROOT
        else:
            found = _KINDS.get((arn.service, arn.resource_type))
            if found is None:
                raise ArnError(f"not the ARN of a principal: {text!r:.80}")
            kind = found
        if not arn.account:
            raise ArnError(f"a principal without an account: {text!r:.80}")
        return cls._of(arn, kind, text)

    @classmethod
    def _of(cls, arn: Arn, kind: Kind, text: str) -> Self:
        _, _, rest = arn.resource.partition("/")
        role, _, session = rest.partition("/") if kind is Kind.SESSION else (arn.name, "", "")
        return cls(
            text=text,
            kind=kind,
            partition=arn.partition,
            account=arn.account,
            name=role,
            session=session,
            service_linked=kind is Kind.ROLE and rest.startswith(_SERVICE_LINKED),
        )

    @property
    def role_arn(self) -> str | None:
        """The ARN of the role behind a role or session; a session's own ARN hides the path."""
        if self.kind is Kind.ROLE:
            return self.text
        if self.kind is Kind.SESSION:
            return f"arn:{self.partition}:iam::{self.account}:role/{self.name}"
        return None

    def context(self) -> dict[str, tuple[str, ...]]:
        """Return the context keys that follow from the principal; no value means absent.

        IAM User Guide, "AWS global condition context keys" and "Policy variables", Principal key
        values: aws:username is there for users only.
        """
        outsider = self.kind in OUTSIDERS
        return {
            "aws:principalarn": () if outsider else (self.role_arn or self.text,),
            "aws:principalaccount": () if outsider else (self.account,),
            "aws:username": (self.name,) if self.kind is Kind.USER else (),
        }


parse_principal = lru_cache(maxsize=65536)(Principal.parse)


def named(principal: Principal, element: Principals) -> Named:
    """Return how a Principal element names the principal.

    Part of a name cannot be a wildcard, and a unique ID (AROA...) is one of somebody deleted:
    neither names anybody.
    """
    if principal.kind is Kind.SERVICE:
        if principal.text in element.service or principal.text in element.federated:
            return Named.DIRECT
        return _anyone(element)
    if principal.kind is Kind.PROVIDER:
        return Named.DIRECT if principal.text in element.federated else _anyone(element)
    if principal.kind is Kind.ANONYMOUS:
        return Named.ANYONE if element.anyone else Named.NOT
    best = Named.ANYONE if element.anyone else Named.NOT
    for text in element.aws:
        best = max(best, _named_by(principal, text))
        if best is Named.DIRECT:
            return best
    return best


def exempted(principal: Principal, element: Principals) -> bool:
    """Return whether a NotPrincipal element leaves the principal out beyond doubt.

    IAM User Guide, "NotPrincipal": the account must be listed beside the user or role; and the
    session, its role and the account, none of which is enough without the others.
    """
    if principal.kind in OUTSIDERS:
        return named(principal, element) is not Named.NOT
    ways = {_named_by(principal, text) for text in element.aws}
    if element.anyone:
        return True
    if principal.kind is Kind.ROOT:
        return Named.DIRECT in ways
    wanted = {Named.ACCOUNT, Named.ROLE if principal.role_arn else Named.DIRECT}
    if principal.kind is Kind.SESSION:
        wanted.add(Named.DIRECT)
    return wanted <= ways


def listed(principal: Principal, element: Principals) -> bool:
    """Return whether the element names the principal more closely than by its account."""
    return named(principal, element) > Named.ACCOUNT


def _anyone(element: Principals) -> Named:
    # {"AWS": "*"} means AWS principals; services and providers need the plain "*".
    return Named.ANYONE if element.anyone and not element.aws else Named.NOT


def _named_by(principal: Principal, text: str) -> Named:
    if text == principal.text:
        return Named.ROLE if principal.kind is Kind.ROLE else Named.DIRECT
    if text == principal.account:
        return Named.DIRECT if principal.kind is Kind.ROOT else Named.ACCOUNT
    if not text.startswith("arn:"):
        return Named.NOT
    arn = _parsed(text)
    if arn is None or arn.account != principal.account or arn.service != "iam":
        return Named.NOT
    if arn.resource == "root":
        return Named.ACCOUNT
    # Role names are unique in an account, whatever their path; a session's ARN has none.
    is_role = principal.kind is Kind.SESSION and arn.resource_type == "role"
    return Named.ROLE if is_role and arn.name == principal.name else Named.NOT


@lru_cache(maxsize=16384)
def _parsed(text: str) -> Arn | None:
    try:
        return Arn.parse(text)
    except ArnError:
        return None


def is_account_id(text: str) -> bool:
    """Return whether the text is a 12-digit account ID."""
    return len(text) == _ACCOUNT_DIGITS and text.isascii() and text.isdigit()
