"""Every check there is, gathered from the topic modules; importing it reads no file."""

from typing import Final

from mlguard.check import Check
from mlguard.checks import (
    administrators,
    concurrency,
    data_access,
    deputies,
    endpoints,
    escalation,
    function_fit,
    functions,
    instances,
    jobs,
    notebooks,
    passing,
    provisioned,
    roles,
    scaling,
    sharing,
    trust,
    trusting,
    users,
)

# Escalations come first: the search for them takes most memory, while the least is there yet.
CATALOGUE: Final[tuple[Check, ...]] = (
    *escalation.CHECKS,
    *roles.CHECKS,
    *administrators.CHECKS,
    *passing.CHECKS,
    *data_access.CHECKS,
    *trust.CHECKS,
    *trusting.CHECKS,
    *deputies.CHECKS,
    *sharing.CHECKS,
    *users.CHECKS,
    *notebooks.CHECKS,
    *jobs.CHECKS,
    *endpoints.CHECKS,
    *scaling.CHECKS,
    *functions.CHECKS,
    *function_fit.CHECKS,
    *concurrency.CHECKS,
    *provisioned.CHECKS,
    *instances.CHECKS,
)
