"""Every member that AWS documents of GetAccountAuthorizationDetails, none of them read.

To tell whether a key stands twice, an entry is taken apart and put together again: what is gone
was doubled, or is not of this shape. IAM API reference, "GetAccountAuthorizationDetails".
"""

from typing import TypeAlias, TypedDict

from msgspec import Raw

# A document, which is looked at elsewhere, or what the source itself refuses if it is an object:
# kept as it is written.
Kept: TypeAlias = Raw
# What nobody reads: an object in its place is no fit.
Scalar: TypeAlias = str | int | bool | None


class _Inline(TypedDict, total=False):
    PolicyName: Kept
    PolicyDocument: Kept


class _Attached(TypedDict, total=False):
    PolicyName: Kept
    PolicyArn: Kept


class _Boundary(TypedDict, total=False):
    PermissionsBoundaryType: Scalar
    PermissionsBoundaryArn: Kept


class _Tag(TypedDict, total=False):
    Key: Kept
    Value: Kept


class _LastUsed(TypedDict, total=False):
    LastUsedDate: Kept
    Region: Kept


class _RoleOfProfile(TypedDict, total=False):
    Path: Scalar
    RoleName: Scalar
    RoleId: Scalar
    Arn: Scalar
    CreateDate: Scalar
    AssumeRolePolicyDocument: Kept


class _Profile(TypedDict, total=False):
    Path: Scalar
    InstanceProfileName: Scalar
    InstanceProfileId: Scalar
    Arn: Kept
    CreateDate: Scalar
    Roles: list[_RoleOfProfile]


class _Holder(TypedDict, total=False):
    Arn: Kept
    Path: Kept
    CreateDate: Kept
    AttachedManagedPolicies: list[_Attached]
    PermissionsBoundary: _Boundary
    Tags: list[_Tag]


class _Role(_Holder, total=False):
    RoleName: Kept
    RoleId: Kept
    AssumeRolePolicyDocument: Kept
    RolePolicyList: list[_Inline]
    InstanceProfileList: list[_Profile]
    RoleLastUsed: _LastUsed


class _User(_Holder, total=False):
    UserName: Kept
    UserId: Kept
    UserPolicyList: list[_Inline]
    GroupList: Kept


class _Group(_Holder, total=False):
    GroupName: Kept
    GroupId: Kept
    GroupPolicyList: list[_Inline]


class _Version(TypedDict, total=False):
    VersionId: Kept
    Document: Kept
    IsDefaultVersion: Scalar
    CreateDate: Scalar


class _Policy(TypedDict, total=False):
    Arn: Kept
    PolicyName: Scalar
    PolicyId: Kept
    Path: Kept
    DefaultVersionId: Kept
    PolicyVersionList: list[_Version]
    AttachmentCount: Kept
    PermissionsBoundaryUsageCount: Scalar
    IsAttachable: Scalar
    Description: Kept
    CreateDate: Scalar
    UpdateDate: Scalar


class Members(TypedDict, total=False):
    """A page of the answer."""

    RoleDetailList: list[_Role]
    UserDetailList: list[_User]
    GroupDetailList: list[_Group]
    Policies: list[_Policy]
    IsTruncated: Kept
    NextToken: Kept
    Marker: Scalar
