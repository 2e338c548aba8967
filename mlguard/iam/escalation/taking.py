"""Paths by which a principal takes over another: its credentials, its trust, its policies."""

from dataclasses import dataclass
from typing import Final

from mlguard.data.escalation_paths import EscalationPath, On
from mlguard.iam.escalation.account import Member
from mlguard.iam.escalation.chain import Escalation, Step
from mlguard.iam.escalation.editing import Edit, Editing, edits_of
from mlguard.iam.escalation.examples import instance
from mlguard.iam.escalation.powers import at_home, bit_of
from mlguard.iam.escalation.roster import NOBODY, Some
from mlguard.iam.escalation.terrain import Actor, Terrain
from mlguard.iam.evaluation.policies import Carrier
from mlguard.iam.language.arn import account_of
from mlguard.iam.language.document import from_json
from mlguard.iam.permissions.effective import Effective

_ASSUME: Final = "sts:AssumeRole"
_ABROAD: Final = "a role of another account, which was not read, trusts the caller and may do more"
# Stands for any account that nobody has read.
_OTHER: Final = "000000000000"
_RETRUST: Final = "iam:UpdateAssumeRolePolicy"
_VERSION: Final = "iam:CreatePolicyVersion"
# A user has a password or none: IAM API Reference, "CreateLoginProfile", "UpdateLoginProfile".
_PASSWORD: Final = {"iam:CreateLoginProfile": False, "iam:UpdateLoginProfile": True}
# A user has two access keys at most: IAM User Guide, "IAM and AWS STS quotas".
_KEY: Final = "iam:CreateAccessKey"
_LESS_KEYS: Final = "iam:DeleteAccessKey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An escalation into another principal, that one as it is then, and what it may do."""

    escalation: Escalation
    member: Member
    after: Effective


