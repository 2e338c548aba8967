"""Cases of the check on tags."""

from mlguard.check import Severity
from mlguard.policy import Policy
from mlguard.report import Outcome
from mlguard.resources.base import Resource
from mlguard.resources.tags import TagSet
from tests.builders.account import gap, snapshot
from tests.builders.ec2 import instance, volume
from tests.builders.functions import function
from tests.builders.hosting import endpoint
from tests.builders.jobs import training_job
from tests.builders.notebooks import notebook
from tests.checks.case import Case

WANTED = Policy(required_tags=("owner", "project"))
CHECK = "resource-untagged"


def tag_set(of: Resource, **tags: str) -> TagSet:
    return TagSet(arn=of.arn, account=of.account, region=of.region, name=of.name, tags=tags)


BOTH = {"owner": "ada", "project": "dogs"}
REFUSED = gap("TagSet", operation="resourcegroupstaggingapi:GetResources")

CASES: tuple[Case, ...] = (
    Case(
        name="an endpoint without any",
        check=CHECK,
        snapshot=snapshot(endpoint()),
        policy=WANTED,
        outcome=Outcome.FAILED,
        at="Tags",
        says=("no tag owner, project",),
        severity=Severity.LOW,
        fix=("tag-resources", endpoint().arn, "owner=VALUE,project=VALUE", "us-east-1"),
    ),
    Case(
        name="one of two, and empty",
        check=CHECK,
        snapshot=snapshot(notebook(), tag_set(notebook(), project="dogs", owner=" ")),
        policy=WANTED,
        outcome=Outcome.FAILED,
        says=("no tag owner",),
    ),
    Case(
        name="keys are told apart by case",
        check=CHECK,
        snapshot=snapshot(function(tags={"Owner": "ada", "project": "dogs"})),
        policy=WANTED,
        outcome=Outcome.FAILED,
        says=("no tag owner",),
    ),
    Case(
        name="all of them, wherever tags stand",
        check=CHECK,
        snapshot=snapshot(
            endpoint(),
            tag_set(endpoint(), **BOTH),
            function(tags=BOTH),
            instance(tags=BOTH),
            volume(tags=BOTH),
        ),
        policy=WANTED,
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a job that is over, and an endpoint of whom no tag is wanted",
        check=CHECK,
        snapshot=snapshot(training_job(), endpoint()),
        policy=Policy(),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a job that is over can be tagged no more for its bill",
        check=CHECK,
        snapshot=snapshot(training_job(status="Completed")),
        policy=WANTED,
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a job that runs",
        check=CHECK,
        snapshot=snapshot(training_job(status="InProgress")),
        policy=WANTED,
        outcome=Outcome.FAILED,
        at="Tags",
    ),
    Case(
        name="tags were not read",
        check=CHECK,
        snapshot=snapshot(endpoint(), gaps=(REFUSED,)),
        policy=WANTED,
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="those of a function come with it",
        check=CHECK,
        snapshot=snapshot(function(), gaps=(REFUSED,)),
        policy=WANTED,
        outcome=Outcome.FAILED,
        at="Tags",
    ),
)
