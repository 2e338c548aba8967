"""EC2: instances, their images, volumes and security groups."""

from mlguard.resources.base import Instant, Part, Resource


class Instance(Resource, frozen=True, kw_only=True):
    """An EC2 instance that exists (terminated ones are left out)."""

    instance_type: str
    state: str
    image_id: str
    launched_at: Instant
    instance_profile_arn: str | None = None
    subnet_id: str | None = None
    public_ip: str | None = None
    security_groups: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    imdsv2_required: bool = False
    spot: bool = False


class Image(Resource, frozen=True, kw_only=True):
    """The machine image of an instance that exists; `account` is that of the instance."""

    owner: str
    description: str
    architecture: str
    root_snapshot_gb: int | None = None
    created_at: Instant | None = None
    deprecated_at: Instant | None = None


class Volume(Resource, frozen=True, kw_only=True):
    """An EBS volume."""

    state: str
    size_gb: int
    volume_type: str
    encrypted: bool
    iops: int | None = None
    throughput: int | None = None
    attached_to: tuple[str, ...] = ()


class IngressRule(Part, frozen=True, kw_only=True):
    """Who may connect; ports are None for all of them."""

    protocol: str
    from_port: int | None
    to_port: int | None
    cidrs: tuple[str, ...]
    groups: tuple[str, ...] = ()


class SecurityGroup(Resource, frozen=True, kw_only=True):
    """A security group's ways in."""

    vpc_id: str | None
    ingress: tuple[IngressRule, ...]
