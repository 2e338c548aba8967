"""Every check there is, gathered from the topic modules; importing it reads no file."""

from typing import Final

from mlguard.check import Check
from mlguard.checks import (
    administrators,
    budget,
    concurrency,
    data_access,
    deputies,
    endpoint_costs,
    endpoints,
    escalation,
    function_fit,
    functions,
    idle_instances,
    instances,
    job_costs,
    jobs,
    notebooks,
    passing,
    provisioned,
    roles,
    scaling,
    sharing,
    tagging,
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
    *job_costs.CHECKS,
    *endpoints.CHECKS,
    *endpoint_costs.CHECKS,
    *scaling.CHECKS,
    *functions.CHECKS,
    *function_fit.CHECKS,
    *concurrency.CHECKS,
    *provisioned.CHECKS,
    *instances.CHECKS,
    *budget.CHECKS,
    *idle_instances.CHECKS,
    *tagging.CHECKS,
)
