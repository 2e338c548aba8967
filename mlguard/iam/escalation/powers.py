"""What principals may do to each other and to what they make, asked many times over."""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from mlguard.data.escalation_paths import resources_of
from mlguard.iam.escalation.chain import unique
from mlguard.iam.escalation.examples import Examples
from mlguard.iam.escalation.foresight import Foresight
from mlguard.iam.escalation.narrowing import Narrowing
from mlguard.iam.escalation.possibility import (
    ASSOCIATED,
    UNKNOWN,
    Circumstances,
    Openings,
    Possibility,
)
from mlguard.iam.escalation.roster import NOBODY, Roster, Some
from mlguard.iam.escalation.telling import Bearing, Tellings, Told, surely
from mlguard.iam.language.actions import actions
from mlguard.iam.language.principal import Principal
from mlguard.iam.permissions.clauses import Clause
from mlguard.iam.permissions.effective import Effective, Permissions
from mlguard.iam.permissions.reach import Entry

_ANY: Final = "*"
_EVERY: Final = Entry(_ANY)
_UNASKED: Final = object()


class Powers:
    """The answers, each worked out once for all principals with the same statements.

    They are those of `Permissions.can`, for one resource and with part of the context known.
    """

    def __init__(self, roster: Roster, foresight: Foresight) -> None:
        self._roster = roster
        self._foresight = foresight
        self._tellings = Tellings(foresight)
        self.profile = self._tellings.profile
        self._examples = Examples()
        self._openings = Openings()
        self._narrowing = Narrowing(self._openings)
        self._enough: dict[tuple[int, int, str], Possibility | None] = {}
        self._plain_masks: dict[tuple[int, str], tuple[int, int]] = {}
        self._some: dict[tuple[object, ...], Possibility | None] = {}
        self._reached: dict[tuple[object, ...], Some] = {}
        self._on_one: dict[tuple[object, ...], bool] = {}

    def on(
        self, who: Effective, action: str, resource: str, around: Circumstances = UNKNOWN
    ) -> Possibility | None:
        """Return whether the action may be allowed on this one resource."""
        bearing = self._tellings.on(who.permissions, action)
        return self._narrowing.on(bearing, resource, around)

    def by(
        self, bearing: Bearing, resource: str, around: Circumstances = UNKNOWN
    ) -> Possibility | None:
        """Return whether these statements may allow an action on this one resource."""
        return self._narrowing.once(bearing, resource, around)

    def _never_sure(self, bearing: Bearing, around: Circumstances) -> bool:
        """Return whether conditions stand in the way whatever the resource."""
        if any(
            deny.tests and deny.everywhere and self._openings.of(deny, around)
            for deny in bearing.denies
        ):
            return True
        return any(
            all(self._openings.of(one, around) != () for one in layer) for layer in bearing.layers
        )

    def open_to(self, who: Effective) -> int:
        """Return the actions that each layer names together with something they can act on."""
        return self._tellings.of(who.permissions).open

    def some(self, who: Effective, action: str) -> Possibility | None:
        """Return whether the action may be allowed on something that it can act on at all."""
        plain = self._plain(who, action)
        if plain is not None:
            return plain
        bearing = self._tellings.on(who.permissions, action)
        key = (bearing.key, action, who.principal.account)
        found = self._some.get(key, _UNASKED)
        if found is _UNASKED:
            found = self._some[key] = self._somewhere(who, action)
        return found  # type: ignore[return-value]  # what is not unasked is an answer

    def on_one(self, who: Effective, actions: tuple[str, ...]) -> bool:
        """Return whether the actions, which act on one kind of thing, may be allowed on one."""
        if self._by_one_statement(who, actions):
            return True
        bearings = [self._tellings.on(who.permissions, action) for action in actions]
        key = (*(bearing.key for bearing in bearings), *actions, who.principal.account)
        found = self._on_one.get(key)
        if found is None:
            found = self._on_one[key] = any(True for _ in self.met(who, actions))
        return found

    def written(self, who: Effective, action: str) -> tuple[str, ...]:
        """Return the patterns of resources on which its own policies allow the action."""
        return named(self._tellings.on(who.permissions, action).layers[0])

    def asked(self, who: Effective, action: str, key: str) -> tuple[str, ...]:
        """Return the values that statements about the action ask of a condition key (folded)."""
        bearing = self._tellings.on(who.permissions, action)
        clauses = (*(clause for layer in bearing.layers for clause in layer), *bearing.denies)
        tests = (test for clause in clauses for test in clause.tests if test.key.lower() == key)
        return unique(value for test in tests for value in test.values)

    def plainly(self, who: Effective, actions: int) -> int:
        """Return those of the actions for which one statement is enough, no other having a say."""
        telling, account = self._tellings.of(who.permissions), who.principal.account
        first, *others = telling.layers
        actions &= ~telling.denied
        for layer in others:
            sure = 0
            for told in layer:
                sure |= told.sure
            actions &= sure
        found = 0
        for told in first:
            found |= told.sure & actions
        for told in first:
            missing = actions & ~found & told.about
            if missing:
                found |= self._plainly_by(told, missing, who.principal, account)
        return found

    def reached(self, who: Effective, action: str, around: Circumstances = UNKNOWN) -> Some:
        """Return the principals on which the action may be allowed."""
        bearing = self._tellings.on(who.permissions, action)
        unread = bool(who.permissions.unread)
        key = (bearing.key, unread, *around.known.values(), around.created)
        found = self._reached.get(key)
        if found is None:
            found = self._everybody_on(bearing, around)
            found = self._reached[key] = found.unsure() if unread else found
        return found

    def undenied(self, who: Effective, action: str, around: Circumstances = UNKNOWN) -> Some:
        """Return the principals on which no policy of its own denies it the action."""
        bearing = self._tellings.on(who.permissions, action)
        everybody = self._roster.everybody
        found = self._less_denied(Some(everybody, everybody), bearing, around)
        return found.unsure() if who.permissions.unread else found

    def _everybody_on(self, bearing: Bearing, around: Circumstances) -> Some:
        everybody = self._roster.everybody
        found = Some(everybody, everybody)
        for layer in bearing.layers:
            allowed = NOBODY
            for clause in layer:
                tests = self._openings.of(clause, around)
                if tests is not None:
                    reached = self._roster.reached(clause.reach)
                    allowed |= reached.unsure() if tests else reached
            found &= allowed
        return self._less_denied(found, bearing, around)

    def _less_denied(self, found: Some, bearing: Bearing, around: Circumstances) -> Some:
        for deny in bearing.denies:
            tests = self._openings.of(deny, around)
            if tests is not None:
                lost = self._roster.reached(deny.reach)
                maybe = found.maybe if tests else found.maybe & ~lost.sure
                found = Some(found.sure & ~lost.maybe, maybe)
        return found

    def _somewhere(self, who: Effective, action: str) -> Possibility | None:
        """Return the best of what the action may be allowed on, tried out on examples."""
        bearing = self._tellings.on(who.permissions, action)
        layers = bearing.layers
        if not all(layers):
            return None
        around = at_home(who.principal)
        best: Possibility | None = None
        hopeless = self._never_sure(bearing, around)
        for pattern in _patterns(who.principal, action):
            shared = [self._examples.of(layer, pattern) for layer in layers]
            if not all(shared):
                continue
            every = self._examples.every(layers, shared, pattern)
            spared = self._examples.spared(bearing.denies, pattern)
            for example in unique((*every, *spared)):
                found = self.on(who, action, example, around)
                if found is not None and (found.sure or hopeless):
                    return found
                best = best or found
        return best

    def _by_one_statement(self, who: Effective, actions: tuple[str, ...]) -> bool:
        """Return whether a statement without conditions allows them all, no other having a say."""
        telling, bits = self._tellings.of(who.permissions), self._foresight.mask(actions)
        first, *others = telling.layers
        if telling.denied & bits or others:
            return False
        return any(
            small & bits == bits and not clause.tests
            for told in first
            if told.about & bits == bits
            for clause, small in told.allows
        )

    def met(self, who: Effective, actions: tuple[str, ...]) -> Iterator[str]:
        """Yield resources of the kind that the first action acts on, all allowed on each."""
        around = at_home(who.principal)
        bearings = [self._tellings.on(who.permissions, action) for action in actions]
        layers = tuple(layer for bearing in bearings for layer in bearing.layers)
        denies = tuple(deny for bearing in bearings for deny in bearing.denies)
        for pattern in _patterns(who.principal, actions[0]):
            shared = [self._examples.of(layer, pattern) for layer in layers]
            every = self._examples.every(layers, shared, pattern)
            spared = self._examples.spared(denies, pattern)
            for example in unique((*every, *spared)):
                if all(self.on(who, action, example, around) for action in actions):
                    yield example

    def _plain(self, who: Effective, action: str) -> Possibility | None:
        """Return a statement that is enough for it, where no other has a say."""
        telling, bit = self._tellings.of(who.permissions), self._foresight.bit(action)
        if telling.denied & bit:
            return None
        first, *others = telling.layers
        for layer in others:
            if not any(told.sure & bit for told in layer):
                return None
        best: Possibility | None = None
        for told in first:
            if told.sure & bit:
                return self._by_one(told, bit, who.principal, action)
            if best is None and told.about & bit:
                best = self._by_one(told, bit, who.principal, action)
        return best

    def _plainly_by(self, told: Told, actions: int, principal: Principal, account: str) -> int:
        asked, found = self._plain_masks.get((id(told), account), (0, 0))
        missing = actions & ~asked
        if missing:
            for action in self._foresight.names(missing):
                bit = self._foresight.bit(action)
                if self._by_one(told, bit, principal, action) is not None:
                    found |= bit
            self._plain_masks[id(told), account] = (asked | missing, found)
        return found & actions

    def _by_one(
        self, told: Told, bit: int, principal: Principal, action: str
    ) -> Possibility | None:
        """Return a statement of the policy that is enough, if no other has a say."""
        key = (id(told), bit, principal.account)
        found = self._enough.get(key, _UNASKED)
        if found is _UNASKED:
            found = self._enough[key] = self._looked_for(told, bit, principal, action)
        return found  # type: ignore[return-value]  # what is not unasked is an answer

    def _looked_for(
        self, told: Told, bit: int, principal: Principal, action: str
    ) -> Possibility | None:
        if told.sure & bit:
            return Possibility(clauses=(surely(told, bit),))
        patterns = _patterns(principal, action)
        for clause, small in told.allows:
            if not small & bit or clause.tests:
                continue
            for pattern in patterns:
                found = self._examples.enough(clause, pattern)
                if found is not None:
                    return found
        return None


