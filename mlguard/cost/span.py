"""An amount that is not one number: at least, as expected, at most."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """`min <= expected <= max`, of USD or of units; raises ValueError where they are not."""

    min: Decimal
    expected: Decimal
    max: Decimal

    def __post_init__(self) -> None:
        """Refuse what is out of order: a gate may be set on any of the three."""
        if not self.min <= self.expected <= self.max:
            raise ValueError(f"not in order: {self.min}, {self.expected}, {self.max}")

    @classmethod
    def exactly(cls, amount: Decimal | int) -> "Span":
        """Return the span of an amount that is known for certain."""
        whole = Decimal(amount)
        return cls(whole, whole, whole)

    @classmethod
    def total(cls, spans: Iterable["Span"]) -> "Span":
        """Return the sum of spans, each end by itself; of none it is zero."""
        whole = cls.exactly(0)
        for span in spans:
            whole = whole + span
        return whole

    def __add__(self, other: "Span") -> "Span":
        """Return the sum, each end by itself."""
        return Span(self.min + other.min, self.expected + other.expected, self.max + other.max)

    def __mul__(self, factor: Decimal | int) -> "Span":
        """Return the span times a factor that is not negative."""
        return Span(self.min * factor, self.expected * factor, self.max * factor)

    @property
    def certain(self) -> bool:
        """True if there is but one amount that it can be."""
        return self.min == self.max
