"""From the statements that match to a decision, in the order in which AWS looks.

IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny access" and
"Cross-account policy evaluation logic".
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from mlguard.iam.evaluation.fixed import (
    ASSUME_ROLE,
    ASSUME_ROOT,
    OF_A_ROLE,
    above_resource_policy,
    impossible,
    needs_no_permission,
)
from mlguard.iam.evaluation.hits import Hit, applies
from mlguard.iam.evaluation.policies import Layer, PolicySet
from mlguard.iam.language.principal import OUTSIDERS, Kind, Named
from mlguard.iam.language.request import Request

_OF_AN_ORGANIZATION: Final = (
    "only the management account of an organization, or one it has delegated IAM to, can do it"
)

PASSED: Final = "whether the service can use the passed role, the role's trust policy says"
"""What no policy of the caller tells about iam:PassRole."""


class Decision(Enum):
    """What becomes of a request, in the words of AWS's own simulator."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A decision, the layer that made it, and the statements that speak for it."""

    decision: Decision
    layer: Layer
    hits: tuple[Hit, ...] = ()


def needs_resource_policy(request: Request) -> bool:
    """Return whether the resource's own policy must allow, even in the same account.

    So it is with roles (sts:AssumeRole) and KMS keys: IAM User Guide, "Policy evaluation logic".
    """
    action = request.folded_action
    if action.startswith(ASSUME_ROLE):
        return True
    if action in OF_A_ROLE:
        return ":role/" in request.resource
    return action.startswith("kms:") and ":key/" in request.resource


def assumption(request: Request) -> str | None:
    """Return what is taken for granted of the caller's account if the request is allowed."""
    return _OF_AN_ORGANIZATION if request.folded_action == ASSUME_ROOT else None


def other_side(request: Request) -> str | None:
    """Return which policy must allow it beside the caller's own, None if none must.

    The resource may be a pattern. IAM User Guide, "Cross-account policy evaluation logic".
    """
    action, resource = request.folded_action, request.resource
    if action.startswith(ASSUME_ROLE) or (
        action in OF_A_ROLE and (resource == "*" or ":role/" in resource)
    ):
        return "the trust policy of the role was not read: it must allow it too"
    if action.startswith("kms:") and ":alias/" not in resource:
        # KMS Developer Guide, "Key policies": IAM policies count only where it lets them.
        return "the policy of the key was not read: it must let its account decide, or allow it"
    if action == ASSUME_ROOT:
        return _OF_AN_ORGANIZATION
    if not request.same_account:
        return f"of account {request.owner}: the resource's policy, not read, must allow it too"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request, its policies, and those of their statements that are taken to match."""

    request: Request
    policies: PolicySet
    hits: tuple[Hit, ...]

    def verdict(self) -> Verdict:
        """Return what AWS would decide if exactly these statements match."""
        caller = self.request.caller
        if needs_no_permission(self.request):
            return Verdict(decision=Decision.ALLOWED, layer=Layer.DEFAULT)
        denies = tuple(hit for hit in self.hits if not hit.rule.allows)
        if above_resource_policy(self.request):
            denies = tuple(hit for hit in denies if hit.layer is not Layer.RESOURCE)
        if denies:
            return Verdict(decision=Decision.EXPLICIT_DENY, layer=denies[0].layer, hits=denies)
        if impossible(self.request):
            return _refused(Layer.DEFAULT)
        closed = self._closed(Layer.SCP) or self._closed(Layer.ENDPOINT)
        if closed:
            return _refused(closed)
        if caller.kind in OUTSIDERS:
            named = self._strength() is not Named.NOT
            return self._allowed(Layer.RESOURCE) if named else _refused(Layer.RESOURCE)
        by_its_own = self.request.same_account or self.request.folded_action == ASSUME_ROOT
        return self._in_account() if by_its_own else self._across()

    def _in_account(self) -> Verdict:
        strength = self._strength()
        limit = self._limit()
        if strength >= Named.ANYONE:
            # Named itself, or with everybody: implicit denies elsewhere do not matter.
            return self._allowed(Layer.RESOURCE)
        if strength is Named.ROLE:
            return _refused(limit) if limit else self._allowed(Layer.RESOURCE)
        if strength is Named.NOT and needs_resource_policy(self.request):
            return _refused(Layer.RESOURCE)
        if not self._granted():
            return _refused(Layer.IDENTITY if strength is Named.ACCOUNT else Layer.DEFAULT)
        return _refused(limit) if limit else self._allowed(self._granter())

    def _across(self) -> Verdict:
        named, granted = self._strength() is not Named.NOT, self._granted()
        if not granted:
            return _refused(Layer.IDENTITY if named else Layer.DEFAULT)
        limit = self._limit()
        if limit:
            return _refused(limit)
        return self._allowed(Layer.RESOURCE) if named else _refused(Layer.RESOURCE)

    def _granted(self) -> bool:
        """Return whether the caller's own side grants: the root user's does by default."""
        return self.request.caller.kind is Kind.ROOT or any(
            hit.layer is Layer.IDENTITY and hit.rule.allows for hit in self.hits
        )

    def _granter(self) -> Layer:
        return Layer.DEFAULT if self.request.caller.kind is Kind.ROOT else Layer.IDENTITY

    def _limit(self) -> Layer | None:
        """Return what keeps an identity's permissions from being effective."""
        if self.request.caller.kind is Kind.FEDERATED_USER and not self.policies.session:
            # "If there is no session policy": a role session is allowed, any other is not.
            return Layer.SESSION
        return self._closed(Layer.BOUNDARY) or self._closed(Layer.SESSION)

    def _closed(self, layer: Layer) -> Layer | None:
        """Return the layer if one of its groups allows nothing of this."""
        if not applies(layer, self.request):
            return None
        open_groups = {hit.group for hit in self.hits if hit.rule.allows}
        for group, (of, _) in enumerate(self.policies.groups):
            if of is layer and group not in open_groups:
                return layer
        return None

    def _strength(self) -> Named:
        """Return how closely the resource's policy names the caller in what it allows."""
        found = Named.NOT
        if Layer.RESOURCE in self.policies.unread and self.request.same_account:
            # Such policies let the account decide, unless somebody changed them.
            found = Named.ACCOUNT
        for hit in self.hits:
            if hit.layer is Layer.RESOURCE and hit.rule.allows:
                found = max(found, hit.named)
        return found

    def _allowed(self, layer: Layer) -> Verdict:
        hits = tuple(hit for hit in self.hits if hit.rule.allows)
        return Verdict(decision=Decision.ALLOWED, layer=layer, hits=hits)


def _refused(layer: Layer) -> Verdict:
    return Verdict(decision=Decision.IMPLICIT_DENY, layer=layer)
