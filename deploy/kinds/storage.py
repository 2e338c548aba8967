"""Buckets, log groups and keys: where data stands, and what it is encrypted with."""

from collections.abc import Mapping
from typing import Any, Final

from deploy.account import Account
from deploy.errors import DeployError
from deploy.kind import Call, Cost, Found, Kind, Read, Scope, Update

_BUCKET: Final[Mapping[str, str]] = {
    "Bucket": "asked.Bucket",
    # A bucket's name is the world's: one of that name may be another account's.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
    "ExpectedBucketOwner": "account",
}


def _setting(noun: str, operation: str, at: str, fields: Mapping[str, str]) -> Kind:
    """Return a setting of a bucket: put anew to be changed, and gone with its bucket."""
    return Kind(
        noun=noun,
        name="asked.Bucket",
        find=Read(service="s3", operation=operation, parameters=_BUCKET, at=at),
        answer="`{}`",
        fields={"Bucket": "", "ExpectedBucketOwner": "", **fields},
        upsert=True,
    )


def _group(at: str) -> Read:
    return Read(
        service="logs",
        operation="DescribeLogGroups",
        parameters={"logGroupNamePrefix": "asked.logGroupName"},
        at=at,
        where={"logGroupName": "asked.logGroupName"},
    )


def tagged_key(account: Account, scope: Scope) -> Found | None:
    """Return the key that bears all the step's tags: a key has no name of its own."""
    asked = {(tag["TagKey"], tag["TagValue"]) for tag in scope["asked"].get("Tags", ())}
    if not asked:
        raise DeployError("a key is found again by its tags: give the step's Tags")
    for key in account.read("kms", "ListKeys", {})["Keys"]:
        metadata: Found = account.read("kms", "DescribeKey", {"KeyId": key["KeyId"]})["KeyMetadata"]
        if metadata["KeyManager"] != "CUSTOMER" or metadata["KeyState"] == "PendingDeletion":
            continue
        tags = account.read("kms", "ListResourceTags", {"KeyId": key["KeyId"]})["Tags"]
        if asked <= {(tag["TagKey"], tag["TagValue"]) for tag in tags}:
            return {**metadata, "Policy": _policy_of(account, key["KeyId"])}
    return None


def _policy_of(account: Account, key: str) -> Any:
    answer = account.read("kms", "GetKeyPolicy", {"KeyId": key, "PolicyName": "default"})
    return answer and answer["Policy"]


KINDS: Final[Mapping[str, Kind]] = {
    "s3:CreateBucket": Kind(
        noun="bucket",
        name="asked.Bucket",
        find=Read(service="s3", operation="HeadBucket", parameters=_BUCKET),
        answer="{Location: join('', ['/', asked.Bucket])}",
        fields={
            "Bucket": "",
            "CreateBucketConfiguration": "",
            "ObjectOwnership": "",
            "ObjectLockEnabledForBucket": "",
            "ACL": "",
        },
        delete=(Call(operation="DeleteBucket", parameters=_BUCKET),),
        cost=Cost.BY_USE,
    ),
    "s3:PutBucketEncryption": _setting(
        "bucket encryption",
        "GetBucketEncryption",
        "ServerSideEncryptionConfiguration",
        {"ServerSideEncryptionConfiguration": "found"},
    ),
    "s3:PutBucketVersioning": _setting(
        "bucket versioning",
        "GetBucketVersioning",
        "Status && @",
        {"VersioningConfiguration": "found"},
    ),
    "s3:PutPublicAccessBlock": _setting(
        "public access block",
        "GetPublicAccessBlock",
        "PublicAccessBlockConfiguration",
        {"PublicAccessBlockConfiguration": "found"},
    ),
    "s3:PutBucketPolicy": _setting("bucket policy", "GetBucketPolicy", "@", {}),
    "s3:PutBucketTagging": _setting(
        "bucket tags", "GetBucketTagging", "@", {"Tagging": "{TagSet: found.TagSet}"}
    ),
    "s3:PutBucketLifecycleConfiguration": _setting(
        "bucket lifecycle",
        "GetBucketLifecycleConfiguration",
        "@",
        {"LifecycleConfiguration": "{Rules: found.Rules}"},
    ),
    "logs:CreateLogGroup": Kind(
        noun="log group",
        name="asked.logGroupName",
        find=_group("logGroups"),
        answer="`{}`",
        updates=(
            Update(
                fields=frozenset({"kmsKeyId"}),
                calls=(
                    Call(
                        operation="AssociateKmsKey",
                        parameters={
                            "logGroupName": "asked.logGroupName",
                            "kmsKeyId": "asked.kmsKeyId",
                        },
                    ),
                ),
            ),
        ),
        delete=(
            Call(operation="DeleteLogGroup", parameters={"logGroupName": "asked.logGroupName"}),
        ),
        cost=Cost.BY_USE,
    ),
    "logs:PutRetentionPolicy": Kind(
        noun="log retention",
        name="asked.logGroupName",
        find=_group("logGroups[?retentionInDays]"),
        answer="`{}`",
        upsert=True,
    ),
    "kms:CreateKey": Kind(
        noun="key",
        name="asked.Description || 'tagged'",
        find=tagged_key,
        answer="{KeyMetadata: found}",
        fields={"BypassPolicyLockoutSafetyCheck": ""},
        updates=(
            Update(
                fields=frozenset({"Policy"}),
                calls=(
                    Call(
                        operation="PutKeyPolicy",
                        parameters={
                            "KeyId": "found.KeyId",
                            "PolicyName": "'default'",
                            "Policy": "asked.Policy",
                        },
                    ),
                ),
            ),
        ),
        # The shortest that KMS has; a key that waits for its deletion costs nothing.
        # https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
        delete=(
            Call(
                operation="ScheduleKeyDeletion",
                parameters={"KeyId": "found.KeyId", "PendingWindowInDays": "`7`"},
            ),
        ),
        cost=Cost.UNKNOWN,
    ),
    "kms:EnableKeyRotation": Kind(
        noun="key rotation",
        name="asked.KeyId",
        find=Read(
            service="kms",
            operation="GetKeyRotationStatus",
            parameters={"KeyId": "asked.KeyId"},
            at="KeyRotationEnabled && @",
        ),
        answer="`{}`",
        fields={"KeyId": ""},
        upsert=True,
    ),
    "kms:CreateAlias": Kind(
        noun="key alias",
        name="asked.AliasName",
        find=Read(
            service="kms",
            operation="ListAliases",
            at="Aliases",
            where={"AliasName": "asked.AliasName"},
        ),
        answer="`{}`",
        updates=(
            Update(
                fields=frozenset({"TargetKeyId"}),
                calls=(
                    Call(
                        operation="UpdateAlias",
                        parameters={
                            "AliasName": "asked.AliasName",
                            "TargetKeyId": "asked.TargetKeyId",
                        },
                    ),
                ),
            ),
        ),
        delete=(Call(operation="DeleteAlias", parameters={"AliasName": "asked.AliasName"}),),
    ),
}
