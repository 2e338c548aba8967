from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from moto import mock_aws

from mlguard.resources.instances import Image, Instance, SecurityGroup, Volume
from mlguard.snapshot import GapReason
from mlguard.sources.aws import instances
from mlguard.sources.aws.connection import Connection
from mlguard.sources.aws.reading import Reading
from tests.builders.account import NOW, REGION, arn
from tests.sources.aws.answers import HOME, Answers

EXISTING = [
    {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}
]


def host(number: int, image_id: str) -> dict[str, Any]:
    return {
        "InstanceId": f"i-{number}",
        "InstanceType": "t3.micro",
        "ImageId": image_id,
        "State": {"Code": 16, "Name": "running"},
        "LaunchTime": NOW,
        "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
    }


def picture(image_id: str) -> dict[str, Any]:
    return {"ImageId": image_id, "Name": "base", "OwnerId": "amazon", "Architecture": "x86_64"}


def give_instances(answers: Answers, *hosts: dict[str, Any]) -> None:
    answers.give(
        "ec2",
        "describe_instances",
        {"Reservations": [{"Instances": [each]} for each in hosts]},
        Filters=EXISTING,
        MaxResults=500,
    )


def images(*image_ids: str) -> dict[str, Any]:
    return {
        "Filters": [{"Name": "image-id", "Values": list(image_ids)}],
        "IncludeDeprecated": True,
        "IncludeDisabled": True,
    }


def nothing_else(answers: Answers) -> None:
    answers.give("ec2", "describe_volumes", {}, MaxResults=500)
    answers.give("ec2", "describe_security_groups", {}, MaxResults=500)


def test_instances_of_every_page_bring_their_images_once() -> None:
    answers = Answers()
    first = {"Reservations": [{"Instances": [host(1, "ami-1")]}], "NextToken": "more"}
    second = {"Reservations": [{"Instances": [host(2, "ami-1"), host(3, "ami-2")]}]}
    asked: dict[str, Any] = {"Filters": EXISTING, "MaxResults": 500}
    answers.give("ec2", "describe_instances", first, **asked)
    answers.give("ec2", "describe_instances", second, **asked, NextToken="more")
    answers.give(
        "ec2",
        "describe_images",
        {"Images": [picture("ami-1"), picture("ami-2")]},
        **images("ami-1", "ami-2"),
    )
    nothing_else(answers)
    instances.collect(answers.reading)
    answers.all_asked()
    assert [each.arn for each in answers.reading.resources] == [
        arn("ec2", "instance/i-1"),
        arn("ec2", "instance/i-2"),
        arn("ec2", "instance/i-3"),
        f"arn:aws:ec2:{REGION}::image/ami-1",
        f"arn:aws:ec2:{REGION}::image/ami-2",
    ]
    assert answers.reading.gaps == []
    assert set(answers.connection.operations) == set(instances.OPERATIONS)


def test_an_image_that_is_not_shown_is_a_gap() -> None:
    answers = Answers()
    give_instances(answers, host(1, "ami-gone"), host(2, "ami-here"))
    answers.give(
        "ec2",
        "describe_images",
        {"Images": [picture("ami-here")]},
        **images("ami-gone", "ami-here"),
    )
    nothing_else(answers)
    instances.collect(answers.reading)
    (gap,) = answers.reading.gaps
    assert (gap.kinds, gap.reason) == (("Image",), GapReason.INCOMPLETE)
    assert gap.subject == f"arn:aws:ec2:{REGION}::image/ami-gone"
    assert gap.operation == "ec2:DescribeImages"


def test_images_are_asked_for_in_batches_that_a_filter_can_hold() -> None:
    answers = Answers()
    names = [f"ami-{number:04}" for number in range(201)]
    give_instances(answers, *(host(number, name) for number, name in enumerate(names)))
    answers.refuse("ec2", "describe_images", "RequestLimitExceeded")
    answers.give("ec2", "describe_images", {"Images": [picture(names[200])]}, **images(names[200]))
    nothing_else(answers)
    instances.collect(answers.reading)
    answers.all_asked()
    (gap,) = answers.reading.gaps
    assert (gap.kinds, gap.reason, gap.subject) == (("Image",), GapReason.THROTTLED, None)
    assert sum(isinstance(each, Image) for each in answers.reading.resources) == 1


def test_denied_calls_are_gaps_in_their_kinds() -> None:
    answers = Answers()
    for method in ("describe_instances", "describe_volumes", "describe_security_groups"):
        answers.refuse("ec2", method, "UnauthorizedOperation")
    instances.collect(answers.reading)
    assert [(gap.kinds, gap.permission) for gap in answers.reading.gaps] == [
        (("Instance",), "ec2:DescribeInstances"),
        (("Volume",), "ec2:DescribeVolumes"),
        (("SecurityGroup",), "ec2:DescribeSecurityGroups"),
    ]


def test_an_instance_whose_metadata_options_are_missing_is_a_gap() -> None:
    answers = Answers()
    half = host(1, "ami-1")
    del half["MetadataOptions"]
    give_instances(answers, half)
    answers.give("ec2", "describe_images", {"Images": [picture("ami-1")]}, **images("ami-1"))
    nothing_else(answers)
    instances.collect(answers.reading)
    (gap,) = answers.reading.gaps
    assert (gap.kinds, gap.reason) == (("Instance",), GapReason.INCOMPLETE)


def test_moto_s_instances_are_read_and_terminated_ones_are_not() -> None:
    with mock_aws(), ThreadPoolExecutor(2) as pool:
        session = boto3.Session(
            aws_access_key_id="id", aws_secret_access_key="key", region_name=REGION
        )
        client = session.client("ec2")
        image_id = client.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        made = client.run_instances(
            ImageId=image_id, MinCount=2, MaxCount=2, InstanceType="t2.micro"
        )["Instances"]
        client.create_tags(
            Resources=[made[0]["InstanceId"]], Tags=[{"Key": "Name", "Value": "trainer"}]
        )
        client.terminate_instances(InstanceIds=[made[1]["InstanceId"]])
        reading = Reading(Connection(session), HOME, pool)
        instances.collect(reading)
    assert reading.gaps == []
    (found,) = (each for each in reading.resources if isinstance(each, Instance))
    assert (found.name, found.instance_type, found.state) == ("trainer", "t2.micro", "running")
    (image,) = (each for each in reading.resources if isinstance(each, Image))
    assert image.root_snapshot_gb is not None
    disks = [each for each in reading.resources if isinstance(each, Volume)]
    assert found.volumes == tuple(disk.arn.rpartition("/")[2] for disk in disks if disk.attached_to)
    assert any(isinstance(each, SecurityGroup) for each in reading.resources)
