"""Cases of the checks on EC2 instances."""

from mlguard.check import Severity
from mlguard.policy import Policy
from mlguard.report import Outcome
from tests.builders.account import gap, snapshot
from tests.builders.ec2 import deep_learning_image, image, instance
from tests.checks.case import Case

UNREAD = snapshot(gaps=(gap("Instance", operation="ec2:DescribeInstances"),))

TYPES = (
    Case(
        name="a large machine",
        check="instance-type-outside-policy",
        snapshot=snapshot(instance(instance_type="m5.4xlarge")),
        outcome=Outcome.FAILED,
        at="InstanceType",
        says=("m5.4xlarge is outside policy.instance: t2.micro",),
        severity=Severity.HIGH,  # 560.64 USD a month against 8.47
        fix=("stop-instances --instance-ids i-0abc", "--instance-type Value=t2.micro"),
    ),
    Case(
        name="a large machine that is stopped",
        check="instance-type-outside-policy",
        snapshot=snapshot(instance(instance_type="m5.4xlarge", state="stopped")),
        outcome=Outcome.FAILED,
        says=("(stopped)",),
        severity=Severity.LOW,
    ),
    Case(
        name="the id is taken from the ARN",
        check="instance-type-outside-policy",
        snapshot=snapshot(instance(instance_type="m5.large", name="$(reboot)")),
        outcome=Outcome.FAILED,
        fix=("--instance-id i-0abc ",),
    ),
    Case(
        name="the cheapest type",
        check="instance-type-outside-policy",
        snapshot=snapshot(instance()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a type that the team allows",
        check="instance-type-outside-policy",
        snapshot=snapshot(instance(instance_type="g4dn.xlarge")),
        outcome=Outcome.PASSED,
        policy=Policy(instance=("t2.micro", "g4dn.xlarge")),
    ),
    Case(
        name="terminated",
        check="instance-type-outside-policy",
        snapshot=snapshot(instance(instance_type="m5.4xlarge", state="terminated")),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="not listed",
        check="instance-type-outside-policy",
        snapshot=UNREAD,
        outcome=Outcome.NOT_EVALUATED,
    ),
)

TRAINING = (
    Case(
        name="a GPU image on a t2.micro",
        check="instance-too-small-to-train",
        snapshot=snapshot(instance(), deep_learning_image()),
        outcome=Outcome.FAILED,
        at="InstanceType",
        says=("t2.micro", "1 vCPU", "1024 MiB"),
        severity=Severity.MEDIUM,
        fix=("Value=t3.large", "plain Amazon Linux 2023"),
    ),
    Case(
        name="the description says what the name does not",
        check="instance-too-small-to-train",
        snapshot=snapshot(
            instance(), image(name="team-base", description="made from the DEEP LEARNING AMI")
        ),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="memory enough, but no GPU for a GPU image",
        check="instance-too-small-to-train",
        snapshot=snapshot(instance(instance_type="m5.xlarge"), deep_learning_image()),
        outcome=Outcome.FAILED,
        says=("m5.xlarge has no GPU",),
    ),
    Case(
        name="stopped",
        check="instance-too-small-to-train",
        snapshot=snapshot(instance(state="stopped"), deep_learning_image()),
        outcome=Outcome.FAILED,
        severity=Severity.LOW,
    ),
    Case(
        name="a GPU",
        check="instance-too-small-to-train",
        snapshot=snapshot(instance(instance_type="g4dn.xlarge"), deep_learning_image()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a part of a GPU",
        check="instance-too-small-to-train",
        snapshot=snapshot(instance(instance_type="g6f.large"), deep_learning_image()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="4 GiB for an image without GPU",
        check="instance-too-small-to-train",
        snapshot=snapshot(
            instance(instance_type="t2.medium"),
            deep_learning_image(name="Deep Learning AMI CPU PyTorch"),
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a plain image",
        check="instance-too-small-to-train",
        snapshot=snapshot(instance(), image()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="terminated",
        check="instance-too-small-to-train",
        snapshot=snapshot(instance(state="terminated"), deep_learning_image()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="images not read",
        check="instance-too-small-to-train",
        snapshot=snapshot(instance(), gaps=(gap("Image", operation="ec2:DescribeImages"),)),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="the image was deregistered",
        check="instance-too-small-to-train",
        snapshot=snapshot(instance(image_id="ami-gone"), image()),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="hardware that nobody knows",
        check="instance-too-small-to-train",
        snapshot=snapshot(instance(instance_type="z99.huge"), deep_learning_image()),
        outcome=Outcome.NOT_EVALUATED,
    ),
)

CASES: tuple[Case, ...] = (*TYPES, *TRAINING)
