"""EC2: instances and who reaches them."""

from collections.abc import Mapping
from typing import Final

from deploy.account import Account
from deploy.comparing import same
from deploy.errors import DeployError
from deploy.kind import Call, Found, Kind, Priced, Read, Scope, Wait

_GROUP: Final = Read(
    service="ec2",
    operation="DescribeSecurityGroups",
    parameters={
        "Filters": """[
          {Name: 'group-name', Values: [asked.GroupName]},
          {Name: 'vpc-id', Values: [asked.VpcId]}
        ][?Values[0]]"""
    },
    at="SecurityGroups[0]",
)

# A terminated instance is shown for an hour; one that shuts down still holds its groups.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
_STATES: Final = ("pending", "running", "shutting-down", "stopping", "stopped")


def allowed(account: Account, scope: Scope) -> Found | None:
    """Return what a security group lets in, if that is all that the step asks for."""
    asked = scope["asked"]
    answer = account.read("ec2", "DescribeSecurityGroups", {"GroupIds": [asked["GroupId"]]})
    found: list[Found] = answer["SecurityGroups"][0]["IpPermissions"] if answer else []
    if all(any(_covers(one, rule) for one in found) for rule in asked["IpPermissions"]):
        return {"IpPermissions": found}
    return None


def _covers(found: Found, rule: Found) -> bool:
    """Return whether the ranges of a rule are among those that AWS has gathered into one."""
    lists = {name for name, value in rule.items() if isinstance(value, list)}
    return same({name: rule[name] for name in rule.keys() - lists}, found) and all(
        any(same(one, other) for other in found.get(name, ()))
        for name in lists
        for one in rule[name]
    )


def tagged_instance(account: Account, scope: Scope) -> Found | None:
    """Return the instance that bears all the step's tags: it has no name of its own.

    A client token would not do: it answers with an instance that was terminated since.
    https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
    """
    tags = [
        tag
        for specification in scope["asked"].get("TagSpecifications", ())
        if specification["ResourceType"] == "instance"
        for tag in specification["Tags"]
    ]
    if not tags:
        raise DeployError("an instance is found again by its tags: give TagSpecifications for it")
    filters = [{"Name": f"tag:{tag['Key']}", "Values": [tag["Value"]]} for tag in tags]
    filters.append({"Name": "instance-state-name", "Values": list(_STATES)})
    answer = account.read("ec2", "DescribeInstances", {"Filters": filters})
    for reservation in answer["Reservations"]:
        instance: Found
        for instance in reservation["Instances"]:
            return instance
    return None


KINDS: Final[Mapping[str, Kind]] = {
    "ec2:CreateSecurityGroup": Kind(
        noun="security group",
        name="asked.GroupName",
        find=_GROUP,
        answer="{GroupId: found.GroupId}",
        delete=(Call(operation="DeleteSecurityGroup", parameters={"GroupId": "found.GroupId"}),),
    ),
    # Rules go with their group.
    "ec2:AuthorizeSecurityGroupIngress": Kind(
        noun="security group rule",
        name="asked.GroupId",
        find=allowed,
        answer="`{}`",
        fields={"GroupId": "", "IpPermissions": ""},
    ),
    "ec2:RunInstances": Kind(
        noun="instance",
        name="asked.TagSpecifications[].Tags[?Key=='Name'][].Value | [0]",
        find=tagged_instance,
        answer="{Instances: [found]}",
        fields={
            **dict.fromkeys(
                (
                    "BlockDeviceMappings",
                    "IamInstanceProfile",
                    "ImageId",
                    "InstanceInitiatedShutdownBehavior",
                    "MaxCount",
                    "MetadataOptions",
                    "MinCount",
                    "Monitoring",
                    "NetworkInterfaces",
                    "SecurityGroupIds",
                    "UserData",
                    "CreditSpecification",
                ),
                "",
            ),
        },
        wait=Wait(
            status="found.State.Name",
            making=frozenset({"pending", "stopping", "shutting-down"}),
            failed=frozenset(),
            reason="found.StateReason.Message",
        ),
        delete=(
            # A volume that is not the root's outlives its instance, and is paid for, otherwise.
            # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/preserving-volumes-on-termination.html
            Call(
                operation="ModifyInstanceAttribute",
                parameters={
                    "InstanceId": "found.InstanceId",
                    "BlockDeviceMappings": (
                        "[{DeviceName: each.DeviceName, Ebs: {DeleteOnTermination: `true`}}]"
                    ),
                },
                each="found.BlockDeviceMappings[?Ebs.DeleteOnTermination == `false`]",
            ),
            Call(operation="TerminateInstances", parameters={"InstanceIds": "[found.InstanceId]"}),
        ),
        cost=Priced(
            read=Read(
                service="ec2",
                operation="DescribeVolumes",
                parameters={
                    "Filters": "[{Name: 'attachment.instance-id', Values: [found.InstanceId]}]"
                },
            ),
            items="""[
              [found.State.Name != 'stopped' &&
                {component: 'EC2', type: found.InstanceType, count: `1`} || null],
              read.Volumes[].{component: 'EBS', type: VolumeType, count: Size}
            ][] | [?@]""",
        ),
    ),
}
