"""Every check there is, gathered from the topic modules; importing it reads no file."""

from typing import Final

from mlguard.check import Check
from mlguard.checks import (
    concurrency,
    endpoints,
    functions,
    instances,
    jobs,
    notebooks,
    roles,
    scaling,
    trust,
    users,
)

CATALOGUE: Final[tuple[Check, ...]] = (
    *roles.CHECKS,
    *trust.CHECKS,
    *users.CHECKS,
    *notebooks.CHECKS,
    *jobs.CHECKS,
    *endpoints.CHECKS,
    *scaling.CHECKS,
    *functions.CHECKS,
    *concurrency.CHECKS,
    *instances.CHECKS,
)
