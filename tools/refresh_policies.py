"""Remake the table of AWS's own policies that mlguard ships, from those that moto ships.

    python tools/refresh_policies.py

They are the ones that roles of ML pipelines have most: a pipeline file names them by ARN alone, and
what they allow must be known to judge it. AWS changes them: each row has its version and date.
"""

import json
import sys
from datetime import UTC, datetime
from importlib.metadata import version

from moto.iam.aws_managed_policies import aws_managed_policies_data

from tools.refresh_data import DATA, SCHEMA, render

NAMES = (
    *("AWSLambdaBasicExecutionRole", "AWSLambdaDynamoDBExecutionRole", "AWSLambdaExecute"),
    *("AWSLambdaKinesisExecutionRole", "AWSLambdaRole", "AWSLambdaSQSQueueExecutionRole"),
    *("AWSLambdaVPCAccessExecutionRole", "AWSLambda_FullAccess", "AWSLambda_ReadOnlyAccess"),
    *("AWSStepFunctionsFullAccess", "AWSXRayDaemonWriteAccess", "AdministratorAccess"),
    *("AmazonDynamoDBFullAccess", "AmazonEC2ContainerRegistryFullAccess"),
    *("AmazonEC2ContainerRegistryPowerUser", "AmazonEC2ContainerRegistryReadOnly"),
    *("AmazonEC2FullAccess", "AmazonEC2ReadOnlyAccess", "AmazonECS_FullAccess"),
    *("AmazonS3FullAccess", "AmazonS3ReadOnlyAccess", "AmazonSNSFullAccess"),
    *("AmazonSQSFullAccess", "AmazonSSMManagedInstanceCore", "AmazonSageMakerCanvasFullAccess"),
    *("AmazonSageMakerFeatureStoreAccess", "AmazonSageMakerFullAccess"),
    *("AmazonSageMakerModelRegistryFullAccess", "AmazonSageMakerPipelinesIntegrations"),
    *("AmazonSageMakerReadOnly", "CloudWatchAgentServerPolicy", "CloudWatchFullAccess"),
    *("CloudWatchFullAccessV2", "CloudWatchLogsFullAccess", "IAMFullAccess", "IAMReadOnlyAccess"),
    *("PowerUserAccess", "SecretsManagerReadWrite", "SecurityAudit", "ViewOnlyAccess"),
)


def main() -> int:
    """Write the table; 0 if it could be done, else 1 and the reason on stderr."""
    known = json.loads(aws_managed_policies_data)
    missing = [name for name in NAMES if name not in known]
    if missing:
        print(f"refresh_policies: moto has no {', '.join(missing)}", file=sys.stderr)
        return 1
    rows = [[_arn(known[name]["Path"], name), *_row(known[name])] for name in NAMES]
    table = {
        "schema": SCHEMA,
        "source": f"AWS's managed policies, as moto {version('moto')} ships them",
        "fetched": datetime.now(UTC).date().isoformat(),
        "columns": ["arn", "version", "updated", "document"],
        "rows": sorted(rows),
    }
    (DATA / "managed_policies.json").write_text(render(table), encoding="utf-8")
    return 0


def _arn(path: str, name: str) -> str:
    return f"arn:aws:iam::aws:policy{path}{name}"


def _row(policy: dict[str, object]) -> list[object]:
    document = json.dumps(policy["Document"], separators=(",", ":"))
    return [policy["DefaultVersionId"], str(policy["UpdateDate"])[:10], document]


if __name__ == "__main__":
    sys.exit(main())
