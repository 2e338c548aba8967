"""Roles, policies, instance profiles and users: who may do what."""

from collections.abc import Mapping
from typing import Final

from deploy.account import Account
from deploy.kind import Call, Found, Kind, Read, Scope, Update

_ROLE: Final[Mapping[str, str]] = {"RoleName": "asked.RoleName"}
_USER: Final[Mapping[str, str]] = {"UserName": "asked.UserName"}
_PROFILE: Final[Mapping[str, str]] = {"InstanceProfileName": "asked.InstanceProfileName"}
_POLICY: Final[Mapping[str, str]] = {"PolicyArn": "found.Arn"}
_INLINE: Final[Mapping[str, str]] = {**_ROLE, "PolicyName": "asked.PolicyName"}
_ATTACHED: Final[Mapping[str, str]] = {**_ROLE, "PolicyArn": "asked.PolicyArn"}

_GET_ROLE: Final = Read(service="iam", operation="GetRole", parameters=_ROLE, at="Role")


def _of_role(operation: str, at: str) -> Read:
    return Read(service="iam", operation=operation, parameters=_ROLE, at=at)


_BOUNDARY: Final = Call(
    operation="PutRolePermissionsBoundary",
    parameters={**_ROLE, "PermissionsBoundary": "asked.PermissionsBoundary"},
)

# "You must remove the role from all instance profiles, detach all managed policies, and delete
# all inline policies": https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
# The boundary goes after them, so that the role is at no moment more than it was.
_DELETE_ROLE: Final = (
    Call(
        operation="DetachRolePolicy",
        parameters={**_ROLE, "PolicyArn": "each.PolicyArn"},
        each=_of_role("ListAttachedRolePolicies", "AttachedPolicies"),
    ),
    Call(
        operation="DeleteRolePolicy",
        parameters={**_ROLE, "PolicyName": "each"},
        each=_of_role("ListRolePolicies", "PolicyNames"),
    ),
    Call(
        operation="DeleteRolePermissionsBoundary",
        parameters=_ROLE,
        when="found.PermissionsBoundary",
    ),
    Call(
        operation="RemoveRoleFromInstanceProfile",
        parameters={**_ROLE, "InstanceProfileName": "each.InstanceProfileName"},
        each=_of_role("ListInstanceProfilesForRole", "InstanceProfiles"),
    ),
    Call(operation="DeleteRole", parameters=_ROLE),
)

_DESCRIBED: Final = Call(
    operation="UpdateRole",
    parameters={
        **_ROLE,
        "Description?": "asked.Description",
        "MaxSessionDuration?": "asked.MaxSessionDuration",
    },
)

_TRUSTED: Final = Call(
    operation="UpdateAssumeRolePolicy",
    parameters={**_ROLE, "PolicyDocument": "asked.AssumeRolePolicyDocument"},
)


def _versions(at: str) -> Read:
    return Read(service="iam", operation="ListPolicyVersions", parameters=_POLICY, at=at)


def newest_document(account: Account, scope: Scope) -> Found | None:
    """Return a managed policy with the document of its default version."""
    asked = scope["asked"]
    path = asked.get("Path", "/")
    arn = f"arn:{account.partition}:iam::{account.number}:policy{path}{asked['PolicyName']}"
    answer = account.read("iam", "GetPolicy", {"PolicyArn": arn})
    if answer is None:
        return None
    policy: Found = answer["Policy"]
    version = {"PolicyArn": arn, "VersionId": policy["DefaultVersionId"]}
    document = account.read("iam", "GetPolicyVersion", version)
    return policy | {"PolicyDocument": document and document["PolicyVersion"]["Document"]}


