"""IAM calls: roles, users, groups, policies, instance profiles."""

from collections.abc import Mapping
from typing import Final

from mlguard.iam.language.arn import Arn
from mlguard.sources.pipeline.planned import Make, Parameters, Planned, Raw, named, required


def _create_role(account: Planned, parameters: Parameters) -> Raw:
    raw = _principal(account, parameters, kind="Role", prefix="AROA")
    raw["AssumeRolePolicyDocument"] = named(parameters, "AssumeRolePolicyDocument")
    raw["InstanceProfileList"] = []
    return {"Role": account.put("Role", raw["RoleName"], raw)}


def _create_user(account: Planned, parameters: Parameters) -> Raw:
    raw = _principal(account, parameters, kind="User", prefix="AIDA")
    raw["GroupList"] = []
    return {"User": account.put("User", raw["UserName"], raw)}


def _create_group(account: Planned, parameters: Parameters) -> Raw:
    raw = _principal(account, parameters, kind="Group", prefix="AGPA")
    return {"Group": account.put("Group", raw["GroupName"], raw)}


def _principal(account: Planned, parameters: Parameters, *, kind: str, prefix: str) -> Raw:
    name, path = named(parameters, f"{kind}Name"), parameters.get("Path", "/")
    raw: Raw = {
        f"{kind}Name": name,
        f"{kind}Id": account.identity(prefix, name).upper(),
        "Arn": account.iam_arn(f"{kind.lower()}{path}{name}"),
        "Path": path,
        "CreateDate": account.taken_at,
        f"{kind}PolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": parameters.get("Tags", []),
    }
    if "PermissionsBoundary" in parameters:
        raw["PermissionsBoundary"] = _boundary(parameters)
    return raw


def _boundary(parameters: Parameters) -> Raw:
    arn = named(parameters, "PermissionsBoundary")
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}


def _existing(account: Planned, parameters: Parameters, kind: str) -> Raw:
    name = named(parameters, f"{kind}Name")
    return account.get(kind, name, arn=account.iam_arn(f"{kind.lower()}/{name}"))


def _put_policy(kind: str) -> Make:
    def make(account: Planned, parameters: Parameters) -> Raw:
        policies = _existing(account, parameters, kind)[f"{kind}PolicyList"]
        name = named(parameters, "PolicyName")
        # A second policy of the name replaces the first.
        policies[:] = [policy for policy in policies if policy["PolicyName"] != name]
        document = named(parameters, "PolicyDocument")
        policies.append({"PolicyName": name, "PolicyDocument": document})
        return {}

    return make


def _attach(kind: str) -> Make:
    def make(account: Planned, parameters: Parameters) -> Raw:
        attached = _existing(account, parameters, kind)["AttachedManagedPolicies"]
        arn = named(parameters, "PolicyArn")
        if arn not in (policy["PolicyArn"] for policy in attached):
            attached.append({"PolicyName": Arn.parse(arn).name, "PolicyArn": arn})
            _count(account, arn)
        return {}

    return make


def _count(account: Planned, arn: str) -> None:
    policy = account.find("ManagedPolicy", arn)
    if policy is not None:
        policy["AttachmentCount"] += 1


def _put_boundary(kind: str) -> Make:
    def make(account: Planned, parameters: Parameters) -> Raw:
        principal = _existing(account, parameters, kind)
        principal["PermissionsBoundary"] = _boundary(parameters)
        return {}

    return make


def _create_policy(account: Planned, parameters: Parameters) -> Raw:
    name, path = named(parameters, "PolicyName"), parameters.get("Path", "/")
    arn = account.iam_arn(f"policy{path}{name}")
    document = named(parameters, "PolicyDocument")
    raw: Raw = {
        "PolicyName": name,
        "PolicyId": account.identity("ANPA", name).upper(),
        "Arn": arn,
        "Path": path,
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PolicyVersionList": [{"VersionId": "v1", "Document": document}],
    }
    return {"Policy": account.put("ManagedPolicy", arn, raw)}


