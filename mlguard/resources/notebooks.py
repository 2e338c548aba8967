"""SageMaker notebook instances and the scripts that start them."""

from mlguard.resources.base import Instant, Resource


class NotebookInstance(Resource, frozen=True, kw_only=True):
    """A SageMaker notebook instance (DescribeNotebookInstance)."""

    status: str
    instance_type: str
    role_arn: str
    created_at: Instant
    last_modified_at: Instant
    direct_internet_access: bool
    root_access: bool
    volume_size_gb: int
    subnet_id: str | None = None
    security_groups: tuple[str, ...] = ()
    kms_key_id: str | None = None
    lifecycle_config: str | None = None
    platform_identifier: str | None = None
    minimum_imds_version: str | None = None


class NotebookLifecycle(Resource, frozen=True, kw_only=True):
    """A notebook lifecycle configuration: its scripts, decoded."""

    on_create: tuple[str, ...] = ()
    on_start: tuple[str, ...] = ()
