"""The smallest instance for a need, and how it was found."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlguard.cost.prices import PriceBook
from mlguard.cost.sizing.smallest import Need, Smallest, smallest
from mlguard.data.instance_types import Surface, ec2_types, hardware, legal_types

REGION = "us-east-1"


def found(need: Need, surface: Surface | None, region: str = REGION) -> Smallest:
    return smallest(need, region=region, surface=surface, book=PriceBook())


def chosen(need: Need, surface: Surface | None) -> str:
    answer = found(need, surface)
    assert answer.offer is not None, answer.reasons
    return answer.offer.instance_type


def test_the_cheapest_hosting_type_is_ml_t2_medium() -> None:
    # botocore's enums: hosting takes of the T families only ml.t2, and from medium on.
    assert chosen(Need(), Surface.ENDPOINT) == "ml.t2.medium"


@pytest.mark.parametrize("surface", list(Surface))
def test_only_legal_types_are_offered(surface: Surface) -> None:
    answer = found(Need(), surface)
    offered = () if answer.offer is None else (answer.offer.instance_type,)
    assert {*offered, *answer.unpriced} <= legal_types(surface)


def test_a_steady_load_beyond_the_baseline_takes_a_machine_without_credits() -> None:
    # t2.medium sustains 0.4 vCPU: at 70 % that is 0.28.
    assert chosen(Need(sustained_vcpu=Decimal("0.28")), Surface.ENDPOINT) == "ml.t2.medium"
    answer = found(Need(sustained_vcpu=Decimal("0.29")), Surface.ENDPOINT)
    assert answer.offer is not None
    assert answer.offer.instance_type != "ml.t2.medium"
    assert any("burstable types count with their baseline" in one for one in answer.reasons)


def test_memory_decides_among_ec2_types() -> None:
    # 1 GiB: t3a.micro at 0.0094 is the cheapest x86 type; 4 GiB: t3a.medium at 0.0376.
    assert chosen(Need(memory_mib=1024), None) == "t3a.micro"
    assert chosen(Need(memory_mib=4096), None) == "t3a.medium"


def test_graviton_is_offered_only_to_what_runs_there() -> None:
    assert chosen(Need(memory_mib=1024, arm=True), None) == "t4g.micro"


def test_a_gpu_is_a_gpu() -> None:
    answer = found(Need(gpus=1), Surface.TRAINING)
    assert answer.offer is not None
    built = hardware(answer.offer.instance_type)
    assert built is not None
    assert built.gpus >= 1


def test_a_region_without_prices_has_no_answer_and_says_so() -> None:
    answer = found(Need(), Surface.ENDPOINT, region="xx-nowhere-1")
    assert answer.offer is None
    assert "ml.t2.medium" in answer.unpriced
    assert "no known price in xx-nowhere-1" in " ".join(answer.reasons)


def test_a_policy_narrows_the_choice() -> None:
    answer = smallest(
        Need(), region=REGION, surface=None, book=PriceBook(), among=("m5.large", "m5.xlarge")
    )
    assert answer.offer is not None
    assert answer.offer.instance_type == "m5.large"


def test_more_than_any_machine_has_is_no_machine() -> None:
    answer = found(Need(vcpu=100_000), None)
    assert answer.offer is None
    assert answer.unpriced == ()


@given(
    vcpu=st.integers(1, 64),
    memory=st.integers(0, 300_000),
    busy=st.decimals(0, 30, places=1),
    more=st.integers(0, 64),
)
def test_it_is_enough_and_a_larger_need_is_never_cheaper(
    vcpu: int, memory: int, busy: Decimal, more: int
) -> None:
    need = Need(vcpu=vcpu, memory_mib=memory, sustained_vcpu=busy)
    larger = Need(vcpu=vcpu + more, memory_mib=memory, sustained_vcpu=busy)
    small, large = found(need, None).offer, found(larger, None).offer
    if small is not None:
        assert small.built.vcpu >= vcpu
        assert small.built.memory_mib >= memory
        assert small.instance_type in ec2_types()
    if large is not None:
        assert small is not None
        assert small.price.amount <= large.price.amount
