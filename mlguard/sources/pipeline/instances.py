"""EC2 calls: instances, images, volumes, security groups."""

from collections.abc import Mapping
from typing import Any, Final

from mlguard.sources.pipeline.planned import Make, Parameters, Planned, Raw, named, required

# EC2 API reference, "RunInstances": an image id, or the SSM parameter that holds one.
_RESOLVED: Final = "resolve:ssm:"
_PUBLISHED: Final = "/aws/service/"
_DEEP_LEARNING: Final = f"{_PUBLISHED}deeplearning/ami/"

# EC2 API reference, "CreateVolume" and "EbsBlockDevice": the default type.
_VOLUME_TYPE: Final = "gp2"


def _run_instances(account: Planned, parameters: Parameters) -> Raw:
    image_id = _image_id(account, named(parameters, "ImageId"))
    count = parameters.get("MaxCount", 1)
    made = [_instance(account, parameters, image_id, number) for number in range(count)]
    return {"Instances": made}


def _instance(account: Planned, parameters: Parameters, image_id: str, number: int) -> Raw:
    nth = str(len(account.all("Instance")) + number)
    instance_id = account.identity("i-", nth)
    tags = _tags(parameters, "instance")
    raw: Raw = {
        "InstanceId": instance_id,
        "ImageId": image_id,
        # EC2 API reference, "RunInstances": default m1.small.
        "InstanceType": parameters.get("InstanceType", "m1.small"),
        "State": {"Code": 16, "Name": "running"},
        "LaunchTime": account.taken_at,
        "IamInstanceProfile": _profile(account, parameters),
        "SubnetId": _subnet(parameters),
        "SecurityGroups": [{"GroupId": group} for group in _groups(account, parameters)],
        "MetadataOptions": {"HttpTokens": "optional", **parameters.get("MetadataOptions", {})},
        "BlockDeviceMappings": _volumes(account, parameters, image_id, instance_id),
        "Tags": tags,
    }
    if parameters.get("InstanceMarketOptions", {}).get("MarketType") == "spot":
        raw["InstanceLifecycle"] = "spot"
    return account.put("Instance", instance_id, raw)


def _image_id(account: Planned, text: str) -> str:
    """Return the image's id; one that AWS publishes as a parameter is known by that."""
    parameter = text.removeprefix(_RESOLVED)
    if parameter == text:
        return text
    image_id = account.identity("ami-", parameter)
    if parameter.startswith(_PUBLISHED):
        account.put("Image", image_id, _published(image_id, parameter))
    return image_id


def _published(image_id: str, parameter: str) -> Raw:
    """Return the image that a public parameter names: its path is all that a plan knows of it."""
    kind = parameter.removeprefix(_DEEP_LEARNING).partition("/latest/")[0]
    deep = parameter.startswith(_DEEP_LEARNING)
    raw = _image(
        image_id,
        name=f"Deep Learning AMI {kind}" if deep else parameter,
        description=f"the image that {parameter} names",
        architecture="arm64" if "arm64" in parameter else "x86_64",
    )
    return raw | {"OwnerId": "amazon"}


def _register_image(account: Planned, parameters: Parameters) -> Raw:
    name = named(parameters, "Name")
    image_id = account.identity("ami-", "registered", name)
    raw = _image(
        image_id,
        name=name,
        description=parameters.get("Description", ""),
        # EC2 API reference, "RegisterImage": i386 for images that are made from snapshots.
        architecture=parameters.get("Architecture", "i386"),
    )
    raw["RootDeviceName"] = parameters.get("RootDeviceName")
    raw["BlockDeviceMappings"] = parameters.get("BlockDeviceMappings", [])
    raw["Tags"] = _tags(parameters, "image")
    account.put("Image", image_id, raw | {"OwnerId": account.home.account})
    return {"ImageId": image_id}


def _create_image(account: Planned, parameters: Parameters) -> Raw:
    instance_id = named(parameters, "InstanceId")
    arn = account.arn("ec2", f"instance/{instance_id}")
    instance = account.get("Instance", instance_id, arn=arn)
    source = account.find("Image", instance["ImageId"]) or {}
    name = named(parameters, "Name")
    image_id = account.identity("ami-", "created", name)
    raw = _image(
        image_id,
        name=name,
        description=parameters.get("Description", ""),
        architecture=source.get("Architecture", "x86_64"),
    )
    account.put("Image", image_id, raw | {"OwnerId": account.home.account})
    return {"ImageId": image_id}


def _image(image_id: str, *, name: str, description: str, architecture: str) -> Raw:
    return {
        "ImageId": image_id,
        "Name": name,
        "Description": description,
        "Architecture": architecture,
    }


