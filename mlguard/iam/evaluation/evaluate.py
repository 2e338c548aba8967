"""Whether a request is allowed, what decided it, and what it hangs on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from mlguard.iam.evaluation.hits import Hit, Hits, collect
from mlguard.iam.evaluation.policies import Layer, PolicySet
from mlguard.iam.evaluation.verdict import (
    PASSED,
    Case,
    Decision,
    Verdict,
    assumption,
    needs_resource_policy,
)
from mlguard.iam.language.document import Statement
from mlguard.iam.language.request import Request

TakesResource = Callable[[str], bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedStatement:
    """A statement that made the decision: the policy's name, and which of its statements.

    Several policies may have one name: `statement` is the very one.
    """

    policy: str
    sid: str | None
    index: int
    layer: Layer
    statement: Statement = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The decision and its grounds.

    Where a context key is not known, `decision` is the most guarded one: a Deny that may hold is
    taken to hold, an Allow is not. `possible` then has all that may come out, `missing` the keys
    that it hangs on, and `open` the statements that may match or not. `assumptions` were made for
    lack of knowledge; `doubts` are where AWS's documents and practice are at odds, or where it
    promises nothing.
    """

    decision: Decision
    decided_by: Layer
    matched: tuple[MatchedStatement, ...] = ()
    possible: frozenset[Decision]
    missing: tuple[str, ...] = ()
    open: tuple[MatchedStatement, ...] = ()
    assumptions: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the request is allowed, whatever the unknown keys are."""
        return self.decision is Decision.ALLOWED

    @property
    def possibly_allowed(self) -> bool:
        """Whether the request is allowed for some values of the unknown keys."""
        return Decision.ALLOWED in self.possible

    @property
    def certain(self) -> bool:
        """Whether the decision is the same whatever the unknown keys are."""
        return len(self.possible) == 1


def _cannot_tell(_: str) -> bool | None:
    return None


# Which unknown statements to count: (allows, denies). The first is the guarded one.
_WORLDS: Final = ((False, True), (False, False), (True, False))


def evaluate(
    request: Request, policies: PolicySet, *, takes_resource: TakesResource = _cannot_tell
) -> Evaluation:
    """Return what AWS would decide on the request under these policies.

    `takes_resource` tells of a folded action whether it acts on resources (None: not known, then
    the resource counts as written); one that does not is granted by `*` alone. Raises ArnError if
    the request's principal is none.
    """
    takes = takes_resource(request.folded_action)
    hits = collect(request, policies, "*" if takes is False else request.resource)
    worlds = _WORLDS if any(not hit.sure for hit in hits.found) else _WORLDS[:1]
    verdicts = [
        _verdict(request, policies, hits, allows=allows, denies=denies) for allows, denies in worlds
    ]
    guarded = verdicts[0]
    return Evaluation(
        decision=guarded.decision,
        decided_by=guarded.layer,
        matched=tuple(_matched(hit) for hit in guarded.hits),
        possible=frozenset(verdict.decision for verdict in verdicts),
        missing=_missing(hits.found, verdicts),
        open=tuple(_matched(hit) for hit in hits.found if not hit.sure),
        assumptions=(*_assumptions(request, policies), *hits.assumptions),
        doubts=tuple(dict.fromkeys((*hits.doubts, *_doubts(request, guarded)))),
    )


def _verdict(
    request: Request, policies: PolicySet, hits: Hits, *, allows: bool, denies: bool
) -> Verdict:
    counted = tuple(
        hit for hit in hits.found if hit.sure or (allows if hit.rule.allows else denies)
    )
    return Case(request=request, policies=policies, hits=counted).verdict()


def _missing(hits: tuple[Hit, ...], verdicts: list[Verdict]) -> tuple[str, ...]:
    """Return the unknown keys that the decision hangs on, sorted."""
    if len({verdict.decision for verdict in verdicts}) == 1:
        return ()
    _, without, with_allows = verdicts
    matter = without.decision is not with_allows.decision
    settled = {(hit.group, hit.named) for hit in hits if hit.sure and hit.rule.allows}
    keys: dict[str, str] = {}
    for hit in hits:
        if hit.rule.allows and (not matter or (hit.group, hit.named) in settled):
            continue
        keys.update({key.lower(): key for key in hit.answer.missing})
    return tuple(sorted(keys.values(), key=str.lower))


def _matched(hit: Hit) -> MatchedStatement:
    statement = hit.rule.statement
    return MatchedStatement(
        policy=hit.policy,
        sid=statement.sid,
        index=statement.index,
        layer=hit.layer,
        statement=statement,
    )


def _assumptions(request: Request, policies: PolicySet) -> tuple[str, ...]:
    found = [f"{layer.value} policies were not read" for layer in Layer if layer in policies.unread]
    if Layer.RESOURCE in policies.unread and needs_resource_policy(request):
        found.append("the resource's policy is taken to let its account decide")
    if not request.owner and request.resource.startswith("arn:"):
        found.append("the resource is taken to be of the caller's account")
    of_account = assumption(request)
    if of_account:
        found.append(of_account)
    return tuple(found)


def _doubts(request: Request, verdict: Verdict) -> tuple[str, ...]:
    if request.folded_action != "iam:passrole" or verdict.decision is not Decision.ALLOWED:
        return ()
    return (PASSED,)
