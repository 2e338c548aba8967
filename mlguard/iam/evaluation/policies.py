"""The policies that bear on a request, by the layer in which each stands."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from mlguard.iam.evaluation.rule import Rule
from mlguard.iam.language.document import Document


class Layer(Enum):
    """What decided a request.

    IDENTITY   the policies of the principal and of a user's groups
    BOUNDARY   its permissions boundary
    SESSION    the policies passed when the session was made
    RESOURCE   the policy of the resource: a bucket's, a key's, a role's trust policy
    SCP        the service control policies of the principal's account
    RCP        the resource control policies of the resource's account
    ENDPOINT   the policy of the VPC endpoint that the request passes
    DEFAULT    no policy: nothing granted it, or AWS's own rules decide
    """

    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    RESOURCE = "resource"
    SCP = "scp"
    RCP = "rcp"
    ENDPOINT = "endpoint"
    DEFAULT = "default"


# Layers whose statements name principals.
NAMING = frozenset({Layer.RESOURCE, Layer.RCP, Layer.ENDPOINT})
_REMEMBERED = 1024


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """A policy document and the name under which to report it.

    Its statements are compiled once: use one carrier in all the places where a policy stands.
    """

    name: str
    document: Document

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The statements, compiled."""
        variables = self.document.has_variables
        return tuple(
            Rule.of(statement, variables=variables) for statement in self.document.statements
        )

    @cached_property
    def _asked(self) -> dict[str, tuple[Rule, ...]]:
        return {}

    def about(self, action: str) -> tuple[Rule, ...]:
        """Return the statements about this folded action; the same few are asked for often."""
        found = self._asked.get(action)
        if found is None:
            if len(self._asked) >= _REMEMBERED:
                self._asked.clear()
            found = self._asked[action] = tuple(rule for rule in self.rules if rule.covers(action))
        return found


@dataclass(frozen=True, kw_only=True)
class PolicySet:
    """All policies that bear on a request.

    A principal is limited by each of its boundaries, and a request by each endpoint it passes;
    session policies add up. SCPs and RCPs stand by level, root to account: one Allow is needed at
    each. No levels means no SCP, as in the management account; RCPFullAWSAccess is taken to stand
    at every level of RCPs, since it cannot be detached. `unread` names layers that may hold
    policies which nobody has read.
    """

    identity: tuple[Carrier, ...] = ()
    boundaries: tuple[Carrier, ...] = ()
    session: tuple[Carrier, ...] = ()
    resource: Carrier | None = None
    scps: tuple[tuple[Carrier, ...], ...] = ()
    rcps: tuple[tuple[Carrier, ...], ...] = ()
    endpoints: tuple[Carrier, ...] = ()
    unread: frozenset[Layer] = frozenset()

    @cached_property
    def groups(self) -> tuple[tuple[Layer, tuple[Carrier, ...]], ...]:
        """The policies in groups: within a group one Allow is enough. In the order AWS looks."""
        return (
            *((Layer.RCP, level) for level in self.rcps),
            *((Layer.SCP, level) for level in self.scps),
            *((Layer.ENDPOINT, (carrier,)) for carrier in self.endpoints),
            *((Layer.RESOURCE, (carrier,)) for carrier in (self.resource,) if carrier),
            (Layer.IDENTITY, self.identity),
            *((Layer.BOUNDARY, (carrier,)) for carrier in self.boundaries),
            *((Layer.SESSION, self.session) for _ in self.session[:1]),
        )
