"""A bucket emptied, so that it can be deleted: versions, delete markers, unfinished uploads."""

from itertools import islice

from botocore.exceptions import ClientError

from deploy.account import Account

# The most that one call deletes:
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
_BATCH = 1000


def holds_something(account: Account, bucket: str) -> bool:
    """Return whether a bucket has an object, or an old version of one."""
    answer = account.perform(
        "s3",
        "ListObjectVersions",
        {"Bucket": bucket, "MaxKeys": 1, "ExpectedBucketOwner": account.number},
    )
    return bool(answer.get("Versions") or answer.get("DeleteMarkers"))


def empty(account: Account, bucket: str) -> int:
    """Delete all that a bucket holds, all versions; return how many there were."""
    client = account.client("s3")
    of = {"Bucket": bucket, "ExpectedBucketOwner": account.number}
    for page in client.get_paginator("list_multipart_uploads").paginate(**of):
        for upload in page.get("Uploads", ()):
            client.abort_multipart_upload(**of, Key=upload["Key"], UploadId=upload["UploadId"])
    versions = (
        {"Key": one["Key"], "VersionId": one["VersionId"]}
        for page in client.get_paginator("list_object_versions").paginate(**of)
        for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
    )
    deleted = 0
    while batch := list(islice(versions, _BATCH)):
        answer = client.delete_objects(**of, Delete={"Objects": batch, "Quiet": True})
        for refused in answer.get("Errors", ()):
            raise ClientError({"Error": refused}, "DeleteObjects")
        deleted += len(batch)
    return deleted
