"""Cases of the checks on notebook instances."""

from mlguard.check import Severity
from mlguard.policy import Policy
from mlguard.report import Outcome
from tests.builders.account import days_ago, gap, snapshot
from tests.builders.notebooks import lifecycle, notebook
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
        says=("policy.notebook: ml.t2.medium, ml.t3.medium; it costs 673.76 USD a month",),
        severity=Severity.HIGH,  # 639.19 USD a month less on ml.t2.medium
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
        severity=Severity.LOW,  # 33.87 USD a month
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
    Case(
        name="no lifecycle configuration",
        check="notebook-no-autostop",
        snapshot=snapshot(notebook()),
        outcome=Outcome.FAILED,
        at="NotebookInstanceLifecycleConfigName",
        says=("no lifecycle configuration stops it", "all month it costs 33.87 USD"),
        severity=Severity.LOW,
        fix=("update-notebook-instance --notebook-instance-name breeds",),
    ),
    Case(
        name="a dear notebook without one",
        check="notebook-no-autostop",
        snapshot=snapshot(notebook(instance_type="ml.m5.4xlarge")),
        outcome=Outcome.FAILED,
        severity=Severity.MEDIUM,
    ),
    Case(
        name="a lifecycle configuration that does something else",
        check="notebook-no-autostop",
        snapshot=snapshot(
            notebook(lifecycle_config="idle"), lifecycle(on_start=("pip install torch",))
        ),
        outcome=Outcome.FAILED,
        says=("nothing in idle stops it",),
    ),
    Case(
        name="an auto-stop that is installed once and not at each start",
        check="notebook-no-autostop",
        snapshot=snapshot(
            notebook(lifecycle_config="idle"),
            lifecycle(on_start=(), on_create=("python3 autostop.py",)),
        ),
        outcome=Outcome.FAILED,
    ),
    Case(
        name="an auto-stop at each start",
        check="notebook-no-autostop",
        snapshot=snapshot(notebook(lifecycle_config="idle"), lifecycle()),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a script that stops the notebook by its own call",
        check="notebook-no-autostop",
        snapshot=snapshot(
            notebook(lifecycle_config="idle"),
            lifecycle(on_start=("aws sagemaker stop-notebook-instance ...",)),
        ),
        outcome=Outcome.PASSED,
    ),
    Case(
        name="a lifecycle configuration that was not read",
        check="notebook-no-autostop",
        snapshot=snapshot(
            notebook(lifecycle_config="idle"),
            gaps=(
                gap(
                    "NotebookLifecycle",
                    operation="sagemaker:ListNotebookInstanceLifecycleConfigs",
                ),
            ),
        ),
        outcome=Outcome.NOT_EVALUATED,
    ),
    Case(
        name="a lifecycle configuration that is nowhere",
        check="notebook-no-autostop",
        snapshot=snapshot(notebook(lifecycle_config="idle")),
        outcome=Outcome.NOT_EVALUATED,
    ),
)