KINDS: Final[Mapping[str, Kind]] = {
    "iam:CreateRole": Kind(
        noun="role",
        name="asked.RoleName",
        find=_GET_ROLE,
        answer="{Role: found}",
        fields={"PermissionsBoundary": "found.PermissionsBoundary.PermissionsBoundaryArn"},
        updates=(
            Update(fields=frozenset({"AssumeRolePolicyDocument"}), calls=(_TRUSTED,)),
            Update(fields=frozenset({"Description", "MaxSessionDuration"}), calls=(_DESCRIBED,)),
            Update(fields=frozenset({"PermissionsBoundary"}), calls=(_BOUNDARY,)),
        ),
        delete=_DELETE_ROLE,
    ),
    "iam:CreatePolicy": Kind(
        noun="policy",
        name="asked.PolicyName",
        find=newest_document,
        answer="{Policy: found}",
        fields={"Description": ""},
        updates=(
            Update(
                fields=frozenset({"PolicyDocument"}),
                calls=(
                    # "A managed policy can have up to five versions": the oldest makes room.
                    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html
                    Call(
                        operation="DeletePolicyVersion",
                        parameters={**_POLICY, "VersionId": "each.VersionId"},
                        each=_versions(
                            "length(Versions) >= `5` && Versions[?!IsDefaultVersion] | [-1:]"
                        ),
                    ),
                    Call(
                        operation="CreatePolicyVersion",
                        parameters={
                            **_POLICY,
                            "PolicyDocument": "asked.PolicyDocument",
                            "SetAsDefault": "`true`",
                        },
                    ),
                ),
            ),
        ),
        delete=(
            Call(
                operation="DeletePolicyVersion",
                parameters={**_POLICY, "VersionId": "each.VersionId"},
                each=_versions("Versions[?!IsDefaultVersion]"),
            ),
            Call(operation="DeletePolicy", parameters=_POLICY),
        ),
    ),
    "iam:PutRolePolicy": Kind(
        noun="inline policy",
        name="join('/', [asked.RoleName, asked.PolicyName])",
        find=Read(service="iam", operation="GetRolePolicy", parameters=_INLINE),
        answer="`{}`",
        upsert=True,
        delete=(Call(operation="DeleteRolePolicy", parameters=_INLINE),),
    ),
    "iam:AttachRolePolicy": Kind(
        noun="attached policy",
        name="join(' to ', [asked.PolicyArn, asked.RoleName])",
        find=Read(
            service="iam",
            operation="ListAttachedRolePolicies",
            parameters=_ROLE,
            at="AttachedPolicies",
            where={"PolicyArn": "asked.PolicyArn"},
        ),
        answer="`{}`",
        fields={"RoleName": ""},
        upsert=True,
        delete=(Call(operation="DetachRolePolicy", parameters=_ATTACHED),),
    ),
    "iam:PutRolePermissionsBoundary": Kind(
        noun="permissions boundary",
        name="asked.RoleName",
        find=Read(
            service="iam",
            operation="GetRole",
            parameters=_ROLE,
            at="Role.PermissionsBoundary && Role",
        ),
        answer="`{}`",
        fields={"PermissionsBoundary": "found.PermissionsBoundary.PermissionsBoundaryArn"},
        upsert=True,
        delete=(Call(operation="DeleteRolePermissionsBoundary", parameters=_ROLE),),
    ),
    "iam:CreateInstanceProfile": Kind(
        noun="instance profile",
        name="asked.InstanceProfileName",
        find=Read(
            service="iam",
            operation="GetInstanceProfile",
            parameters=_PROFILE,
            at="InstanceProfile",
        ),
        answer="{InstanceProfile: found}",
        delete=(
            Call(
                operation="RemoveRoleFromInstanceProfile",
                parameters={**_PROFILE, "RoleName": "each.RoleName"},
                each="found.Roles",
            ),
            Call(operation="DeleteInstanceProfile", parameters=_PROFILE),
        ),
    ),
    "iam:AddRoleToInstanceProfile": Kind(
        noun="role of an instance profile",
        name="join(' in ', [asked.RoleName, asked.InstanceProfileName])",
        find=Read(
            service="iam",
            operation="GetInstanceProfile",
            parameters=_PROFILE,
            at="InstanceProfile.Roles",
            where={"RoleName": "asked.RoleName"},
        ),
        answer="`{}`",
        fields={"InstanceProfileName": ""},
        delete=(Call(operation="RemoveRoleFromInstanceProfile", parameters={**_PROFILE, **_ROLE}),),
    ),
    "iam:CreateUser": Kind(
        noun="user",
        name="asked.UserName",
        find=Read(service="iam", operation="GetUser", parameters=_USER, at="User"),
        answer="{User: found}",
        delete=(Call(operation="DeleteUser", parameters=_USER),),
    ),
    "iam:CreateLoginProfile": Kind(
        noun="password",
        name="asked.UserName",
        find=Read(service="iam", operation="GetLoginProfile", parameters=_USER, at="LoginProfile"),
        answer="{LoginProfile: found}",
        fields={"Password": ""},
        delete=(Call(operation="DeleteLoginProfile", parameters=_USER),),
    ),
    "iam:CreateAccessKey": Kind(
        noun="access key",
        name="asked.UserName",
        find=Read(
            service="iam",
            operation="ListAccessKeys",
            parameters=_USER,
            at="AccessKeyMetadata[0]",
        ),
        answer="{AccessKey: found}",
        delete=(
            Call(
                operation="DeleteAccessKey",
                parameters={**_USER, "AccessKeyId": "each.AccessKeyId"},
                each=Read(
                    service="iam",
                    operation="ListAccessKeys",
                    parameters=_USER,
                    at="AccessKeyMetadata",
                ),
            ),
        ),
    ),
}
