"""An account in memory for the tests of deploy, a pipeline like the real one, and interruptions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3

from deploy.pipeline import Pipeline
from deploy.status import status
from deploy.thing import Patience, State
from mlguard.sources.demo.account import empty
from mlguard.sources.demo.images import publish
from tests.deploy.steps import (
    ACCOUNT,
    REGION,
    STEPS,
    step,
)

READS = ("Get", "List", "Describe", "Head")


class Silent:
    """Progress that only remembers."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.waited: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def wait(self, text: str) -> None:
        self.waited.append(text)


def never(_: float) -> None:
    """Sleep not at all."""


PATIENCE = Patience(looks=5, sleep=never)


def changed(id: str, **parameters: Any) -> Pipeline:  # noqa: A002  # the field's name
    """Return the pipeline with other parameters in one step."""
    steps = [
        step(
            one.id,
            f"{one.service}:{one.operation}",
            **{**one.parameters, **(parameters if one.id == id else {})},
        )
        for one in STEPS
    ]
    return Pipeline(account=ACCOUNT, region=REGION, steps=tuple(steps))


@contextmanager
def account(*, managed: bool = False, region: str = REGION) -> Iterator[boto3.Session]:
    """Yield a session for an empty account in which the images of AWS can be found."""
    with empty(region, managed=managed) as (session, _):
        publish(session, account=ACCOUNT)
        # Making a client takes longer than all that is asked of it here.
        session.client = Clients(session.client)
        yield session


class Clients:
    """What makes clients, once for each service."""

    def __init__(self, make: Any) -> None:
        self._make = make
        self._made: dict[str, Any] = {}

    def __call__(self, service: str, **options: Any) -> Any:
        if service not in self._made:
            self._made[service] = self._make(service, **options)
        return self._made[service]

    def forget(self) -> None:
        """Let clients be made that know of handlers registered since."""
        self._made.clear()


class Interrupted(Exception):  # noqa: N818  # no error: the plug is pulled
    """The process ends here."""


class Writes:
    """The calls of a session that change something, in order; the k-th can end the process."""

    def __init__(self, session: boto3.Session) -> None:
        self.calls: list[str] = []
        self._before: int | None = None
        self._after: int | None = None
        session.client.forget()
        session.events.register_first("before-call.*.*", self._sent)
        # By its full name, to come after those who complete what is answered.
        for service, operation in {(one.service, one.operation) for one in STEPS}:
            model = session._session.get_service_model(service)
            event = f"after-call.{model.service_id.hyphenize()}.{operation}"
            session.events.register_last(event, self._answered)

    def interrupt(self, *, before: int | None = None, after: int | None = None) -> None:
        self._before, self._after = before, after
        self.calls.clear()

    def _sent(self, model: Any, **_: Any) -> None:
        if model.name.startswith(READS):
            return
        if len(self.calls) == self._before:
            raise Interrupted
        self.calls.append(f"{model.service_model.service_name}:{model.name}")

    def _answered(self, model: Any, **_: Any) -> None:
        if not model.name.startswith(READS) and len(self.calls) - 1 == self._after:
            raise Interrupted


def picture(pipeline: Pipeline, session: boto3.Session) -> Mapping[str, Any]:
    """Return what stands in the account: every step, and how many there are of each thing."""
    client = session.client
    functions = client("lambda").list_functions()["Functions"]
    return {
        "steps": {one.step.id: one.state for one in status(pipeline, session)},
        "versions": {
            function["FunctionName"]: [
                version["Version"]
                for version in client("lambda").list_versions_by_function(
                    FunctionName=function["FunctionName"]
                )["Versions"]
            ]
            for function in functions
        },
        "instances": len(client("ec2").describe_instances()["Reservations"]),
        "groups": len(client("ec2").describe_security_groups()["SecurityGroups"]),
        "keys": len(client("kms").list_keys()["Keys"]),
        "topics": len(client("sns").list_topics()["Topics"]),
        "subscriptions": len(client("sns").list_subscriptions()["Subscriptions"]),
        "queues": len(client("sqs").list_queues().get("QueueUrls", ())),
        "roles": sorted(role["RoleName"] for role in client("iam").list_roles()["Roles"]),
        "policies": {
            policy["PolicyName"]: len(
                client("iam").list_policy_versions(PolicyArn=policy["Arn"])["Versions"]
            )
            for policy in client("iam").list_policies(Scope="Local")["Policies"]
        },
        "endpoints": len(client("sagemaker").list_endpoints()["Endpoints"]),
        "notebooks": len(client("sagemaker").list_notebook_instances()["NotebookInstances"]),
    }


def all_there(pipeline: Pipeline, session: boto3.Session) -> bool:
    return all(one.state is State.THERE for one in status(pipeline, session))


def paid_for(session: boto3.Session) -> list[str]:
    """Return what still costs money in the account, whoever made it."""
    client = session.client
    instances = client("ec2").describe_instances()["Reservations"]
    keys = [
        client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        for key in client("kms").list_keys()["Keys"]
    ]
    return [
        *(one["EndpointName"] for one in client("sagemaker").list_endpoints()["Endpoints"]),
        *(
            one["NotebookInstanceName"]
            for one in client("sagemaker").list_notebook_instances()["NotebookInstances"]
        ),
        *(
            one["Instances"][0]["InstanceId"]
            for one in instances
            if one["Instances"][0]["State"]["Name"] not in {"terminated", "shutting-down"}
        ),
        *(one["VolumeId"] for one in client("ec2").describe_volumes()["Volumes"]),
        *(one["FunctionName"] for one in client("lambda").list_functions()["Functions"]),
        *(one["Name"] for one in client("s3").list_buckets()["Buckets"]),
        *(one["KeyId"] for one in keys if one["KeyState"] != "PendingDeletion"),
        *(one["logGroupName"] for one in client("logs").describe_log_groups()["logGroups"]),
        *(one["AlarmName"] for one in client("cloudwatch").describe_alarms()["MetricAlarms"]),
        *(one["TopicArn"] for one in client("sns").list_topics()["Topics"]),
        *client("sqs").list_queues().get("QueueUrls", ()),
    ]
