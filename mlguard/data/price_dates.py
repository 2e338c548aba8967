"""The dates that prices are of: whole days, months, years, about then, or from then to then."""

import re
from datetime import date
from typing import Final

_SPAN: Final = ".."
_MONTHS: Final = 12
_MOMENT: Final = re.compile(
    r"(?P<year>\d{4})(?:-(?:(?P<last_year>\d{4})|(?P<second>\d{2})(?:-(?P<day>\d{2}))?))?"
)


def earliest(source_date: str) -> date:
    """Return the first day that a price may have been seen last on; raises ValueError.

    "~2022-10" is about October 2022, so its first day; "2024-07..2026" was seen up to some day of
    2026, so it is that year's first. "2021-22" and "2025-2026" are years.
    """
    last = source_date.rpartition(_SPAN)[2].removeprefix("~")
    found = _MOMENT.fullmatch(last)
    if found is None:
        raise ValueError(
            f"{source_date!r} is no date such as 2026-09-24, 2026-09, ~2026, 2025..2026"
        )
    if found["last_year"]:
        return date(int(found["last_year"]), 1, 1)
    year, second = int(found["year"]), int(found["second"] or 1)
    if second > _MONTHS and not found["day"]:
        return date(year - year % 100 + second, 1, 1)
    return date(year, second, int(found["day"] or 1))


def months_between(then: date, now: date) -> int:
    """Return how many whole months lie between two days; 0 where `then` is not before `now`."""
    months = (now.year - then.year) * _MONTHS + now.month - then.month
    return max(months - (now.day < then.day), 0)
