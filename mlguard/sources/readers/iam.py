"""Roles, users, groups and managed policies, as GetAccountAuthorizationDetails gives them.

Documents become text: what AWS keeps, URL-decoded and otherwise untouched, so that whoever judges
them sees a key that stands twice, and the numbers as they were written.
"""

import json
from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from mlguard.iam.language.arn import Arn
from mlguard.resources.iam import (
    AttachedPolicy,
    Group,
    InlinePolicy,
    ManagedPolicy,
    PolicyVersion,
    Role,
    User,
)
from mlguard.sources.base import Home

Raw = Mapping[str, Any]

AWS: Final = "aws"


def role(raw: Raw, home: Home) -> Role:
    """Return the role that an entry of RoleDetailList describes."""
    # Both members stand there empty for a role that AWS saw no use of.
    last_used = raw.get("RoleLastUsed") or {}
    return Role(
        arn=raw["Arn"],
        account=home.account,
        region=home.region,
        name=raw["RoleName"],
        tags=tags(raw),
        role_id=raw["RoleId"],
        path=raw["Path"],
        created_at=utc(raw["CreateDate"]),
        trust_policy=document_text(raw["AssumeRolePolicyDocument"]),
        inline_policies=_inline(raw.get("RolePolicyList")),
        attached_policies=_attached(raw),
        permissions_boundary=_boundary(raw),
        instance_profiles=tuple(profile["Arn"] for profile in raw.get("InstanceProfileList") or ()),
        last_used_at=_utc_or_none(last_used.get("LastUsedDate")),
        last_used_region=last_used.get("Region"),
    )


def user(raw: Raw, home: Home) -> User:
    """Return the user that an entry of UserDetailList describes."""
    return User(
        arn=raw["Arn"],
        account=home.account,
        region=home.region,
        name=raw["UserName"],
        tags=tags(raw),
        user_id=raw["UserId"],
        path=raw["Path"],
        created_at=utc(raw["CreateDate"]),
        groups=tuple(raw.get("GroupList") or ()),
        inline_policies=_inline(raw.get("UserPolicyList")),
        attached_policies=_attached(raw),
        permissions_boundary=_boundary(raw),
    )


def group(raw: Raw, home: Home) -> Group:
    """Return the group that an entry of GroupDetailList describes."""
    return Group(
        arn=raw["Arn"],
        account=home.account,
        region=home.region,
        name=raw["GroupName"],
        group_id=raw["GroupId"],
        path=raw["Path"],
        created_at=utc(raw["CreateDate"]),
        inline_policies=_inline(raw.get("GroupPolicyList")),
        attached_policies=_attached(raw),
    )


def managed_policy(raw: Raw, home: Home) -> ManagedPolicy:
    """Return the managed policy that an entry of Policies describes, in its default version."""
    arn = Arn.parse(raw["Arn"])
    return ManagedPolicy(
        arn=raw["Arn"],
        # AWS's own policies live in an account that is called "aws".
        account=arn.account,
        region=home.region,
        name=arn.name,
        policy_id=raw["PolicyId"],
        path=raw["Path"],
        default_version=raw["DefaultVersionId"],
        document=document_text(_default_version(raw)["Document"]),
        attachment_count=raw.get("AttachmentCount") or 0,
        other_versions=None if arn.account == AWS else _other_versions(raw),
    )


def managed_policy_in_use(raw: Raw, home: Home, used: Container[str]) -> ManagedPolicy | None:
    """Return the managed policy, None if it is one of AWS's thousand and not among those used."""
    arn: str = raw["Arn"]
    if Arn.parse(arn).account == AWS and arn not in used:
        return None
    return managed_policy(raw, home)


def in_use(principals: Iterable[Role | User | Group]) -> frozenset[str]:
    """Return the ARNs of managed policies that principals have attached or as a boundary."""
    found: set[str] = set()
    for principal in principals:
        found.update(policy.arn for policy in principal.attached_policies)
        if not isinstance(principal, Group) and principal.permissions_boundary is not None:
            found.add(principal.permissions_boundary)
    return frozenset(found)


def document_text(document: object) -> str:
    """Return a policy document as text, however it came: as text, URL-encoded, or as an object.

    IAM API Reference, "PolicyDetail": documents are URL-encoded, compliant with RFC 3986.
    """
    if isinstance(document, msgspec.Raw):
        return _raw_text(document)
    if not isinstance(document, str):
        return json.dumps(document, ensure_ascii=False)
    if document.lstrip().startswith("{"):
        return document
    return unquote(document, errors="strict")


def tags(raw: Raw) -> dict[str, str]:
    """Return the tags of an answer that lists them as Key and Value."""
    return {tag["Key"]: tag["Value"] for tag in raw.get("Tags") or ()}


def utc(instant: datetime) -> datetime:
    """Return an instant in UTC; it must know its zone."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant without a time zone: {instant}")
    return instant.astimezone(UTC)


def _utc_or_none(instant: datetime | None) -> datetime | None:
    return None if instant is None else utc(instant)


def _raw_text(document: msgspec.Raw) -> str:
    text = str(bytes(document), "utf-8")
    return document_text(msgspec.json.decode(text)) if text.startswith('"') else text


def _inline(policies: Iterable[Raw] | None) -> tuple[InlinePolicy, ...]:
    return tuple(
        InlinePolicy(name=policy["PolicyName"], document=document_text(policy["PolicyDocument"]))
        for policy in policies or ()
    )


def _attached(raw: Raw) -> tuple[AttachedPolicy, ...]:
    return tuple(
        AttachedPolicy(name=policy["PolicyName"], arn=policy["PolicyArn"])
        for policy in raw.get("AttachedManagedPolicies") or ()
    )


def _boundary(raw: Raw) -> str | None:
    boundary = raw.get("PermissionsBoundary")
    if not boundary:
        return None
    arn: str = boundary["PermissionsBoundaryArn"]
    return arn


def _other_versions(raw: Raw) -> tuple[PolicyVersion, ...] | None:
    """Return the versions beside the default one, None if a document of theirs is missing."""
    versions = [
        one for one in raw["PolicyVersionList"] if one["VersionId"] != raw["DefaultVersionId"]
    ]
    if any("Document" not in one for one in versions):
        return None
    return tuple(
        PolicyVersion(version=one["VersionId"], document=document_text(one["Document"]))
        for one in versions
    )


def _default_version(raw: Raw) -> Raw:
    default = raw["DefaultVersionId"]
    for version in raw["PolicyVersionList"]:
        if version["VersionId"] == default:
            found: Raw = version
            return found
    raise ValueError(f"the default version {default} is not among those given")