class Taking:
    """Who can become whom by acting on it."""

    def __init__(self, terrain: Terrain, editing: Editing) -> None:
        self._terrain = terrain
        self._editing = editing
        self._rewritable: dict[int, int] = {}

    def candidates(self, actor: Actor, path: EscalationPath) -> Some:
        """Return those whom the actor may become on this path."""
        terrain, who = self._terrain, actor.effective
        account = who.principal.account
        if path.actions == (_ASSUME,):
            everybody = terrain.roster.everybody
        elif path.on(On.USER):
            everybody = terrain.users.get(account, 0)
        else:
            everybody = terrain.roles.get(account, 0)
        found = Some(everybody, everybody).within(~actor.own)
        around = at_home(who.principal)
        for need in path.needs:
            if not found.maybe:
                return NOBODY
            if need.on is On.POLICY_OF_ROLE:
                found = found.within(self._with_rewritable(actor))
                continue
            named = need.action == _ASSUME
            reached = NOBODY
            if not named or who.actions_anywhere & bit_of(_ASSUME):
                reached = terrain.powers.reached(who, need.action, around)
            if named:
                undenied = terrain.powers.undenied(who, _ASSUME, around)
                reached = terrain.trusts.assumable(who.principal, reached, undenied)
            found &= reached
        return found

    def abroad(self, actor: Actor, path: EscalationPath) -> Escalation | None:
        """Return how the actor may assume a role of an account that is not in view.

        Whether the role is there, trusts the actor and may do more, nobody has read.
        """
        terrain = self._terrain
        for pattern in self._foreign(actor):
            example = _role_abroad(pattern, actor.principal.partition)
            found = example and terrain.powers.on(actor.effective, _ASSUME, example)
            if not found:
                continue
            step = terrain.outcomes.step(_ASSUME, pattern, found)
            target = pattern if pattern == example else None
            way = terrain.outcomes.reached(path, (step,), target, admin=False, unread=actor.unread)
            return terrain.outcomes.weakened(way, _ABROAD)
        return None

    def _foreign(self, actor: Actor) -> list[str]:
        """Return the patterns of roles of other accounts in the actor's policies, ARNs first."""
        patterns = self._terrain.powers.written(actor.effective, _ASSUME)
        foreign = (one for one in patterns if account_of(one) not in self._terrain.accounts)
        return sorted(foreign, key=_is_pattern)

    def taken(self, actor: Actor, path: EscalationPath, place: int) -> Taken | None:
        """Return how the actor becomes the one at that place, None if it cannot."""
        target = self._terrain.actors[place]
        if target.member.keys_full and _KEY in path.actions and _LESS_KEYS not in path.actions:
            return None
        steps: list[Step] = []
        member, after = target.member, target.effective
        for need in path.needs:
            edit = self._edit(actor, target, need.action, need.on)
            if edit is None:
                return None
            steps.append(edit.step)
            if edit.after is not target.member:
                member, after = edit.after, self._terrain.uplift.of(edit.after)
        if _RETRUST in path.actions:
            entered = self.invited(actor, target.member)
            if entered is None:
                return None
            steps.append(entered)
        found = self._terrain.outcomes.reached(
            path, tuple(steps), target.arn, admin=after.administrator, unread=actor.unread
        )
        return Taken(escalation=found, member=member, after=after)

    def _edit(self, actor: Actor, target: Actor, action: str, on: On) -> Edit | None:
        """Return the request of one need, and what the target may do after it."""
        if on is On.POLICY_OF_ROLE:
            return self._rewritten(actor, target)
        if action == _ASSUME:
            step = self._entered(actor, target.member, target.member.trust)
        elif _changes(action):
            return self._editing.change(actor, action, target.arn, target.member, actor.effective)
        elif target.member.password not in (None, _PASSWORD.get(action, target.member.password)):
            return None
        else:
            step = self._editing.request(actor, action, target.arn)
        return None if step is None else Edit(step=step, after=target.member)

    def _rewritten(self, actor: Actor, target: Actor) -> Edit | None:
        best: Edit | None = None
        for policy in target.member.attached:
            if not self._terrain.holders.get(policy, 0):
                continue
            edit = self._editing.rewritten(actor, _VERSION, policy, target.member)
            if edit is not None and not edit.step.conditions:
                return edit
            best = best or edit
        return best

    def _with_rewritable(self, actor: Actor) -> int:
        """Return those who have a policy that the actor may rewrite."""
        key = id(actor.effective.permissions)
        found = self._rewritable.get(key)
        if found is None:
            found = 0
            around = at_home(actor.principal)
            for policy, holders in self._terrain.holders.items():
                if self._terrain.powers.on(actor.effective, _VERSION, policy, around):
                    found |= holders
            self._rewritable[key] = found
        return found

    def invited(self, actor: Actor, role: Member) -> Step | None:
        """Return how the actor assumes a role of which it writes the trust policy."""
        return self._entered(actor, role, self._inviting(actor))

    def _entered(self, actor: Actor, role: Member, trust: Carrier | None) -> Step | None:
        leave = self._terrain.trusts.assume(actor.member, role, trust)
        if leave is None:
            return None
        return Step(
            principal=None,
            action=_ASSUME,
            resource=role.arn,
            statements=leave.cited,
            conditions=leave.conditions,
        )

    def _inviting(self, actor: Actor) -> Carrier:
        """Return the trust policy that the actor would write."""
        statement = {"Effect": "Allow", "Principal": {"AWS": actor.arn}, "Action": _ASSUME}
        return Carrier(
            name="the trust policy that is written",
            document=from_json({"Version": "2012-10-17", "Statement": [statement]}),
        )


def _role_abroad(pattern: str, partition: str) -> str | None:
    """Return a role of another account that the pattern matches, None if it matches none."""
    account = account_of(pattern)
    account = _OTHER if not account or _is_pattern(account) else account
    return instance(pattern, f"arn:{partition}:iam::{account}:role/*")


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text


def _changes(action: str) -> bool:
    return any(True for _ in edits_of((action,)))
