"""The cheapest type that would be enough for an instance whose CPU was measured."""

import pytest

from mlguard.cost.sizing.machines import machine_sizings
from mlguard.resources.instances import Instance
from mlguard.resources.kinds import AnyResource
from mlguard.resources.metrics import MetricSeries
from mlguard.snapshot import Inventory
from tests.builders.account import snapshot
from tests.builders.ec2 import cpu, instance
from tests.cost.estimating import terms


def measured(mean: float, peak: float) -> tuple[MetricSeries, ...]:
    return (cpu(mean), cpu(peak, statistic="Maximum"))


def verdicts(*resources: AnyResource) -> tuple[str, ...]:
    inventory = Inventory(snapshot(*resources))
    return tuple(one.verdict for one in machine_sizings(inventory, terms()))


def on(instance_type: str) -> Instance:
    return instance(instance_type=instance_type)


def test_a_machine_that_idles_is_held_against_what_would_be_enough() -> None:
    # 8 GiB and next to no CPU: t3a.large, 0.0752 an hour; m5.large is 0.096.
    (said,) = verdicts(on("m5.large"), *measured(2.0, 10.0))
    assert said.startswith("2.0% of its 2 vCPU is in use, 10.0% at most")
    assert "8 GiB, since nobody measured it" in said
    assert "t3a.large would do for 15.18 USD a month less" in said


def test_a_machine_that_works_needs_a_type_that_lasts() -> None:
    # Burstable types sustain 60 % of a vCPU, of which 70 % may be asked: 1.6 are in use.
    (said,) = verdicts(on("m5.large"), *measured(80.0, 82.0))
    assert "t3a" not in said


def test_peaks_keep_the_processors_that_they_need() -> None:
    (idle,) = verdicts(on("c5.2xlarge"), *measured(1.0, 5.0))
    (peaks,) = verdicts(on("c5.2xlarge"), *measured(1.0, 95.0))
    assert "would do" in idle
    assert idle != peaks


@pytest.mark.parametrize(
    "resources",
    [
        (on("m5.large"),),
        (on("m5.large"), cpu(2.0)),
        (on("m5.large"), *(cpu(statistic=one) for one in ("Average", "Maximum"))),
        (on("g4dn.xlarge"), *measured(2.0, 10.0)),
        (on("inf1.xlarge"), *measured(2.0, 10.0)),
        (instance(instance_type="m5.large", spot=True), *measured(2.0, 10.0)),
        (instance(instance_type="m5.large", state="stopped"), *measured(2.0, 10.0)),
    ],
    ids=["not measured", "no peak", "no datapoints", "a GPU", "an accelerator", "spot", "stopped"],
)
def test_of_what_nobody_can_tell_nothing_is_said(resources: tuple[AnyResource, ...]) -> None:
    assert verdicts(*resources) == ()
