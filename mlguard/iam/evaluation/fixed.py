"""What AWS decides itself, whatever policies say: requests that it never or always takes."""

from typing import Final

from mlguard.iam.language.principal import OUTSIDERS, Kind
from mlguard.iam.language.request import AWS_OWNED, Request

ASSUME_ROLE: Final = "sts:assumerole"
# It acts on the root user of a member account, where no policy could allow it.
ASSUME_ROOT: Final = "sts:assumeroot"
OF_A_ROLE: Final = frozenset({"sts:tagsession", "sts:setsourceidentity", "sts:setcontext"})
# STS API Reference: these two are called without AWS credentials, all others with some ("You must
# call this API using active credentials", IAM User Guide, "Compare AWS STS credentials").
UNSIGNED: Final = frozenset({"sts:assumerolewithsaml", "sts:assumerolewithwebidentity"})

_STS: Final = "sts:"
_GET_CALLER_IDENTITY: Final = "sts:getcalleridentity"
_GET_SESSION: Final = "sts:getsessiontoken"
_LONG_TERM: Final = frozenset({_GET_SESSION, "sts:getfederationtoken"})
# What nobody can do to a policy that AWS keeps.
_EDITS: Final = frozenset(
    {
        *("iam:createpolicyversion", "iam:deletepolicyversion", "iam:setdefaultpolicyversion"),
        *("iam:createpolicy", "iam:deletepolicy", "iam:tagpolicy", "iam:untagpolicy"),
    }
)
# What nobody but its service can do to a service-linked role: IAM API Reference, the operations
# with the error UnmodifiableEntity; of UpdateRole the description is left to the account.
_EDITS_OF_ROLES: Final = frozenset(
    {
        *("iam:attachrolepolicy", "iam:detachrolepolicy", "iam:putrolepolicy"),
        *("iam:deleterolepolicy", "iam:deleterole", "iam:updateassumerolepolicy"),
        *("iam:putrolepermissionsboundary", "iam:deleterolepermissionsboundary"),
    }
)
_SERVICE_LINKED: Final = ":role/aws-service-role/"
_OF_BUCKET_POLICIES: Final = frozenset(
    f"{service}:{verb}bucketpolicy"
    for service in ("s3", "s3express")
    for verb in ("get", "put", "delete")
)


def needs_no_permission(request: Request) -> bool:
    """Return whether AWS takes the request even where a policy denies it.

    STS API Reference, "GetCallerIdentity"; IAM User Guide, "Permissions for GetSessionToken": a
    policy that names it has no effect on a user's ability to call it.
    """
    if request.folded_action == _GET_SESSION:
        return request.caller.kind in (Kind.USER, Kind.ROOT)
    return request.folded_action == _GET_CALLER_IDENTITY and bool(request.caller.account)


def above_resource_policy(request: Request) -> bool:
    """Return whether a Deny of the resource's own policy cannot stop the request.

    S3 API Reference, "DeleteBucketPolicy": the root principal of the bucket owner's account can
    read, put and delete the bucket's policy even if that explicitly denies it.
    """
    owns = request.caller.kind is Kind.ROOT and request.same_account
    return owns and request.folded_action in _OF_BUCKET_POLICIES


def impossible(request: Request) -> str | None:
    """Return why AWS refuses such a request whatever policies say, None if it does not."""
    caller, action = request.caller, request.folded_action
    if request.crosses_partitions:
        # IAM User Guide, "Cross account resource access in IAM".
        return "policies delegate access within a single partition only"
    if action == "iam:passrole" and not request.same_account:
        return "a role can be passed to services of its own account only"
    if action in _EDITS and request.owner == AWS_OWNED:
        return "nobody but AWS can change a policy that AWS keeps"
    if action in _EDITS_OF_ROLES and _SERVICE_LINKED in request.resource:
        return "nobody but its service can change a service-linked role"
    return _uncallable(caller.kind, action) if action.startswith(_STS) else None


def _uncallable(kind: Kind, action: str) -> str | None:
    """Return why an operation of STS cannot be called with such credentials."""
    if kind is Kind.ANONYMOUS:
        signed = action not in UNSIGNED | OF_A_ROLE
        return "it cannot be called without credentials" if signed else None
    # STS API Reference, "AssumeRole" and "AssumeRoot": not with the credentials of the root user,
    # and not without any, which is all that an identity provider's user has.
    if kind in (Kind.ROOT, Kind.PROVIDER) and action in (ASSUME_ROLE, ASSUME_ROOT):
        assumed = "a role" if action == ASSUME_ROLE else "a root user"
        return f"{assumed} cannot be assumed as {kind.value}"
    # STS API Reference: who calls these is who the assertion or the token says.
    if kind not in OUTSIDERS and action in UNSIGNED:
        return "its caller is a user of an identity provider"
    # IAM User Guide, "Compare AWS STS credentials": who can call.
    if kind in (Kind.ROLE, Kind.SESSION, Kind.FEDERATED_USER) and action in _LONG_TERM:
        return "it takes the long-term credentials of a user"
    return None
