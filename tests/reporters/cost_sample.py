"""Costings to draw: every trouble there is, a change, silence, what keeps a budget."""

from dataclasses import replace
from decimal import Decimal

from mlguard.cost.advice import Advice
from mlguard.cost.bill import Bill
from mlguard.cost.budget import Budget
from mlguard.cost.costing import Compared, Costing
from mlguard.cost.difference import difference
from mlguard.cost.grouping import Basis, Group
from mlguard.cost.prices_used import prices_used
from mlguard.cost.sizing.break_even import break_even
from mlguard.cost.sizing.curve import Curve, CurveLine
from mlguard.cost.sizing.option import Fit, Kind, Option
from tests.builders import account
from tests.builders.bills import bill, estimate, known, not_known, span
from tests.reporters.sample import HOSTILE

LONG = "dog-breed-classifier-of-the-second-generation"
BREEDS = estimate("breeds", known(span("40.88", "71.54", "163.52")), tags={"owner": "vision"})
NOTEBOOK = estimate(
    LONG, known(span("33.87")), known(span("0.70"), what="5 GB volume"), kind="NotebookInstance"
)
TINY = estimate("score", known(span("0.0004", "0.0004", "2.75")), kind="Function")
PART = estimate(HOSTILE, known(span(12)), not_known(reason=f"no price {HOSTILE}"), kind="Endpoint")
BLIND = estimate("tuning", not_known("training hours", "it has not run"), kind="TuningJob")
NOTHING = estimate("stopped", known(span(0)), kind="Instance")
CHINA = estimate("peking", known(span(9000), currency="CNY"))
JOB = estimate("train", known(span(3, 6, 9)), kind="TrainingJob", per_run=Decimal("1.5"))

FULL = bill(
    BREEDS, NOTEBOOK, TINY, PART, BLIND, NOTHING, CHINA, JOB, gaps=(account.gap("Function"),)
)

POINTS = tuple(Decimal(at) * 2000 for at in range(25))
CURVE = Curve(
    requests_per_day=POINTS,
    lines=(
        CurveLine(
            what="ml.t2.medium",
            monthly=tuple(Decimal("40.88") * (1 if at < 36_000 else 2) for at in POINTS),
        ),
        CurveLine(
            what="serverless 2048 MB",
            monthly=tuple(at * Decimal("0.0012") for at in POINTS),
            crossing=Decimal(34112),
        ),
    ),
    at=Decimal(12_000),
    currency="USD",
)
SERVERLESS = Option(
    kind=Kind.SERVERLESS,
    what="serverless 2048 MB",
    monthly=span("14.38"),
    fit=Fit.UNKNOWN,
    why=("a request after a pause waits for a cold start", f"less memory than {HOSTILE}"),
    break_even=break_even(Decimal("40.88"), Decimal("0.00004"), latency_s=Decimal("0.985")),
)
LARGER = replace(SERVERLESS, what="serverless 4096 MB", monthly=span("28.76"))
BATCH = Option(
    kind=Kind.BATCH,
    what="batch transform every night on ml.m5.large",
    monthly=None,
    fit=Fit.UNKNOWN,
    lacking="how long a request takes was neither measured nor stated",
)
ADVICE = Advice(
    kind="Endpoint",
    arn=BREEDS.arn,
    name="breeds",
    part=HOSTILE,
    verdict="ml.t2.medium at 40.88 USD: nothing that would do for certain is cheaper",
    weighed=(SERVERLESS, LARGER, BATCH),
    curve=CURVE,
)


def costing(of: Bill, **more: object) -> Costing:
    return Costing(
        source="aws",
        accounts=(account.ACCOUNT,),
        regions=(account.REGION,),
        taken_at=account.NOW,
        bill=of,
        prices=prices_used(of),
        **{"saving": Decimal(0), "after": of.monthly_usd.expected, **more},  # type: ignore[arg-type]  # a test's keywords
    )


def full() -> Costing:
    """Every state of an estimate, groups, advice, a budget that is over, doubts."""
    return costing(
        FULL,
        saving=Decimal("20.5"),
        after=Decimal("103.61"),
        budget=Budget(monthly_usd=Decimal(100)),
        pipelines=(
            Group(name=HOSTILE, basis=Basis.TAG, estimates=(BREEDS, PART)),
            Group(name="train", basis=Basis.ALONE, estimates=(JOB,)),
        ),
        owners=(
            Group(name="vision", basis=Basis.TAG, estimates=(BREEDS,)),
            Group(name="(no owner)", basis=Basis.UNTAGGED, estimates=FULL.estimates[1:]),
        ),
        advice=(ADVICE,),
    )


def small() -> Costing:
    """One resource, known for certain, within its budget."""
    return costing(bill(NOTEBOOK), budget=Budget(monthly_usd=Decimal(50)))


def changed() -> Costing:
    """Dearer, cheaper, new, gone, and no longer known: against a file of a hostile name."""
    before = bill(
        estimate("breeds", known(span("40.88"))),
        estimate("gone", known(span(10)), kind="Function"),
        estimate("tuning", known(span(3)), kind="TuningJob"),
        NOTEBOOK,
    )
    compared = Compared(to=HOSTILE, difference=difference(before, FULL), changes_only=True)
    return costing(FULL, compared=compared, budget=Budget(monthly_usd=Decimal(5000)))


def wished() -> Costing:
    """What if: the whole, and what changed."""
    after = bill(estimate("breeds", known(span("83.95"))))
    compared = Compared(
        to="what is there", difference=difference(bill(BREEDS), after), changes_only=False
    )
    return costing(after, wishes=("endpoint=ml.m5.large",), compared=compared)


def silent() -> Costing:
    """Nothing changed."""
    same = Compared(to="old.json", difference=difference(FULL, FULL), changes_only=True)
    return costing(FULL, compared=same)


def empty() -> Costing:
    """A source that tells of nothing that costs money."""
    return costing(bill(covered=False), budget=Budget(monthly_usd=Decimal(1)))
