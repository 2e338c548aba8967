"""Cases of the checks on notebook instances."""

from mlguard.check import Severity
from mlguard.policy import Policy
from mlguard.report import Outcome
from tests.builders.account import days_ago, gap, snapshot
from tests.builders.notebooks import notebook
from tests.checks.case import Case

UNREAD = snapshot(gaps=(gap("NotebookInstance", operation="sagemaker:ListNotebookInstances"),))
HALF_READ = snapshot(
    gaps=(
        gap(
            "NotebookInstance",
            subject=notebook().arn,
            operation="sagemaker:DescribeNotebookInstance",
        ),
    )
)
HOSTILE = "x; rm -rf / #"

CASES: tuple[Case, ...] = (
    Case(
        name="direct access is the way out",
        check="notebook-direct-internet",
        snapshot=snapshot(notebook(direct_internet_access=True, subnet_id=None)),
        outcome=Outcome.FAILED,
        at="DirectInternetAccess",
        says=("enabled", "without a subnet"),
        severity=Severity.HIGH,
        fix=("--direct-internet-access Disabled", "--instance-type ml.t2.medium", "role/notebook"),
    ),
    Case(
        name="direct access beside a subnet",
        check="notebook-direct-internet",
        snapshot=snapshot(notebook(direct_internet_access=True)),
        outcome=Outcome.FAILED,
        at="DirectInternetAccess",
        says=("beside a subnet",),
    ),
    Case(
        name="disabled, though its users are root",
        check="notebook-direct-internet",
        snapshot=snapshot(notebook(root_access=True)),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="not described",
        check="notebook-direct-internet",
        snapshot=HALF_READ,
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="a large machine",
        check="notebook-instance-type",
        snapshot=snapshot(notebook(instance_type="ml.m5.4xlarge")),
        outcome=Outcome.FAILED,
        at="InstanceType",
        says=("ml.m5.4xlarge", "policy.notebook", "ml.t2.medium, ml.t3.medium"),
        severity=Severity.MEDIUM,
        fix=("update-notebook-instance", "--instance-type ml.t2.medium", "breeds", "us-east-1"),
    ),
    Case(
        name="a large machine that is stopped costs nothing now",
        check="notebook-instance-type",
        snapshot=snapshot(notebook(instance_type="ml.m5.4xlarge", status="Stopped")),
        outcome=Outcome.FAILED,
        severity=Severity.LOW,
    ),
    Case(
        name="a type that nobody knows is outside too",
        check="notebook-instance-type",
        snapshot=snapshot(notebook(instance_type="ml.z99.huge")),
        outcome=Outcome.FAILED,
        says=("ml.z99.huge",),
    ),
    Case(
        name="a name is quoted for the shell",
        check="notebook-instance-type",
        snapshot=snapshot(notebook(instance_type="ml.m5.4xlarge", name=HOSTILE)),
        outcome=Outcome.FAILED,
        fix=(f"--notebook-instance-name '{HOSTILE}' ",),
    ),
    Case(
        name="one of the two default types",
        check="notebook-instance-type",
        snapshot=snapshot(notebook(instance_type="ml.t3.medium")),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a type that the team allows",
        check="notebook-instance-type",
        snapshot=snapshot(notebook(instance_type="ml.g4dn.xlarge")),
        outcome=Outcome.PASSED,
        policy=Policy(notebook=("ml.g4dn.xlarge",)),
    ),
    Case(
        name="not listed",
        check="notebook-instance-type",
        snapshot=UNREAD,
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="since the day before yesterday",
        check="notebook-left-running",
        snapshot=snapshot(notebook(last_modified_at=days_ago(2))),
        outcome=Outcome.FAILED,
        at="NotebookInstanceStatus",
        says=("48 hours", "allows 12"),
        severity=Severity.MEDIUM,
        fix=("aws sagemaker stop-notebook-instance --notebook-instance-name breeds",),
    ),
    Case(
        name="exactly as long as the policy allows",
        check="notebook-left-running",
        snapshot=snapshot(notebook(last_modified_at=days_ago(0.5))),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="stopped long ago",
        check="notebook-left-running",
        snapshot=snapshot(notebook(last_modified_at=days_ago(90), status="Stopped")),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a team that lets notebooks run for a week",
        check="notebook-left-running",
        snapshot=snapshot(notebook(last_modified_at=days_ago(6))),
        outcome=Outcome.PASSED,
        policy=Policy(notebook_running_hours=168),
    ),
    Case(
        name="not listed",
        check="notebook-left-running",
        snapshot=UNREAD,
        outcome=Outcome.NOT_EVALUATED,
    ),
)
