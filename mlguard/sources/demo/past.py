"""The demo account's past: what was made when, who used it last, and how often it was called."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

import boto3

from mlguard.data.files import read
from mlguard.sources.demo.history import History

Entry = Mapping[str, Any]

# As far back as the collectors look, and a day more.
_DAYS: Final = 31
_DATA_PER_CALL: Final = 500
# The hours of a day in which calls are made, after it began.
_HOURS: Final = (0, 2, 5, 7)
_VARIANT: Final = "AllTraffic"


@dataclass(frozen=True, kw_only=True)
class Past:
    """Ages what an account in moto holds; what the account does not hold is passed over."""

    history: History
    session: boto3.Session
    now: datetime

    def apply(self) -> None:
        """Make the account as old, and as used, as `demo_history.json` says."""
        told = read("demo_history.json")
        for key, age in self._ages().items():
            for name, entry in told[key].items():
                self._age(age, name, entry)
        data = list(self._data(told))
        cloudwatch = self.session.client("cloudwatch")
        for namespace in sorted({namespace for namespace, _ in data}):
            ours = [datum for found, datum in data if found == namespace]
            for start in range(0, len(ours), _DATA_PER_CALL):
                batch = ours[start : start + _DATA_PER_CALL]
                cloudwatch.put_metric_data(Namespace=namespace, MetricData=batch)

    def _age(self, age: Callable[[str, Entry], None], name: str, entry: Entry) -> None:
        try:
            age(name, entry)
        except LookupError:
            return  # a part of the pipeline was made, without this

    def _ages(self) -> Mapping[str, Callable[[str, Entry], None]]:
        return {
            "roles": self._age_role,
            "users": self._age_user,
            "notebooks": self._age_notebook,
            "training_jobs": self._age_training_job,
            "endpoints": self._age_endpoint,
            "functions": self._age_function,
            "instances": self._age_instance,
        }

    def _ago(self, days: float) -> datetime:
        return self.now - timedelta(days=days)

    def _age_role(self, name: str, entry: Entry) -> None:
        self.history.age_role(name, self._ago(entry["created"]))
        self.history.role_used(name, self._ago(entry["used"]))

    def _age_user(self, name: str, entry: Entry) -> None:
        created = self._ago(entry["created"])
        self.history.age_user(name, created, self._ago(entry["password_used"]))
        keys = self.session.client("iam").list_access_keys(UserName=name)["AccessKeyMetadata"]
        for key in keys:
            self.history.age_access_key(key["AccessKeyId"], created, self._ago(entry["key_used"]))

    def _age_notebook(self, name: str, entry: Entry) -> None:
        self.history.age_notebook(name, self._ago(entry["created"]), self._ago(entry["started"]))

    def _age_training_job(self, name: str, entry: Entry) -> None:
        created = self._ago(entry["created"])
        self.history.age_training_job(name, created, created + timedelta(hours=entry["hours"]))

    def _age_endpoint(self, name: str, entry: Entry) -> None:
        self.history.age_endpoint(name, self._ago(entry["created"]))

    def _age_function(self, name: str, entry: Entry) -> None:
        self.history.age_function(name, self._ago(entry["changed"]))

    def _age_instance(self, name: str, entry: Entry) -> None:
        self.history.age_instance(self._instances[name], self._ago(entry["launched"]))

    @cached_property
    def _instances(self) -> Mapping[str, str]:
        """The ids of the EC2 instances, by the Name of each."""
        reservations = self.session.client("ec2").describe_instances()["Reservations"]
        instances = (found for one in reservations for found in one["Instances"])
        return {
            tag["Value"]: found["InstanceId"]
            for found in instances
            for tag in found.get("Tags", ())
            if tag["Key"] == "Name"
        }

    def _data(self, told: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
        """Yield what CloudWatch would hold: nothing for what was never called, or was not there."""
        for day in range(1, _DAYS):
            start = self._ago(day - 0.5)
            for number, hour in enumerate(_HOURS):
                when = start + timedelta(hours=hour)
                for name, entry in told["endpoints"].items():
                    if calls := _share(entry["calls"], number):
                        yield from _endpoint_data(name, entry, calls, when)
                for name, entry in told["functions"].items():
                    if calls := _share(entry["calls"], number):
                        yield from _function_data(name, entry, calls, number, when)
        for name, entry in told["instances"].items():
            if name in self._instances:
                for hour in range(entry["launched"] * 24):
                    when = self._ago((hour + 0.5) / 24)
                    yield _instance_datum(self._instances[name], entry, hour, when)


def _share(calls: int, number: int) -> int:
    """Return how many of a day's calls are made in one of its hours."""
    return calls // len(_HOURS) + (number < calls % len(_HOURS))


def _endpoint_data(
    name: str, entry: Entry, calls: int, when: datetime
) -> Iterator[tuple[str, Entry]]:
    dimensions = {"EndpointName": name, "VariantName": _VARIANT}
    values = {"Invocations": calls, "ModelLatency": entry["latency_ms"] * 1000}
    for metric, value in values.items():
        yield "AWS/SageMaker", _datum(metric, value, dimensions, when)


def _function_data(
    name: str, entry: Entry, calls: int, number: int, when: datetime
) -> Iterator[tuple[str, Entry]]:
    values = {
        "Invocations": calls,
        # The first that is called on a day waits longest.
        "Duration": entry["usual_ms"] if number else entry["slowest_ms"],
        "ConcurrentExecutions": 2,
        "Throttles": 0,
    }
    for metric, value in values.items():
        yield "AWS/Lambda", _datum(metric, value, {"FunctionName": name}, when)
    if "provisioned" in entry:
        dimensions = {"FunctionName": name, "Resource": f"{name}:{entry['provisioned']}"}
        used = {
            "ProvisionedConcurrencyInvocations": calls,
            "ProvisionedConcurrencySpilloverInvocations": 0,
            "ProvisionedConcurrencyUtilization": entry["utilisation"],
        }
        for metric, value in used.items():
            yield "AWS/Lambda", _datum(metric, value, dimensions, when)


def _instance_datum(instance_id: str, entry: Entry, hour: int, when: datetime) -> tuple[str, Entry]:
    busy = hour % 24 < entry["busy_hours"]
    percent = entry["busy_percent"] if busy else entry["idle_percent"]
    return "AWS/EC2", _datum("CPUUtilization", percent, {"InstanceId": instance_id}, when)


def _datum(metric: str, value: float, dimensions: Mapping[str, str], when: datetime) -> Entry:
    return {
        "MetricName": metric,
        "Timestamp": when,
        "Value": float(value),
        "Dimensions": [{"Name": key, "Value": held} for key, held in dimensions.items()],
    }
