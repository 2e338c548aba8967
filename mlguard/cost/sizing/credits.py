"""CPU credits: for how long a burstable instance runs at full speed, and what comes after.

EC2 User Guide, "Key concepts for burstable performance instances": a credit is a minute of a vCPU
at 100 %. In standard mode an instance without credits falls to its baseline; in unlimited mode it
goes on, and credits that it used without ever earning them are charged by the vCPU-hour.
"""

from dataclasses import dataclass
from decimal import Decimal

from mlguard.data.cpu_credits import CreditRates, credit_rates
from mlguard.data.instance_types import hardware

_MINUTES: int = 60

_UNLIMITED_BY_DEFAULT = frozenset({"t3", "t3a", "t4g"})
_LAUNCH_CREDITS_PER_VCPU = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Burstable:
    """A burstable instance type: its vCPUs, and what they earn."""

    instance_type: str
    vcpu: int
    rates: CreditRates

    @property
    def family(self) -> str:
        """The family, as credits are priced by: t2, t3, t3a, t4g."""
        return self.instance_type.removeprefix("ml.").partition(".")[0]

    @property
    def unlimited_by_default(self) -> bool:
        """True if AWS launches the type in unlimited mode unless told otherwise.

        EC2 API reference, "CreditSpecificationRequest": T2 is standard, T3, T3a and T4g unlimited.
        """
        return self.family in _UNLIMITED_BY_DEFAULT

    @property
    def launch_credits(self) -> Decimal:
        """What it begins with: 30 a vCPU for T2 in standard mode, nothing for the others.

        EC2 User Guide, "Launch credits".
        """
        standard = self.family == "t2"
        return Decimal(_LAUNCH_CREDITS_PER_VCPU * self.vcpu if standard else 0)

    @property
    def sustained_vcpu(self) -> Decimal:
        """CPU-seconds a second that it can go on using for ever without being charged more."""
        return self.rates.credits_per_hour / _MINUTES

    def full_speed_hours(self, balance: Decimal) -> Decimal:
        """Return for how many hours every vCPU runs at 100 % from a balance; see `balance_after`.

        What it earns meanwhile is spent too.
        """
        used = _MINUTES * self.vcpu - self.rates.credits_per_hour
        return min(balance, self.rates.max_credits) / used

    def balance_after(self, balance: Decimal, *, busy_vcpu: Decimal, hours: Decimal) -> Decimal:
        """Return the balance after hours of using so many vCPUs: never below 0, nor over the cap.

        Raises ValueError for more vCPUs than it has.
        """
        if not 0 <= busy_vcpu <= self.vcpu:
            raise ValueError(f"{self.instance_type} has {self.vcpu} vCPU, not {busy_vcpu}")
        gained = (self.rates.credits_per_hour - _MINUTES * busy_vcpu) * hours
        return min(max(balance + gained, Decimal(0)), self.rates.max_credits)

    def wall_hours(self, cpu_hours: Decimal, *, balance: Decimal) -> Decimal:
        """Return how long work of so many CPU-hours takes in standard mode, on every vCPU at once.

        At full speed until the balance is spent, then at the baseline.
        """
        burst = self.full_speed_hours(balance)
        done = burst * self.vcpu
        if cpu_hours <= done:
            return cpu_hours / self.vcpu
        return burst + (cpu_hours - done) / self.sustained_vcpu

    def unlimited_hours(self, cpu_hours: Decimal) -> Decimal:
        """Return how long work of so many CPU-hours takes in unlimited mode."""
        return cpu_hours / self.vcpu

    def surplus_vcpu_hours(self, cpu_hours: Decimal, *, balance: Decimal) -> Decimal:
        """Return the vCPU-hours that unlimited mode charges for the work, from a balance.

        What it used beyond its balance and what it earned meanwhile, and never earns back: the
        instance is stopped when it is done.
        """
        earned = self.unlimited_hours(cpu_hours) * self.rates.credits_per_hour
        saved = min(balance, self.rates.max_credits)
        return max(cpu_hours * _MINUTES - earned - saved, Decimal(0)) / _MINUTES

    def surplus_a_month(self, busy: Decimal, hours: Decimal) -> Decimal:
        """Return the vCPU-hours charged for `hours` at a mean load, in unlimited mode.

        `busy` is the mean part of all its vCPUs in use. What it saved up at first is left out: it
        is a day's worth at most.
        """
        return max(busy - self.rates.baseline, Decimal(0)) * self.vcpu * hours


def burstable(instance_type: str) -> Burstable | None:
    """Return the burstable type of that name, EC2's or SageMaker's; None if it is none, or unknown.

    In which mode SageMaker runs its T types is not documented, and it shows no balance.
    """
    rates, built = credit_rates(instance_type), hardware(instance_type)
    if rates is None or built is None:
        return None
    return Burstable(instance_type=instance_type, vcpu=built.vcpu, rates=rates)
