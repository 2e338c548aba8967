"""IAM: roles, users, groups, managed policies, and what the credential report says of users.

Policy documents stand here as text, exactly as AWS keeps them (URL-decoded): `iam.document`
parses them, strictly, where they are judged.
"""

from mlguard.resources.base import Instant, Part, Resource


class InlinePolicy(Part, frozen=True, kw_only=True):
    """A policy that is part of one role, user or group."""

    name: str
    document: str


class AttachedPolicy(Part, frozen=True, kw_only=True):
    """A managed policy, as the principal refers to it."""

    name: str
    arn: str


class Role(Resource, frozen=True, kw_only=True):
    """An IAM role.

    `last_used_at` is None when AWS saw no use in its tracking window (400 days): for a younger
    role that means never. IAM API reference, "RoleLastUsed".
    """

    role_id: str
    path: str
    created_at: Instant
    trust_policy: str
    inline_policies: tuple[InlinePolicy, ...] = ()
    attached_policies: tuple[AttachedPolicy, ...] = ()
    permissions_boundary: str | None = None
    instance_profiles: tuple[str, ...] = ()
    last_used_at: Instant | None = None
    last_used_region: str | None = None

    @property
    def service_linked(self) -> bool:
        """True for roles that AWS services made for themselves and nobody else can change."""
        return self.path.startswith("/aws-service-role/")


class User(Resource, frozen=True, kw_only=True):
    """An IAM user."""

    user_id: str
    path: str
    created_at: Instant
    groups: tuple[str, ...] = ()
    inline_policies: tuple[InlinePolicy, ...] = ()
    attached_policies: tuple[AttachedPolicy, ...] = ()
    permissions_boundary: str | None = None


class Group(Resource, frozen=True, kw_only=True):
    """An IAM group: its policies reach its users, never a role."""

    group_id: str
    path: str
    created_at: Instant
    inline_policies: tuple[InlinePolicy, ...] = ()
    attached_policies: tuple[AttachedPolicy, ...] = ()


class PolicyVersion(Part, frozen=True, kw_only=True):
    """A version of a managed policy that is not in force, and can be put in force again."""

    version: str
    document: str


class ManagedPolicy(Resource, frozen=True, kw_only=True):
    """A managed policy in its default version, AWS's own or the account's.

    `other_versions` are all its versions but the default; None where they were not all read, and
    for AWS's own, of which nobody else can choose the version.
    """

    policy_id: str
    path: str
    default_version: str
    document: str
    attachment_count: int = 0
    other_versions: tuple[PolicyVersion, ...] | None = None

    @property
    def aws_managed(self) -> bool:
        """True for policies that AWS keeps: nobody in the account can edit them."""
        return self.account == "aws"


class AccessKey(Part, frozen=True, kw_only=True):
    """One of a user's two access keys, as the credential report has it."""

    active: bool
    last_used_at: Instant | None = None
    last_rotated_at: Instant | None = None


class UserCredentials(Resource, frozen=True, kw_only=True):
    """One user's row of the credential report: `arn` and `name` are the user's.

    IAM User Guide, "Getting credential reports for your AWS account".
    """

    created_at: Instant
    password_enabled: bool
    password_last_used_at: Instant | None = None
    mfa_active: bool = False
    access_keys: tuple[AccessKey, ...] = ()
