"""Accounts to search for escalations: small ones, written down, one for each path."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from mlguard.data.escalation_paths import EscalationPath, On
from mlguard.iam.escalation.account import AccountView, Host, Member, Team
from mlguard.iam.escalation.chain import Escalation, PrincipalPaths
from mlguard.iam.escalation.editing import DETACHES, REMOVES
from mlguard.iam.escalation.search import escalations
from mlguard.iam.evaluation.policies import Carrier, PolicySet
from mlguard.iam.language.document import parse

ACCOUNT = "111122223333"
TODAY = date(2026, 11, 22)
CALLER = "caller"
Statement = dict[str, Any]


def arn(resource: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{resource}"


TARGET_ROLE = arn("role/target")
TARGET_USER = arn("user/target")
GROUP = arn("group/crew")
OWN_POLICY = arn("policy/own")
TARGET_POLICY = arn("policy/of-target")
LIMIT = arn("policy/limit")


def allow(*actions: str, on: str | list[str] = "*", **elements: Any) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **elements}


def deny(*actions: str, on: str | list[str] = "*", **elements: Any) -> Statement:
    return {"Effect": "Deny", "Action": list(actions), "Resource": on, **elements}


def policy(*statements: Statement, name: str = "inline") -> Carrier:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return Carrier(name=name, document=parse(text))


def trust(*statements: Statement, **principal: Any) -> Carrier:
    """trust(Service="lambda.amazonaws.com"), trust(AWS=...), or whole statements."""
    made = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return policy(*(statements or (made,)), name="trust policy")


def user(name: str, *statements: Statement, **changes: Any) -> Member:
    return _member(arn(f"user/{name}"), statements, changes)


def role(name: str, *statements: Statement, **changes: Any) -> Member:
    changes = {"trust": trust(Service="ec2.amazonaws.com"), "in_profile": True} | changes
    return _member(arn(f"role/{name}"), statements, changes)


def _member(name: str, statements: Iterable[Statement], changes: Mapping[str, Any]) -> Member:
    given = dict(changes)
    boundary: Carrier | None = given.pop("limit", None)
    more: tuple[Carrier, ...] = given.pop("policies", ())
    written = tuple(statements)
    own = (policy(*written),) if written else ()
    policies = PolicySet(identity=(*own, *more), boundaries=() if boundary is None else (boundary,))
    if boundary is not None:
        given["boundary"] = boundary.name
    return Member(arn=name, policies=policies, **given)


def view(*members: Member, **more: Any) -> AccountView:
    return AccountView(members=members, **more)


def judged(account: AccountView, who: str = CALLER) -> PrincipalPaths:
    """Return what was found of one principal, by the end of its ARN."""
    found = escalations(account, today=TODAY)
    assert len(found) == len(account.members)
    (one,) = (one for one in found if one.arn.rpartition("/")[2] == who)
    return one


def ways(account: AccountView, path: str, who: str = CALLER) -> tuple[Escalation, ...]:
    return tuple(way for way in judged(account, who).escalations if way.path == path)


def resource_of(on: On) -> str:
    """Return the one resource on which an action of a path must be allowed here."""
    return {
        On.PASSED_ROLE: TARGET_ROLE,
        On.ROLE: TARGET_ROLE,
        On.USER: TARGET_USER,
        On.OWN_POLICY: OWN_POLICY,
        On.POLICY_OF_ROLE: TARGET_POLICY,
        On.OWN_USER: arn(f"user/{CALLER}"),
        On.OWN_ROLE: arn(f"role/{CALLER}"),
        On.OWN_GROUP: GROUP,
        On.GROUP: GROUP,
        On.NEW_USER: arn("user/new"),
        On.NEW_ROLE: arn("role/new"),
        On.NEW_GROUP: arn("group/new"),
    }.get(on, "*")


def statements_of(path: EscalationPath) -> tuple[Statement, ...]:
    return tuple(allow(need.action, on=resource_of(need.on)) for need in path.needs)


def account_of_path(
    path: EscalationPath,
    statements: Iterable[Statement] | None = None,
    *,
    strong: bool = True,
    limit: Carrier | None = None,
    hosts: tuple[Host, ...] = (),
) -> AccountView:
    """Return an account in which the caller can go that path, and nobody else any."""
    written = tuple(statements_of(path) if statements is None else statements)
    everything = (allow("*"),) if strong else (allow("sqs:SendMessage", on="arn:aws:sqs:*:*:a"),)
    unbinds = any("Boundary" in action for action in path.actions)
    capped = policy(allow("iam:*Boundary", "logs:*"), name=LIMIT) if unbinds else None
    of_role = path.on(On.ROLE, On.POLICY_OF_ROLE)
    target = role(
        "target",
        *everything,
        trust=_trust_of(path),
        attached=(TARGET_POLICY,) if path.on(On.POLICY_OF_ROLE) else (),
        limit=capped if of_role else None,
    )
    weak = (allow("sqs:SendMessage", on="arn:aws:sqs:*:*:a"),)
    own = (
        (policy(*(weak if path.on(On.OWN_POLICY) else ()), name=OWN_POLICY),)
        if path.on(On.OWN_POLICY)
        else ()
    )
    make = role if path.on(On.OWN_ROLE) else user
    alone = path.on(On.OWN_USER, On.OWN_ROLE)
    caller = make(
        CALLER,
        *written,
        *weak,
        *((allow("sns:*"),) if unbinds and alone and strong else ()),
        policies=own,
        attached=(OWN_POLICY,) if own else (),
        groups=(GROUP,) if path.on(On.OWN_GROUP) else (),
        limit=limit or (capped if alone else None),
    )
    removal = path.actions[0] in REMOVES
    if removal:
        caller = denied(caller, path.actions[0], strong=strong)
    team = Team(arn=GROUP, policies=(DENYING[False],) if removal else (policy(*everything),))
    if path.actions[0] == "iam:DetachGroupPolicy":
        team = replace(team, policies=(DENYING[True],), attached=(DENYING[True].name,))
    others = (user("target", *everything),) if path.on(On.USER) else ()
    versions = {OWN_POLICY: (policy(*everything, name=OWN_POLICY),)}
    return view(caller, target, *others, teams=(team,), hosts=hosts, versions=versions)


# A policy that takes what another gives: an inline one, and a managed one.
DENYING = {
    managed: policy(deny("sns:*"), name=arn("policy/denies") if managed else "denies")
    for managed in (False, True)
}


def denied(caller: Member, action: str, *, strong: bool) -> Member:
    """Return the caller with more permissions, if strong, under a Deny that the action removes."""
    denying = DENYING[action in DETACHES]
    more = (policy(allow("sns:*"), name="more"),) if strong else ()
    own = replace(caller.policies, identity=(*caller.policies.identity, *more, denying))
    return replace(caller, policies=own)


def _trust_of(path: EscalationPath) -> Carrier:
    if path.on(On.ROLE):
        return trust(AWS=arn("root"))
    cognito = "cognito-identity.amazonaws.com"
    if cognito in path.services:
        return trust(
            {
                "Effect": "Allow",
                "Principal": {"Federated": cognito},
                "Action": "sts:AssumeRoleWithWebIdentity",
            }
        )
    return trust(Service=list(path.services) or "nobody.amazonaws.com")


def bounded(member: Member, limit: Carrier) -> Member:
    policies = replace(member.policies, boundaries=(limit,))
    return replace(member, policies=policies, boundary=limit.name)
