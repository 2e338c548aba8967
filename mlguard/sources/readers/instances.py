"""EC2 instances, images, volumes and security groups, as EC2 describes them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from mlguard.resources.instances import Image, IngressRule, Instance, SecurityGroup, Volume
from mlguard.sources.base import Home

Raw = Mapping[str, Any]


def image_arn(image_id: str, home: Home) -> str:
    """Return an image's ARN, which names no account: any account may use the image."""
    return f"arn:{home.partition}:ec2:{home.region}::image/{image_id}"


def instance(raw: Raw, home: Home) -> Instance:
    """Return an entry of DescribeInstances."""
    instance_id, tags = raw["InstanceId"], _tags(raw)
    return Instance(
        arn=home.arn("ec2", f"instance/{instance_id}"),
        account=home.account,
        region=home.region,
        name=tags.get("Name") or instance_id,
        tags=tags,
        instance_type=raw["InstanceType"],
        state=raw["State"]["Name"],
        image_id=raw["ImageId"],
        launched_at=datetime.astimezone(raw["LaunchTime"], UTC),
        instance_profile_arn=(raw.get("IamInstanceProfile") or {}).get("Arn"),
        subnet_id=raw.get("SubnetId"),
        public_ip=raw.get("PublicIpAddress"),
        security_groups=_instance_groups(raw),
        volumes=tuple(
            mapping["Ebs"]["VolumeId"]
            for mapping in raw.get("BlockDeviceMappings") or ()
            if mapping.get("Ebs")
        ),
        imdsv2_required=_imdsv1_refused(raw["MetadataOptions"]),
        spot=raw.get("InstanceLifecycle") == "spot",
    )


def image(raw: Raw, home: Home) -> Image:
    """Return an entry of DescribeImages."""
    return Image(
        arn=image_arn(raw["ImageId"], home),
        account=home.account,
        region=home.region,
        name=raw.get("Name") or raw["ImageId"],
        tags=_tags(raw),
        owner=raw["OwnerId"],
        description=raw.get("Description") or "",
        architecture=raw["Architecture"],
        root_snapshot_gb=_root_size(raw),
        created_at=_instant(raw.get("CreationDate")),
        deprecated_at=_instant(raw.get("DeprecationTime")),
    )


def volume(raw: Raw, home: Home) -> Volume:
    """Return an entry of DescribeVolumes; `attached_to` are instance ids."""
    volume_id, tags = raw["VolumeId"], _tags(raw)
    attachments = raw.get("Attachments") or ()
    return Volume(
        arn=home.arn("ec2", f"volume/{volume_id}"),
        account=home.account,
        region=home.region,
        name=tags.get("Name") or volume_id,
        tags=tags,
        state=raw["State"],
        size_gb=raw["Size"],
        volume_type=raw["VolumeType"],
        encrypted=raw["Encrypted"],
        iops=raw.get("Iops"),
        throughput=raw.get("Throughput"),
        attached_to=tuple(each["InstanceId"] for each in attachments if each.get("InstanceId")),
    )


def security_group(raw: Raw, home: Home) -> SecurityGroup:
    """Return an entry of DescribeSecurityGroups."""
    return SecurityGroup(
        arn=home.arn("ec2", f"security-group/{raw['GroupId']}"),
        account=home.account,
        region=home.region,
        name=raw["GroupName"],
        tags=_tags(raw),
        vpc_id=raw.get("VpcId"),
        ingress=tuple(_ingress_rule(rule) for rule in raw.get("IpPermissions") or ()),
    )


def _ingress_rule(raw: Raw) -> IngressRule:
    protocol = raw["IpProtocol"]
    every = protocol == "-1"
    return IngressRule(
        protocol=protocol,
        from_port=None if every else raw.get("FromPort"),
        to_port=None if every else raw.get("ToPort"),
        cidrs=(
            *(source["CidrIp"] for source in raw.get("IpRanges") or ()),
            *(source["CidrIpv6"] for source in raw.get("Ipv6Ranges") or ()),
        ),
        groups=tuple(
            pair["GroupId"] for pair in raw.get("UserIdGroupPairs") or () if pair.get("GroupId")
        ),
    )


def _instance_groups(raw: Raw) -> tuple[str, ...]:
    """Return the groups of every network interface: one that is open opens the instance."""
    interfaces: Iterable[Raw] = raw.get("NetworkInterfaces") or ()
    groups = [
        *(raw.get("SecurityGroups") or ()),
        *(group for interface in interfaces for group in interface.get("Groups") or ()),
    ]
    return tuple(dict.fromkeys(group["GroupId"] for group in groups))


def _imdsv1_refused(options: Raw) -> bool:
    # Where the metadata service is off, version 1 answers nobody either.
    return options["HttpTokens"] == "required" or options.get("HttpEndpoint") == "disabled"


def _root_size(raw: Raw) -> int | None:
    for mapping in raw.get("BlockDeviceMappings") or ():
        if mapping.get("DeviceName") == raw.get("RootDeviceName"):
            size: int | None = (mapping.get("Ebs") or {}).get("VolumeSize")
            return size
    return None


def _tags(raw: Raw) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in raw.get("Tags") or ()}


def _instant(text: str | None) -> datetime | None:
    """Return the instant of a date that EC2 writes as text, in UTC."""
    return None if not text else datetime.fromisoformat(text).astimezone(UTC)
