"""A generated account: the JSON of `aws iam get-account-authorization-details`, N roles large.

    python benchmarks/account.py ROLES FILE

The same number gives the same bytes, but for AWS's own policies, which are those that the
installed moto ships. About 2 KB a role: policies of one's own in many shapes, AWS's attached,
boundaries, groups with users, trusts of every kind.
"""

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

ACCOUNT = "123456789012"
REGION = "eu-central-1"
MADE = "2025-03-01T08:00:00+00:00"
SEED = 20261122

Json = dict[str, Any]

TEAMS = ("vision", "speech", "search", "risk", "growth", "platform", "labs", "ops")
SERVICES = ("sagemaker", "lambda", "ec2", "ecs-tasks", "glue", "states", "codebuild")
# What roles of ML pipelines have most; all others come in turn.
POPULAR = (
    "AmazonSageMakerFullAccess",
    "AmazonS3ReadOnlyAccess",
    "CloudWatchLogsFullAccess",
    "AmazonEC2ContainerRegistryReadOnly",
    "AWSLambda_FullAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "IAMFullAccess",
    "AdministratorAccess",
)
# How many of the roles, users or groups.
USED, BOUND, ALONE, POPULAR_HOLDERS, RARE_HOLDERS = 0.8, 0.1, 0.3, 0.5, 0.2
OWN_POLICIES = 400
GROUPS = 40


