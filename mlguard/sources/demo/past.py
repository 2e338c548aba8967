"""The demo account's past: what was made when, who used it last, and how often it was called."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import boto3

from mlguard.data.files import read
from mlguard.sources.demo.history import History

Entry = Mapping[str, Any]

# As far back as the collectors look, and a day more.
_DAYS: Final = 31
_DATA_PER_CALL: Final = 500
_VARIANT: Final = "AllTraffic"


@dataclass(frozen=True, slots=True, kw_only=True)
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

    def _data(self, told: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
        """Yield what CloudWatch would hold: nothing for what was never called."""
        for day in range(1, _DAYS):
            when = self._ago(day - 0.5)
            for name, entry in told["endpoints"].items():
                if entry["calls"]:
                    yield from _endpoint_data(name, entry, when)
            for name, entry in told["functions"].items():
                if entry["calls"]:
                    yield from _function_data(name, entry, when)


def _endpoint_data(name: str, entry: Entry, when: datetime) -> Iterator[tuple[str, Entry]]:
    dimensions = {"EndpointName": name, "VariantName": _VARIANT}
    yield "AWS/SageMaker", _datum("Invocations", entry["calls"], dimensions, when)


def _function_data(name: str, entry: Entry, when: datetime) -> Iterator[tuple[str, Entry]]:
    values = {
        "Invocations": entry["calls"],
        "Duration": entry["slowest_ms"],
        "ConcurrentExecutions": 2,
        "Throttles": 0,
    }
    for metric, value in values.items():
        yield "AWS/Lambda", _datum(metric, value, {"FunctionName": name}, when)
    if "provisioned" in entry:
        dimensions = {"FunctionName": name, "Resource": f"{name}:{entry['provisioned']}"}
        metric = "ProvisionedConcurrencyInvocations"
        yield "AWS/Lambda", _datum(metric, entry["calls"], dimensions, when)


def _datum(metric: str, value: float, dimensions: Mapping[str, str], when: datetime) -> Entry:
    return {
        "MetricName": metric,
        "Timestamp": when,
        "Value": float(value),
        "Dimensions": [{"Name": key, "Value": held} for key, held in dimensions.items()],
    }
