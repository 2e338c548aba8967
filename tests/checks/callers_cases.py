"""Functions that are kept warm, and who calls them past it."""

from msgspec.structs import replace

from mlguard.check import Severity
from mlguard.report import Outcome
from tests.builders.account import arn, gap
from tests.builders.functions import (
    FUNCTION_ARN,
    event_source,
    function,
    function_policy,
    function_url,
    measured,
    permission,
    provisioned,
)
from tests.checks.case import Case
from tests.checks.concurrency_cases import case

BYPASS = "provisioned-bypassed"
WARM = replace(measured("ProvisionedConcurrencyInvocations", 40.0), arn=provisioned().arn)
COLD = replace(measured("ProvisionedConcurrencyInvocations"), arn=provisioned().arn)
CALLS = measured("Invocations", 100.0)
CASES: tuple[Case, ...] = (
    case(
        BYPASS,
        "calls that all started cold",
        Outcome.FAILED,
        function(),
        provisioned(),
        COLD,
        CALLS,
        at="ProvisionedConcurrencyInvocations",
        severity=Severity.HIGH,
        says=("1 (live: 1) provisioned", "none of 100 invocations"),
        fix=(f"{FUNCTION_ARN}:live", "--qualifier live"),
    ),
    case(
        BYPASS,
        "calls that all started cold, though another function's did not",
        Outcome.FAILED,
        function(),
        provisioned(),
        replace(provisioned(), arn=arn("lambda", "function:b:live"), function_arn="b"),
        COLD,
        CALLS,
        replace(WARM, arn=arn("lambda", "function:b:live")),
        at="ProvisionedConcurrencyInvocations",
    ),
    case(
        BYPASS,
        "a queue that calls the bare function",
        Outcome.FAILED,
        function(),
        provisioned(),
        event_source(qualifier=None),
        WARM,
        CALLS,
        at="EventSourceMappings[].FunctionArn",
        says=("event source arn:aws:sqs:us-east-1:123456789012:images calls the bare function",),
    ),
    case(
        BYPASS,
        "a URL of the bare function",
        Outcome.FAILED,
        function(),
        provisioned(),
        function_url(qualifier=None),
        WARM,
        CALLS,
        at="FunctionUrlConfigs[].FunctionArn",
    ),
    case(
        BYPASS,
        "a service that may call the bare function, though metrics were refused",
        Outcome.FAILED,
        function(),
        provisioned(),
        function_policy(),
        gaps=(gap("MetricSeries"),),
        at="Policy.Statement[0].Resource",
        says=("apigateway.amazonaws.com may call the bare function",),
    ),
    case(
        BYPASS,
        "callers of the alias",
        Outcome.PASSED,
        function(),
        provisioned(),
        event_source(),
        function_url(),
        function_policy(qualifier="live"),
        WARM,
        CALLS,
    ),
    case(
        BYPASS,
        "a queue that is switched off, and a user who may call",
        Outcome.PASSED,
        function(),
        provisioned(),
        event_source(qualifier=None, state="Disabled"),
        function_policy(permission(principal={"AWS": "123456789012"})),
        WARM,
        CALLS,
    ),
    case(
        BYPASS,
        "no calls at all",
        Outcome.PASSED,
        function(),
        provisioned(),
        COLD,
        measured("Invocations"),
    ),
    case(
        BYPASS,
        "not ready yet",
        Outcome.PASSED,
        function(),
        provisioned(status="IN_PROGRESS"),
        COLD,
        CALLS,
    ),
    case(BYPASS, "nothing provisioned", Outcome.PASSED, function(), event_source(qualifier=None)),
    case(BYPASS, "nobody measured", Outcome.NOT_EVALUATED, function(), provisioned(), CALLS),
    case(
        BYPASS,
        "event sources that could not be listed",
        Outcome.NOT_EVALUATED,
        function(),
        provisioned(),
        WARM,
        CALLS,
        gaps=(gap("EventSource"),),
    ),
    case(
        BYPASS,
        "a permission that cannot be read",
        Outcome.NOT_EVALUATED,
        function(),
        provisioned(),
        function_policy(permission(Action=7)),
        WARM,
        CALLS,
    ),
)