def account(roles: int) -> Json:
    """Return the account's authorization details."""
    dice, shared = random.Random(SEED), random.Random(SEED)  # noqa: S311  # not for secrets
    aws = json.loads(aws_managed_policies_data)
    attachable = sorted(name for name, policy in aws.items() if policy["Path"] == "/")
    own = [f"team-{number:03}" for number in range(OWN_POLICIES)]
    roles_list = [role(dice, number, attachable, own) for number in range(roles)]
    # Groups and policies of one's own are the same in accounts of all sizes.
    groups = [group(shared, number, attachable) for number in range(GROUPS)]
    written = {name: own_policy(shared, name) for name in own}
    users = [user(dice, number, attachable) for number in range(max(1, roles // 20))]
    holders = (*roles_list, *groups, *users)
    used = {entry["PolicyName"] for holder in holders for entry in attached_of(holder)}
    return {
        "UserDetailList": users,
        "GroupDetailList": groups,
        "RoleDetailList": roles_list,
        "Policies": [
            *(managed(name, aws[name]["Path"], aws[name]["Document"]) for name in attachable),
            *(written[name] for name in own if name in used or name == own[0]),
        ],
        "IsTruncated": False,
    }


def attached_of(holder: Json) -> list[Json]:
    return [*holder["AttachedManagedPolicies"]]


def role(dice: random.Random, number: int, aws: list[str], own: list[str]) -> Json:
    team = dice.choice(TEAMS)
    name = f"{team}-{dice.choice(SERVICES)}-{number:05}"
    found = {
        "Path": "/",
        "RoleName": name,
        "RoleId": f"AROA{number:017}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "CreateDate": MADE,
        "AssumeRolePolicyDocument": document(trust(dice, number)),
        "InstanceProfileList": [],
        "RolePolicyList": [
            {"PolicyName": f"{team}-{part}", "PolicyDocument": inline(dice, team, number)}
            for part in range(dice.choice((1, 1, 2)))
        ],
        "AttachedManagedPolicies": [
            *(attached(choice) for choice in some_of_aws(dice, aws)),
            *(attached(choice, ACCOUNT) for choice in dice.sample(own, dice.choice((0, 1, 2)))),
        ],
        "Tags": [{"Key": "team", "Value": team}],
        "RoleLastUsed": {"LastUsedDate": MADE, "Region": REGION} if dice.random() < USED else {},
    }
    if dice.random() < BOUND:
        found["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/{own[0]}",
        }
    return found


def user(dice: random.Random, number: int, aws: list[str]) -> Json:
    name = f"person-{number:04}"
    return {
        "Path": "/",
        "UserName": name,
        "UserId": f"AIDA{number:017}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "CreateDate": MADE,
        "GroupList": [f"group-{place:02}" for place in sorted(dice.sample(range(GROUPS), 2))],
        "UserPolicyList": [],
        "AttachedManagedPolicies": [attached(dice.choice(aws))] if dice.random() < ALONE else [],
    }


def group(dice: random.Random, number: int, aws: list[str]) -> Json:
    name = f"group-{number:02}"
    return {
        "Path": "/",
        "GroupName": name,
        "GroupId": f"AGPA{number:017}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:group/{name}",
        "CreateDate": MADE,
        "GroupPolicyList": [
            {"PolicyName": "own", "PolicyDocument": document(own_keys(), no_mfa())},
        ],
        "AttachedManagedPolicies": [attached(choice) for choice in some_of_aws(dice, aws)],
    }


def some_of_aws(dice: random.Random, aws: list[str]) -> Iterator[str]:
    if dice.random() < POPULAR_HOLDERS:
        # The first are had by most: administrators are rare.
        yield POPULAR[min(int(dice.expovariate(0.5)), len(POPULAR) - 1)]
    if dice.random() < RARE_HOLDERS:
        yield dice.choice(aws)


def attached(name: str, account_id: str = "aws") -> Json:
    return {"PolicyName": name, "PolicyArn": f"arn:aws:iam::{account_id}:policy/{name}"}


def managed(name: str, path: str, given: Json, account_id: str = "aws") -> Json:
    return {
        "PolicyName": name,
        "PolicyId": f"ANPA{name[:17].upper()}",
        "Arn": f"arn:aws:iam::{account_id}:policy{path}{name}",
        "Path": path,
        "DefaultVersionId": "v1",
        "AttachmentCount": 1,
        "IsAttachable": True,
        "CreateDate": MADE,
        "PolicyVersionList": [
            {"Document": given, "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": MADE}
        ],
    }


def own_policy(dice: random.Random, name: str) -> Json:
    if name.endswith("-000"):  # the boundary
        given = document(
            {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role_arn("vision-*")},
            {"Effect": "Deny", "Action": "ec2:*", "Resource": "*", "Condition": elsewhere()},
        )
    else:
        given = document(*(statement(dice, name, 0) for _ in range(dice.randint(2, 8))))
    return managed(name, "/", given, ACCOUNT)


def inline(dice: random.Random, team: str, number: int) -> Json:
    return document(*(statement(dice, team, number) for _ in range(dice.randint(1, 3))))


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


ACTIONS = (
    ["s3:GetObject", "s3:ListBucket"],
    ["s3:Get*", "s3:List*", "s3:PutObject"],
    ["sagemaker:CreateTrainingJob", "sagemaker:Describe*", "sagemaker:StopTrainingJob"],
    ["sagemaker:InvokeEndpoint"],
    ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    ["ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    ["dynamodb:*Item", "dynamodb:Query"],
    ["ec2:Describe*", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"],
    ["lambda:InvokeFunction", "lambda:Get*"],
    ["kms:Decrypt", "kms:GenerateDataKey?*"],
    ["sqs:*"],
)


def statement(dice: random.Random, team: str, number: int) -> Json:
    """Return one of the shapes that policies in the field have."""
    actions = dice.choice(ACTIONS)
    service = actions[0].partition(":")[0]
    place = f"{REGION}:{ACCOUNT}" if service != "s3" else ":"
    narrow = [
        f"arn:aws:{service}:{place}:{team}-{number:05}-{dice.randint(0, 99)}{end}"
        for end in ("", "/*")
    ]
    allowed = {"Effect": "Allow", "Action": actions, "Resource": narrow}
    gone = [f"{service}:Delete*", "iam:*", "organizations:*", "account:*"]
    passed = {"StringEquals": {"iam:PassedToService": f"{dice.choice(SERVICES)}.amazonaws.com"}}
    shapes: dict[int, Json] = {
        0: {**allowed, "Resource": "*"},
        1: {**allowed, "Action": f"{service}:*"},
        2: {"Effect": "Allow", "NotAction": gone, "Resource": narrow},
        3: {**allowed, "Resource": "*", "Condition": elsewhere()},
        4: {**allowed, "Effect": "Deny", "Action": f"{service}:Delete*"},
        5: {
            **allowed,
            "Action": "iam:PassRole",
            "Resource": role_arn(f"{team}-*"),
            "Condition": passed,
        },
    }
    usual = {"Sid": f"S{dice.randrange(10**9)}", **allowed}
    return shapes.get(dice.randrange(12), usual)


def elsewhere() -> Json:
    return {"StringNotEquals": {"aws:RequestedRegion": [REGION, "us-east-1"]}}


def own_keys() -> Json:
    return {
        "Effect": "Allow",
        "Action": ["iam:*AccessKey*", "iam:ChangePassword"],
        "Resource": f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}",
    }


def no_mfa() -> Json:
    return {
        "Effect": "Deny",
        "NotAction": ["iam:ListUsers", "sts:GetSessionToken"],
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    }


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def trust(dice: random.Random, number: int) -> Json:
    match dice.randrange(10):
        case 0:
            principal: Json = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        case 1:
            principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/person-{number % 50:04}"}
        case 2:
            principal = {"AWS": f"arn:aws:iam::{210987654321 + number % 7}:root"}
        case 3:
            provider = "token.actions.githubusercontent.com"
            principal = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{provider}"}
        case _:
            principal = {"Service": f"{dice.choice(SERVICES)}.amazonaws.com"}
    action = "sts:AssumeRoleWithWebIdentity" if "Federated" in principal else "sts:AssumeRole"
    return {"Effect": "Allow", "Principal": principal, "Action": action}


def write(roles: int, path: Path) -> None:
    """Write the account as the AWS CLI would."""
    path.write_text(json.dumps(account(roles), indent=1), encoding="utf-8")


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
