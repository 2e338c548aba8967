"""What is shared is divided: whole, in order, and nobody gets less than nothing."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mlguard.cost.allocation import allocate, between, beyond
from mlguard.cost.span import Span

AMOUNTS = st.integers(min_value=0, max_value=10**11).map(Decimal)
SPANS = st.tuples(AMOUNTS, AMOUNTS, AMOUNTS).map(lambda ends: Span(*sorted(ends)))
USAGE = st.dictionaries(st.sampled_from("abcdef"), SPANS, min_size=1)
PARTS = st.one_of(
    st.builds(beyond, AMOUNTS),
    st.builds(lambda begins, width: between(begins, begins + width), AMOUNTS, AMOUNTS),
    st.builds(between, AMOUNTS, st.none()),
)


def ends(span: Span) -> tuple[Decimal, Decimal, Decimal]:
    return span.min, span.expected, span.max


@given(USAGE, PARTS)
def test_the_shares_add_up_to_the_part_of_the_whole_at_each_end(usage, part) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    shares = allocate(usage, part)
    whole, parted = Span.total(usage.values()), Span.total(shares.values())
    for used, got in zip(ends(whole), ends(parted), strict=True):
        assert abs(got - part(used)) < Decimal("1e-9")


@given(USAGE, PARTS)
def test_nobody_pays_for_less_than_nothing_nor_for_more_than_is_used(usage, part) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    for name, share in allocate(usage, part).items():
        for used, got in zip(ends(usage[name]), ends(share), strict=True):
            assert 0 <= got <= used + Decimal("1e-9")


@given(USAGE, PARTS)
def test_whose_usage_is_certain_has_a_certain_share_whatever_the_others_do(usage, part) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    for name, share in allocate(usage, part).items():
        assert share.certain or not usage[name].certain
