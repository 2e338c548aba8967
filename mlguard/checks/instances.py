"""EC2 instances: what they cost, and whether they can do what their image is made for."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from mlguard.check import Confidence, Context, Evidence, Severity, Unread, check
from mlguard.checks.machines import unread
from mlguard.checks.money import by_dollars, told_month
from mlguard.data.instance_types import Hardware, hardware
from mlguard.resources.instances import Image, Instance

_GONE: Final = frozenset({"shutting-down", "terminated"})
_STOPPED: Final = frozenset({"stopping", "stopped"})

_LEAST_MEMORY_MIB: Final = 4096
_GPU_IMAGE: Final = re.compile(r"\bgpu\b", re.IGNORECASE)


@check(
    "instance-type-outside-policy",
    "EC2 instance type outside the cost policy",
    on=Instance,
    severity=Severity.MEDIUM,
    remediation=(
        "aws ec2 stop-instances --instance-ids {id} --region {region} && "
        "aws ec2 wait instance-stopped --instance-ids {id} --region {region} && "
        "aws ec2 modify-instance-attribute --instance-id {id} --instance-type Value={allowed} "
        "--region {region} && aws ec2 start-instances --instance-ids {id} --region {region}"
    ),
    references=(
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-resize.html",
        "https://docs.aws.amazon.com/cli/latest/reference/ec2/modify-instance-attribute.html",
    ),
    bad="InstanceType: m5.4xlarge",
    good="InstanceType: t2.micro",
)
def instance_type_outside_policy(instance: Instance, context: Context) -> Iterator[Evidence]:
    """Every second of a running instance is paid, whether it computes or waits.

    A stopped one costs only its volumes, until somebody starts it. Where the work needs more than
    the policy allows, name the type in policy.instance, so that the next one is a decision too.
    """
    allowed = context.policy.instance
    if instance.state in _GONE or instance.instance_type in allowed:
        return
    stopped = instance.state in _STOPPED
    state = " (stopped)" if stopped else ""
    saved = None if stopped or instance.spot else _saving(instance, context)
    severity = Severity.LOW if stopped else None
    yield Evidence(
        message=(
            f"{instance.instance_type}{state} is outside policy.instance: {', '.join(allowed)}"
            f"{told_month(context.estimate(instance))}"
        ),
        at="InstanceType",
        severity=severity if saved is None else by_dollars(saved),
        monthly_usd=saved,
        values={"id": _id(instance), "allowed": allowed[0]},
    )


@check(
    "instance-too-small-to-train",
    "Deep Learning AMI on an instance that cannot train",
    on=Instance,
    reads=(Image,),
    severity=Severity.MEDIUM,
    remediation=(
        "Train on more: stop {id}, then `aws ec2 modify-instance-attribute --instance-id {id} "
        "--instance-type Value=t3.large --region {region}` (g4dn.xlarge where the training needs a "
        "GPU), and name the type in policy.instance. Or keep the small type for serving: launch it "
        "from a plain Amazon Linux 2023 image with the CPU build of torch, and train elsewhere."
    ),
    references=(
        "https://docs.aws.amazon.com/dlami/latest/devguide/instance-select.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html",
    ),
    bad="InstanceType: t2.micro, Image.Name: Deep Learning AMI GPU PyTorch",
    good="InstanceType: g4dn.xlarge, Image.Name: Deep Learning AMI GPU PyTorch",
)
def instance_too_small_to_train(instance: Instance, context: Context) -> Iterator[Evidence]:
    """Deep Learning AMIs bring CUDA and the frameworks, for training.

    A t2.micro has one vCPU, of which it may use a tenth for long, and 1 GiB: it loads a ResNet-50,
    but to fine-tune all of it takes about 290 MiB and 85 MiB more for each image of a batch, beside
    the system and the framework. Below 4 GiB only tiny batches fit, and hours become days. The
    image's large root volume is paid for all the same.
    """
    if instance.state in _GONE:
        return
    image = _image(instance, context)
    described = f"{image.name} {image.description}"
    if "deep learning" not in described.lower():
        return
    severity = Severity.LOW if instance.state in _STOPPED else None
    for message, locator, confidence in _shortcomings(instance, described):
        yield Evidence(
            message=message,
            at="InstanceType",
            locator=locator,
            severity=severity,
            confidence=confidence,
            values={"id": _id(instance)},
        )


def _id(instance: Instance) -> str:
    return instance.arn.rpartition("/")[2]


def _saving(instance: Instance, context: Context) -> Decimal | None:
    """Return what the cheapest allowed type would save a month, None where a price is unknown."""
    own = context.prices.monthly_ec2(instance.region, instance.instance_type)
    allowed = (
        context.prices.monthly_ec2(instance.region, instance_type)
        for instance_type in context.policy.instance
    )
    cheapest = min((price for price in allowed if price is not None), default=None)
    return None if own is None or cheapest is None else max(own - cheapest, Decimal(0))


def _image(instance: Instance, context: Context) -> Image:
    found = context.first(
        Image,
        lambda image: image.arn.rpartition("/")[2] == instance.image_id,
        account=instance.account,
        region=instance.region,
    )
    if found is not None:
        return found
    if context.met:
        raise Unread(context.met[-1])
    # A deregistered image cannot be described any more; its instances run on.
    detail = f"the image {instance.image_id} was not found: what it is made for is not known"
    raise unread(instance, operation="ec2:DescribeImages", detail=detail)


def _shortcomings(
    instance: Instance, described: str
) -> Iterator[tuple[str, str, Confidence | None]]:
    built = hardware(instance.instance_type)
    if built is None:
        detail = f"the hardware of {instance.instance_type} is not known"
        raise unread(instance, operation="InstanceType", detail=detail)
    if built.memory_mib < _LEAST_MEMORY_MIB:
        memory = f"{built.vcpu} vCPU and {built.memory_mib} MiB of memory"
        yield f"{instance.instance_type} has {memory}, under a Deep Learning AMI", "memory", None
    elif _GPU_IMAGE.search(described) and not _has_gpu(instance.instance_type, built):
        message = f"{instance.instance_type} has no GPU, under a Deep Learning AMI made for GPUs"
        yield message, "gpu", Confidence.MEDIUM


def _has_gpu(instance_type: str, built: Hardware) -> bool:
    # The families G and P have GPUs, or parts of one: g6f counts 0 whole ones.
    return built.gpus > 0 or instance_type[:1] in {"g", "p"}


CHECKS = (instance_type_outside_policy, instance_too_small_to_train)
