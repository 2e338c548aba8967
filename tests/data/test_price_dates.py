from datetime import date

import pytest

from mlguard.data.price_dates import earliest, months_between


@pytest.mark.parametrize(
    ("source_date", "day"),
    [
        ("2026-09-24", date(2026, 9, 24)),
        ("2026-09", date(2026, 9, 1)),
        ("2026", date(2026, 1, 1)),
        ("~2022-10", date(2022, 10, 1)),
        ("~2025", date(2025, 1, 1)),
        ("2024-07..2026", date(2026, 1, 1)),
        ("2022..2026", date(2026, 1, 1)),
        ("~2021..~2022-03", date(2022, 3, 1)),
        ("2025-2026", date(2026, 1, 1)),
        ("~2021-22", date(2022, 1, 1)),
    ],
)
def test_a_rough_date_is_the_first_day_that_it_may_be(source_date: str, day: date) -> None:
    assert earliest(source_date) == day


@pytest.mark.parametrize("text", ["", "~", "soon", "2026-", "2026-02-30", "26-01", "2026-09-24T00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|day"):
        earliest(text)


@pytest.mark.parametrize(
    ("then", "now", "months"),
    [
        (date(2026, 1, 31), date(2026, 2, 28), 0),
        (date(2026, 1, 31), date(2026, 3, 31), 2),
        (date(2025, 11, 24), date(2026, 11, 24), 12),
        (date(2025, 11, 25), date(2026, 11, 24), 11),
        (date(2027, 1, 1), date(2026, 11, 24), 0),
    ],
)
def test_months_are_counted_whole(then: date, now: date, months: int) -> None:
    assert months_between(then, now) == months
