"""Effective permissions: what a principal may do once all of its policies are merged.

This is what the principal's own policies say: identity policies, boundaries, session policies,
SCPs. What a resource's policy adds or asks for (a bucket, a KMS key, the trust policy of a role)
is for `evaluate`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from mlguard.iam.evaluation.policies import Carrier, Layer, PolicySet
from mlguard.iam.language.actions import actions
from mlguard.iam.language.principal import Principal, parse_principal
from mlguard.iam.language.request import Context, Rest
from mlguard.iam.permissions.ability import Ability, Access, Question, answer
from mlguard.iam.permissions.bearing import clauses_of, principal_keys
from mlguard.iam.permissions.clauses import Clause, Clauses, Grant, mask_of
from mlguard.iam.permissions.grants import Side, combine, left_of
from mlguard.iam.permissions.reach import Extent

ANY: Final = "*"
_NOTHING_KNOWN: Final = Context(rest=Rest.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Permissions:
    """What a set of policies allows; principals with the same policies share one.

    `sides` are the layers: one Allow of each is needed. `unread` names layers that may hold more
    than was read: then nothing is surely allowed, and little surely denied.
    """

    sides: tuple[Side, ...] = field(repr=False)
    denies: tuple[Clause, ...] = field(default=(), repr=False)
    unread: frozenset[Layer] = frozenset()

    @cached_property
    def grants(self) -> tuple[Grant, ...]:
        """Every grant, with what may cut it."""
        return combine([(side.layer, side.clauses) for side in self._telling], self.denies)

    @cached_property
    def actions_anywhere(self) -> int:
        """The mask of the known actions that may be allowed on some resource."""
        first, *others = self._telling
        if not others and not self.denies:
            return first.mask
        named, wide = first.mask, actions().all
        for side in others:
            named &= side.mask
            wide &= side.wide
        # Most is settled without a look at resources: what no Deny bears on, or what is allowed
        # on everything while no single Deny takes everything.
        undenied = ~mask_of(self.denies) | first.wide & ~self._denied_widely
        settled = named & wide & undenied
        return actions().shared(settled | self._searched(named & ~settled))

    @cached_property
    def on_all_resources(self) -> int:
        """The mask of the known actions that are allowed on every resource, unconditionally."""
        if self.unread:
            return 0
        mask = actions().all
        for side in self.sides:
            mask &= side.everywhere
        # Each Deny reaches something of every action that it names.
        return mask & ~mask_of(self.denies)

    @cached_property
    def unlisted(self) -> tuple[str, ...]:
        """The allowed action patterns that match no known action: unknown, not absent."""
        patterns = (
            pattern
            for side in self.sides
            for clause in side.clauses
            for pattern in clause.statement.actions
        )
        return tuple(dict.fromkeys(pattern for pattern in patterns if not actions().mask(pattern)))

    @property
    def _telling(self) -> tuple[Side, ...]:
        """The sides that say more than yes, the identity policies first and in any case."""
        first, *others = self.sides
        return (first, *(side for side in others if not side.says_only_yes))

    @property
    def _denied_widely(self) -> int:
        """The mask of what a single Deny may take from a statement that reaches everything."""
        mask = 0
        for deny in self.denies:
            if deny.star is Extent.ALL:
                mask |= deny.mask if deny.everywhere else deny.mask & actions().of_star
        return mask

    def _searched(self, mask: int) -> int:
        """Return which of the actions some grant has."""
        if not mask:
            return 0
        first, *others = (
            (side.layer, tuple(clause for clause in side.clauses if clause.mask & mask))
            for side in self._telling
        )
        if others:
            return mask & mask_of(combine([first, *others], self.denies))
        found = 0
        for clause in first[1]:
            if clause.mask & mask & ~found:
                found |= mask & left_of(clause, self.denies)
        return found

    def may_allow(self, mask: int) -> bool:
        """Return whether each side names all the actions of the mask; a quick way to a no."""
        return not any(mask & ~side.mask for side in self.sides)

    def can(self, action: str, resource: str = ANY) -> Ability:
        """Return whether the action is allowed on all that the resource (or pattern) matches."""
        return answer(Question.of(action, resource), self.sides, self.denies, self.unread)


@dataclass(frozen=True)
class Effective:
    """What one principal may do."""

    principal: Principal
    permissions: Permissions

    @property
    def grants(self) -> tuple[Grant, ...]:
        """Every grant, with the conditions it is under and what may cut it."""
        return self.permissions.grants

    @property
    def actions_anywhere(self) -> int:
        """The mask of the known actions that may be allowed on some resource."""
        return self.permissions.actions_anywhere

    @property
    def on_all_resources(self) -> int:
        """The mask of the known actions that are allowed on every resource, unconditionally."""
        return self.permissions.on_all_resources

    @cached_property
    def administrator(self) -> bool:
        """Whether every `iam:` action is allowed, unconditionally, on all that the account has.

        Such a principal can give itself whatever else it lacks.
        """
        every = actions().mask("iam:*")
        open_ = every & ~self.on_all_resources
        if not open_:
            return True
        if self.permissions.unread or not self.permissions.may_allow(every):
            return False
        own = f"arn:{self.principal.partition}:iam::{self.principal.account}:*"
        return all(self.can(one, own).access is Access.ALLOWED for one in actions().expand(open_))

    def can(self, action: str, resource: str = ANY) -> Ability:
        """Return whether the action is allowed on the resource.

        The resource may be a pattern: allowed means on all that it matches, denied on none. For an
        action that takes no resource it does not matter.
        """
        return self.permissions.can(action, resource)


def effective(
    subjects: Iterable[tuple[str, PolicySet]], *, known: Context = _NOTHING_KNOWN
) -> Iterator[Effective]:
    """Yield what each principal, named by its ARN, may do under its policies.

    `known` is what is known of every request (aws:CurrentTime, say). Use one Carrier for a policy
    that stands in many places: what it says is then worked out once. Raises ArnError for a
    principal that is none.
    """
    book = Book(known)
    for arn, policies in subjects:
        principal = parse_principal(arn)
        yield Effective(principal, book.permissions(principal, policies))


class Book:
    """What was worked out already: of each policy, and of each set of them.

    `known` is what is known of every request.

    Only what a policy asks for of the principal (its name, its account) tells two uses apart.
    """

    def __init__(self, known: Context = _NOTHING_KNOWN) -> None:
        self._known = known
        # Keyed by identity; the carriers are kept so that no other takes their place.
        self._asked: dict[int, tuple[Carrier, tuple[str, ...]]] = {}
        self._clauses: dict[tuple[object, ...], Clauses] = {}
        self._permissions: dict[tuple[object, ...], Permissions] = {}

    def permissions(self, principal: Principal, policies: PolicySet) -> Permissions:
        """Return what the policies allow the principal."""
        parts = [
            (layer, tuple([self._part(carrier, layer, principal) for carrier in level]))
            for layer, level in _layers(principal, policies)
        ]
        key = (policies.unread, *((id(layer), *map(id, found)) for layer, found in parts))
        found = self._permissions.get(key)
        if found is None:
            found = self._permissions[key] = Permissions(
                sides=tuple(Side(layer, level) for layer, level in parts),
                denies=tuple(deny for _, level in parts for part in level for deny in part.denies),
                unread=policies.unread,
            )
        return found

    def _part(self, carrier: Carrier, layer: Layer, principal: Principal) -> Clauses:
        asked = self._asked.get(id(carrier))
        if asked is None:
            asked = self._asked[id(carrier)] = (carrier, principal_keys(carrier.document))
        known: dict[str, tuple[str, ...]] = {}
        # Layers by identity too: an Enum is slow to hash.
        key: tuple[object, ...] = (id(carrier), id(layer))
        if asked[1]:
            context = principal.context()
            known = {name: context[name] for name in asked[1]}
            key += tuple(known.values())
        found = self._clauses.get(key)
        if found is None:
            full = self._known.with_defaults(known) if known else self._known
            found = self._clauses[key] = clauses_of(carrier, layer, full)
        return found


def _layers(
    principal: Principal, policies: PolicySet
) -> Iterator[tuple[Layer, tuple[Carrier, ...]]]:
    """Yield the layers that bear on what the principal may do; within one, one Allow is enough.

    Organizations User Guide, "Service control policies": they leave service-linked roles alone.
    """
    yield Layer.IDENTITY, policies.identity
    for boundary in policies.boundaries:
        yield Layer.BOUNDARY, (boundary,)
    if policies.session:
        yield Layer.SESSION, policies.session
    if not principal.service_linked:
        for level in policies.scps:
            yield Layer.SCP, level