def _create_policy_version(account: Planned, parameters: Parameters) -> Raw:
    arn = named(parameters, "PolicyArn")
    policy = account.get("ManagedPolicy", arn, arn=arn)
    version = f"v{len(policy['PolicyVersionList']) + 1}"
    document = named(parameters, "PolicyDocument")
    policy["PolicyVersionList"].append({"VersionId": version, "Document": document})
    if parameters.get("SetAsDefault"):
        policy["DefaultVersionId"] = version
    return {"PolicyVersion": {"VersionId": version}}


def _update_trust(account: Planned, parameters: Parameters) -> Raw:
    role = _existing(account, parameters, "Role")
    role["AssumeRolePolicyDocument"] = named(parameters, "PolicyDocument")
    return {}


def _tag(kind: str) -> Make:
    def make(account: Planned, parameters: Parameters) -> Raw:
        principal = _existing(account, parameters, kind)
        given = required(parameters, "Tags")
        keys = {tag["Key"] for tag in given}
        kept = [tag for tag in principal["Tags"] if tag["Key"] not in keys]
        principal["Tags"] = [*kept, *given]
        return {}

    return make


def _add_user_to_group(account: Planned, parameters: Parameters) -> Raw:
    groups = _existing(account, parameters, "User")["GroupList"]
    name = named(parameters, "GroupName")
    if name not in groups:
        groups.append(name)
    return {}


def _create_instance_profile(account: Planned, parameters: Parameters) -> Raw:
    name, path = named(parameters, "InstanceProfileName"), parameters.get("Path", "/")
    arn = account.iam_arn(f"instance-profile{path}{name}")
    profile: Raw = {"InstanceProfileName": name, "Path": path, "Arn": arn}
    return {"InstanceProfile": account.put("InstanceProfile", name, profile)}


def _add_role_to_profile(account: Planned, parameters: Parameters) -> Raw:
    role = _existing(account, parameters, "Role")
    name = named(parameters, "InstanceProfileName")
    profile = account.find("InstanceProfile", name)
    arn = account.iam_arn(f"instance-profile/{name}") if profile is None else profile["Arn"]
    role["InstanceProfileList"].append({"Arn": arn})
    return {}


def _create_access_key(account: Planned, parameters: Parameters) -> Raw:
    user = parameters.get("UserName", "")
    key = {"UserName": user, "AccessKeyId": account.identity("AKIA", user).upper()}
    return {"AccessKey": key | {"Status": "Active"}}


def _create_login_profile(account: Planned, parameters: Parameters) -> Raw:
    user = named(parameters, "UserName")
    return {"LoginProfile": {"UserName": user, "CreateDate": account.taken_at}}


OPERATIONS: Final[Mapping[str, Make]] = {
    "iam:CreateRole": _create_role,
    "iam:CreateUser": _create_user,
    "iam:CreateGroup": _create_group,
    "iam:CreatePolicy": _create_policy,
    "iam:CreatePolicyVersion": _create_policy_version,
    "iam:UpdateAssumeRolePolicy": _update_trust,
    "iam:AddUserToGroup": _add_user_to_group,
    "iam:CreateInstanceProfile": _create_instance_profile,
    "iam:AddRoleToInstanceProfile": _add_role_to_profile,
    # What these two make is in the credential report, of which a plan can say nothing.
    "iam:CreateAccessKey": _create_access_key,
    "iam:CreateLoginProfile": _create_login_profile,
    **{f"iam:Put{kind}Policy": _put_policy(kind) for kind in ("Role", "User", "Group")},
    **{f"iam:Attach{kind}Policy": _attach(kind) for kind in ("Role", "User", "Group")},
    **{f"iam:Put{kind}PermissionsBoundary": _put_boundary(kind) for kind in ("Role", "User")},
    **{f"iam:Tag{kind}": _tag(kind) for kind in ("Role", "User")},
}
