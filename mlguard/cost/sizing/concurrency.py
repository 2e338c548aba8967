"""How much concurrency a function needs, and when keeping it warm pays."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from mlguard.cost.invocations import SECONDS_A_MONTH
from mlguard.cost.prices import PriceBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A number, and the sentence that it follows from."""

    amount: Decimal
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmPrices:
    """What a GB-second costs on demand, kept warm, and running while kept warm; one currency."""

    on_demand: Decimal
    kept: Decimal
    running: Decimal

    @classmethod
    def of(cls, book: PriceBook, region: str, architecture: str) -> "WarmPrices | None":
        """Return the prices there, in the first tier; None if one of them is not known in USD."""
        charges = ("Duration", "ProvisionedConcurrency", "ProvisionedDuration")
        found = [book.function(region, architecture, charge) for charge in charges]
        known = [price.amount for price in found if price is not None and price.currency == "USD"]
        if len(known) < len(charges):
            return None
        return cls(on_demand=known[0], kept=known[1], running=known[2])


def load(rps: Decimal, seconds: Decimal) -> Decimal:
    """Return how many run at once on the mean: Little's law."""
    return rps * seconds


def utilisation(rps: Decimal, seconds: Decimal, count: Decimal | int) -> Decimal:
    """Return what share of so many environments is in use on the mean."""
    return load(rps, seconds) / count


def break_even(prices: WarmPrices) -> Answer | None:
    """Return from which utilisation on provisioned concurrency is cheaper than on demand.

    None where it never is: where running warm is no cheaper.
    """
    less = prices.on_demand - prices.running
    if less <= 0:
        return None
    share = prices.kept / less
    return Answer(
        amount=share,
        because=(
            f"an environment kept warm costs {prices.kept:f} USD a GB-second, and saves {less:f} "
            f"in each in which it runs ({prices.on_demand:f} on demand, {prices.running:f} warm): "
            f"it pays from a utilisation of {share:.2f} on"
        ),
    )


def break_even_requests(
    prices: WarmPrices, *, count: Decimal | int, seconds: Decimal
) -> Answer | None:
    """Return from how many calls a month on provisioned concurrency pays for itself."""
    share = break_even(prices)
    if share is None:
        return None
    calls = share.amount * count * SECONDS_A_MONTH / seconds
    return Answer(
        amount=calls,
        because=(
            f"{calls:,.0f} calls of {seconds} s fill {share.amount:.2f} of the month of {count}: "
            f"{share.because}"
        ),
    )


def wasted(
    prices: WarmPrices, *, gigabytes: Decimal, count: Decimal | int, used: Decimal
) -> Answer:
    """Return what provisioned concurrency costs a month more than the same calls on demand would.

    `gigabytes` are those of one environment, `used` the mean utilisation. Below zero, it saves.
    """
    whole = gigabytes * count * SECONDS_A_MONTH
    paid, spared = prices.kept * whole, (prices.on_demand - prices.running) * whole * used
    return Answer(
        amount=paid - spared,
        because=(
            f"{count} of {gigabytes * 1024:.0f} MB cost {paid:.2f} USD a month, and at a "
            f"utilisation of {used:.1%} spare {spared:.2f} of what runs on demand would cost"
        ),
    )


def needed(peak_rps: Decimal, p95_s: Decimal) -> Answer:
    """Return how many have to run at once, so that a peak is not throttled: Little's law."""
    at_once = load(peak_rps, p95_s)
    count = at_once.to_integral_value(rounding=ROUND_CEILING)
    return Answer(
        amount=count,
        because=(
            f"{peak_rps} calls a second of {p95_s} s are {at_once} at once: {count} are enough"
        ),
    )


def steady_rps(count: int, seconds: Decimal) -> Answer:
    """Return how many calls a second so many environments take without throttling any."""
    rps = count / seconds
    return Answer(
        amount=rps,
        because=f"{count} at once, {seconds} s each, are {rps:.2f} calls a second",
    )


def against_serverless(count: int, max_concurrency: int) -> Answer:
    """Return how many calls of a function an endpoint without instances would refuse at worst."""
    beyond = max(count - max_concurrency, 0)
    told = f"{beyond} of them are refused" if beyond else "all of them are answered"
    return Answer(
        amount=Decimal(beyond),
        because=(
            f"{count} may call at once, and the endpoint takes {max_concurrency} at once: {told}"
        ),
    )


def against_instances(
    count: int, seconds: Decimal, *, instances: int, target_per_minute: Decimal
) -> Answer:
    """Return how many times what an endpoint scales for a function can send it.

    `target_per_minute` is what the scaling policy wants each of at most so many instances to get
    (SageMakerVariantInvocationsPerInstance). `seconds` is the longest that a call of the
    function takes: the shorter they are, the more it sends.
    """
    sent = steady_rps(count, seconds)
    taken = instances * target_per_minute / 60
    return Answer(
        amount=sent.amount / taken,
        because=(
            f"{sent.because}; the endpoint scales for {taken:.2f}: {instances} instances at most, "
            f"{target_per_minute:f} calls a minute each"
        ),
    )


def arm_saving(
    book: PriceBook, region: str, *, gb_s: Decimal, kept_gb_s: Decimal = Decimal(0)
) -> Answer | None:
    """Return what a month would cost less on arm64 if it took as long there; None if unknown.

    `gb_s` is what runs on demand, `kept_gb_s` what is kept warm. How long it takes on arm64
    nobody knows before it was tried.
    """
    old, new = (WarmPrices.of(book, region, one) for one in ("x86_64", "arm64"))
    if old is None or new is None:
        return None
    saved = gb_s * (old.on_demand - new.on_demand) + kept_gb_s * (old.kept - new.kept)
    slower = old.on_demand / new.on_demand
    return Answer(
        amount=saved,
        because=(
            f"a GB-second costs {new.on_demand:f} USD on arm64 and {old.on_demand:f} on x86_64: "
            f"{saved:.2f} USD a month less if it takes as long, and no more as long as it takes "
            f"less than {slower:.2f} times as long"
        ),
    )


def memory_break_even(now_mb: int, wanted_mb: int) -> Answer:
    """Return to what share of its duration a function must fall for more memory to cost no more.

    A function gets processor in proportion to memory, a whole one at 1,769 MB: AWS Lambda
    Developer Guide, "Configure Lambda function memory". What waits for others gets no faster.
    """
    share = Decimal(now_mb) / wanted_mb
    return Answer(
        amount=share,
        because=(
            f"{wanted_mb} MB cost {1 / share:.2f} times as much a second as {now_mb} MB, and come "
            f"with as much more processor: they cost no more if a call takes at most {share:.2f} "
            "of its time, which holds for computing and not for waiting"
        ),
    )