def _volumes(
    account: Planned, parameters: Parameters, image_id: str, instance_id: str
) -> list[Raw]:
    """Return the instance's block devices: those of the image, changed by those of the call."""
    image = account.find("Image", image_id) or {}
    devices: dict[str, Raw] = {}
    given = (*image.get("BlockDeviceMappings", ()), *parameters.get("BlockDeviceMappings", ()))
    for mapping in given:
        device = mapping["DeviceName"]
        devices[device] = {**devices.get(device, {}), **mapping.get("Ebs", {})}
    return [
        {
            "DeviceName": device,
            "Ebs": {"VolumeId": _volume(account, ebs, device=device, instance_id=instance_id)},
        }
        for device, ebs in devices.items()
        if "VolumeSize" in ebs
    ]


def _volume(account: Planned, ebs: Mapping[str, Any], *, device: str, instance_id: str) -> str:
    volume_id = account.identity("vol-", instance_id, device)
    raw = _volume_raw(ebs, volume_id, size=ebs["VolumeSize"], tags=[])
    raw["State"] = "in-use"
    raw["Attachments"] = [{"InstanceId": instance_id, "Device": device}]
    account.put("Volume", volume_id, raw)
    return volume_id


def _create_volume(account: Planned, parameters: Parameters) -> Raw:
    volume_id = account.identity("vol-", str(len(account.all("Volume"))))
    size = required(parameters, "Size")
    raw = _volume_raw(parameters, volume_id, size=size, tags=_tags(parameters, "volume"))
    return account.put("Volume", volume_id, raw)


def _volume_raw(given: Mapping[str, Any], volume_id: str, *, size: int, tags: list[Raw]) -> Raw:
    return {
        "VolumeId": volume_id,
        "State": "available",
        "Size": size,
        "VolumeType": given.get("VolumeType", _VOLUME_TYPE),
        "Encrypted": given.get("Encrypted", False),
        "Iops": given.get("Iops"),
        "Throughput": given.get("Throughput"),
        "Tags": tags,
    }


def _create_group(account: Planned, parameters: Parameters) -> Raw:
    name = named(parameters, "GroupName")
    group_id = account.identity("sg-", parameters.get("VpcId", ""), name)
    raw: Raw = {
        "GroupId": group_id,
        "GroupName": name,
        "VpcId": parameters.get("VpcId"),
        "IpPermissions": [],
        "Tags": _tags(parameters, "security-group"),
    }
    account.put("SecurityGroup", group_id, raw)
    return {"GroupId": group_id}


def _authorize(account: Planned, parameters: Parameters) -> Raw:
    group = _group(account, parameters)
    rules = parameters.get("IpPermissions") or [_single_rule(parameters)]
    group["IpPermissions"].extend(rules)
    return {"Return": True}


def _group(account: Planned, parameters: Parameters) -> Raw:
    name = parameters.get("GroupName")
    for group in account.all("SecurityGroup"):
        if name is not None and group["GroupName"] == name:
            return group
    group_id = name or named(parameters, "GroupId")
    arn = account.arn("ec2", f"security-group/{group_id}")
    return account.get("SecurityGroup", group_id, arn=arn)


def _single_rule(parameters: Parameters) -> Raw:
    """Return the rule of a call that names one by its own parameters."""
    members = ("IpProtocol", "FromPort", "ToPort")
    rule: Raw = {member: parameters[member] for member in members if member in parameters}
    named(parameters, "IpProtocol")
    return rule | {"IpRanges": [{"CidrIp": named(parameters, "CidrIp")}]}


def _groups(account: Planned, parameters: Parameters) -> list[str]:
    names = parameters.get("SecurityGroups", ())
    by_name = [
        group["GroupId"] for group in account.all("SecurityGroup") if group["GroupName"] in names
    ]
    interfaces = parameters.get("NetworkInterfaces", ())
    ours = [group for interface in interfaces for group in interface.get("Groups", ())]
    return [*parameters.get("SecurityGroupIds", ()), *by_name, *ours]


def _subnet(parameters: Parameters) -> str | None:
    interfaces = parameters.get("NetworkInterfaces", ())
    subnets = (interface.get("SubnetId") for interface in interfaces)
    return parameters.get("SubnetId") or next((one for one in subnets if one), None)


def _profile(account: Planned, parameters: Parameters) -> Raw | None:
    given = parameters.get("IamInstanceProfile")
    if not given:
        return None
    if "Arn" in given:
        return {"Arn": given["Arn"]}
    made = account.find("InstanceProfile", given["Name"])
    return {"Arn": made["Arn"] if made else account.iam_arn(f"instance-profile/{given['Name']}")}


def _tags(parameters: Parameters, kind: str) -> list[Raw]:
    specifications = parameters.get("TagSpecifications", ())
    return [
        tag
        for specification in specifications
        if specification["ResourceType"] == kind
        for tag in specification["Tags"]
    ]


OPERATIONS: Final[Mapping[str, Make]] = {
    "ec2:RunInstances": _run_instances,
    "ec2:RegisterImage": _register_image,
    "ec2:CreateImage": _create_image,
    "ec2:CreateVolume": _create_volume,
    "ec2:CreateSecurityGroup": _create_group,
    "ec2:AuthorizeSecurityGroupIngress": _authorize,
}
