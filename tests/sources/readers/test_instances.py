from datetime import UTC, datetime
from typing import Any

import pytest

from mlguard.resources.instances import IngressRule
from mlguard.sources.base import Home
from mlguard.sources.readers.instances import image, instance, security_group, volume
from tests.builders.account import ACCOUNT, NOW, REGION, arn

HOME = Home(account=ACCOUNT, region=REGION)
INSTANCE: dict[str, Any] = {
    "InstanceId": "i-1",
    "InstanceType": "t2.micro",
    "ImageId": "ami-1",
    "State": {"Code": 16, "Name": "running"},
    "LaunchTime": NOW,
    "MetadataOptions": {"HttpTokens": "optional", "HttpEndpoint": "enabled"},
}
IMAGE: dict[str, Any] = {"ImageId": "ami-1", "OwnerId": "1", "Architecture": "arm64"}


def test_an_instance_is_named_by_its_tag_or_else_its_id() -> None:
    assert instance(INSTANCE, HOME).name == "i-1"
    tagged = instance(INSTANCE | {"Tags": [{"Key": "Name", "Value": "trainer"}]}, HOME)
    assert (tagged.name, tagged.tags) == ("trainer", {"Name": "trainer"})
    assert tagged.arn == arn("ec2", "instance/i-1")


def test_the_groups_of_every_interface_guard_an_instance() -> None:
    raw = INSTANCE | {
        "SecurityGroups": [{"GroupId": "sg-1"}],
        "NetworkInterfaces": [
            {"Groups": [{"GroupId": "sg-1"}]},
            {"Groups": [{"GroupId": "sg-2"}]},
        ],
    }
    assert instance(raw, HOME).security_groups == ("sg-1", "sg-2")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"HttpTokens": "optional", "HttpEndpoint": "enabled"}, False),
        ({"HttpTokens": "required", "HttpEndpoint": "enabled"}, True),
        ({"HttpTokens": "optional", "HttpEndpoint": "disabled"}, True),
    ],
)
def test_version_1_of_the_metadata_service_is_refused_or_not(
    options: dict[str, str], *, expected: bool
) -> None:
    assert instance(INSTANCE | {"MetadataOptions": options}, HOME).imdsv2_required is expected


def test_volumes_profile_and_spot_are_read() -> None:
    raw = INSTANCE | {
        "InstanceLifecycle": "spot",
        "IamInstanceProfile": {"Arn": "arn:profile", "Id": "AIPA"},
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-1"}}],
    }
    found = instance(raw, HOME)
    assert (found.spot, found.instance_profile_arn, found.volumes) == (
        True,
        "arn:profile",
        ("vol-1",),
    )


def test_an_image_has_the_size_of_its_root_and_its_dates() -> None:
    raw = IMAGE | {
        "Name": "Deep Learning AMI",
        "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/xvdb", "Ebs": {"VolumeSize": 500}},
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 45}},
        ],
        "CreationDate": "2026-01-02T03:04:05.000Z",
        "DeprecationTime": "2028-01-02T03:04:05.000Z",
    }
    found = image(raw, HOME)
    assert found.arn == f"arn:aws:ec2:{REGION}::image/ami-1"
    assert (found.account, found.root_snapshot_gb) == (ACCOUNT, 45)
    assert found.created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.deprecated_at == datetime(2028, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_an_image_without_a_name_a_root_volume_or_dates_is_whole() -> None:
    found = image(IMAGE, HOME)
    assert (found.name, found.description) == ("ami-1", "")
    assert (found.root_snapshot_gb, found.created_at) == (None, None)


def test_a_date_that_is_none_is_malformed() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        image(IMAGE | {"CreationDate": "yesterday"}, HOME)


def test_a_volume_knows_what_it_is_attached_to() -> None:
    raw = {
        "VolumeId": "vol-1",
        "State": "in-use",
        "Size": 8,
        "VolumeType": "gp3",
        "Encrypted": False,
        "Throughput": 125,
        "Attachments": [{"InstanceId": "i-1"}, {"AssociatedResource": "arn:other"}],
    }
    found = volume(raw, HOME)
    assert (found.attached_to, found.throughput, found.iops) == (("i-1",), 125, None)


def test_a_group_lets_in_by_port_or_by_everything() -> None:
    raw = {
        "GroupId": "sg-1",
        "GroupName": "open",
        "VpcId": "vpc-1",
        "IpPermissions": [
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 22,
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
            },
            {
                "IpProtocol": "-1",
                "FromPort": -1,
                "ToPort": -1,
                "UserIdGroupPairs": [{"GroupId": "sg-1"}],
            },
        ],
    }
    assert security_group(raw, HOME).ingress == (
        IngressRule(protocol="tcp", from_port=22, to_port=22, cidrs=("0.0.0.0/0", "::/0")),
        IngressRule(protocol="-1", from_port=None, to_port=None, cidrs=(), groups=("sg-1",)),
    )
