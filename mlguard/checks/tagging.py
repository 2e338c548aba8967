"""Tags that a team wants on whatever costs money: whose bill it is."""

from collections.abc import Iterator

from mlguard.check import Check, Context, Evidence, Severity, check
from mlguard.resources.base import Resource
from mlguard.resources.functions import Function
from mlguard.resources.hosting import Endpoint
from mlguard.resources.instances import Instance, Volume
from mlguard.resources.jobs import ProcessingJob, TrainingJob, TransformJob, TuningJob
from mlguard.resources.notebooks import NotebookInstance
from mlguard.resources.tags import TagSet

_JOBS = (TrainingJob, TuningJob, ProcessingJob, TransformJob)
_RUNNING = "InProgress"


@check(
    "resource-untagged",
    "Resource without the tags that bills are split by",
    on=(NotebookInstance, *_JOBS, Endpoint, Function, Instance, Volume),
    reads=(TagSet,),
    severity=Severity.LOW,
    remediation=(
        "Tag it with `aws resourcegroupstaggingapi tag-resources --resource-arn-list {arn} "
        "--tags {tags} --region {region}`, and have the tag activated for cost allocation."
    ),
    references=(
        "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/cost-alloc-tags.html",
        "https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_TagResources.html",
    ),
    bad='required-tags = ["owner"]; Tags: []',
    good='required-tags = ["owner"]; Tags: owner = ada',
)
def resource_untagged(resource: Resource, context: Context) -> Iterator[Evidence]:
    """Bills are split by tags: what has none of the team's is paid, and nobody is asked about it.

    Which tags they have to be, the policy says (`required-tags`); it asks for none unless it
    does. Keys are told apart by case, as AWS does. A job is judged while it runs: tags that come
    later are on no bill of it.
    """
    required = context.policy.required_tags
    if not required or (isinstance(resource, _JOBS) and resource.status != _RUNNING):
        return
    missing = [key for key in required if not _tag(resource, key, context)]
    if missing:
        yield Evidence(
            message=f"no tag {', '.join(missing)}",
            at="Tags",
            values={"tags": ",".join(f"{key}=VALUE" for key in missing)},
        )


def _tag(resource: Resource, key: str, context: Context) -> str:
    """Return the value of a tag, empty where there is none; SageMaker's stand apart."""
    if isinstance(resource, Function | Instance | Volume):
        return resource.tags.get(key, "").strip()
    apart = context.get(TagSet, resource.arn, near=resource)
    return "" if apart is None else apart.tags.get(key, "").strip()


CHECKS: tuple[Check, ...] = (resource_untagged,)