def at_home(
    principal: Principal, created: tuple[str, ...] = (), **more: tuple[str, ...]
) -> Circumstances:
    """Return what is known of a request on a resource of the principal's own account.

    `more` are further keys of IAM's own, without prefix: iam:PolicyARN is `policyarn`.
    """
    return _at_home(principal.account, created, *more.items())


@lru_cache(maxsize=4096)
def _at_home(
    account: str, created: tuple[str, ...], *more: tuple[str, tuple[str, ...]]
) -> Circumstances:
    known = {f"iam:{key}": values for key, values in more}
    known["aws:resourceaccount"] = (account,)
    return Circumstances(known=known, created=created)


@cache
def bit_of(action: str) -> int:
    """Return the mask of one action, 0 if it is not known."""
    bit = actions().bit(action)
    return 0 if bit is None else 1 << bit


def asks_for_created(permissions: Permissions, action: str) -> bool:
    """Return whether some statement about the action asks what a passed role is for."""
    mask = bit_of(action)
    clauses = (clause for side in permissions.sides for clause in side.clauses)
    return any(
        test.key.lower() == ASSOCIATED
        for clause in (*clauses, *permissions.denies)
        if clause.tests and clause.mask & mask
        for test in clause.tests
    )


def named(layer: tuple[Clause, ...]) -> tuple[str, ...]:
    """Return the patterns of resources that the statements are about."""
    return unique(
        entry.pattern
        for clause in layer
        for entry in ((_EVERY,) if clause.reach.inverted else clause.reach.entries)
    )


def _patterns(principal: Principal, action: str) -> tuple[str, ...]:
    """Return what the action acts on in the principal's account; `*` where it takes nothing."""
    return located(principal.partition, principal.account, resources_of(action)) or (_ANY,)


@lru_cache(maxsize=4096)
def located(partition: str, account: str, resources: tuple[str, ...]) -> tuple[str, ...]:
    """Return patterns of resources, filled in for the account."""
    return tuple(
        text.replace("{partition}", partition).replace("{account}", account) for text in resources
    )
