"""Buckets for the data and for the models: encrypted, versioned, private, over TLS only."""

from collections.abc import Iterator
from typing import Final

from deploy.names import Names
from deploy.pipeline import Step, Value, text_of
from deploy.policies import CAPTURED, document

_KEEP_DAYS: Final = 30
_UPLOAD_DAYS: Final = 7


def steps(names: Names) -> Iterator[Step]:
    """Yield what makes both buckets."""
    yield from _bucket(names, "data")
    yield from _bucket(names, "models")


def _bucket(names: Names, purpose: str) -> Iterator[Step]:
    bucket = names.bucket(purpose)

    def step(what: str, operation: str, **parameters: Value) -> Step:
        return Step(
            id=f"bucket-{purpose}{what}",
            service="s3",
            operation=operation,
            parameters={"Bucket": bucket, **parameters},
        )

    yield step("", "CreateBucket", **_location(names.config.region))
    yield step(
        "-private",
        "PutPublicAccessBlock",
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    yield step("-policy", "PutBucketPolicy", Policy=text_of(_over_tls(names.bucket_arn(purpose))))
    yield step(
        "-encryption",
        "PutBucketEncryption",
        ServerSideEncryptionConfiguration={"Rules": [_encryption(names.config.kms_key)]},
    )
    yield step("-versions", "PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"})
    yield step(
        "-lifecycle",
        "PutBucketLifecycleConfiguration",
        LifecycleConfiguration={"Rules": _lifecycle(purpose)},
    )
    yield step("-tags", "PutBucketTagging", Tagging={"TagSet": names.tags})


def _location(region: str) -> dict[str, Value]:
    """Return where the bucket is: us-east-1 goes without saying, and may not be said.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    """
    if region == "us-east-1":
        return {}
    return {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _over_tls(arn: str) -> dict[str, Value]:
    """Return the policy that refuses whoever comes without TLS.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
    """
    return document(
        (
            {
                "Sid": "OverTlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        )
    )


def _encryption(key: str | None) -> Value:
    """Return the rule: a key of yours, or S3's own.

    A bucket key spares most calls of KMS, which are paid for:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    """
    if key is None:
        return {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    return {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
        "BucketKeyEnabled": True,
    }


def _lifecycle(purpose: str) -> list[Value]:
    """Return what is thrown away: else versions and broken uploads are paid for, unseen.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
    """
    rules: list[Value] = [
        {
            "ID": "old-versions",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": _KEEP_DAYS},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": _UPLOAD_DAYS},
        }
    ]
    if purpose == "models":
        rules.append(
            {
                "ID": CAPTURED,
                "Status": "Enabled",
                "Filter": {"Prefix": f"{CAPTURED}/"},
                "Expiration": {"Days": _KEEP_DAYS},
            }
        )
    return rules
