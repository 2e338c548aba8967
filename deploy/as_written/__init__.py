"""The pipeline as it was first written down, with all its faults: what an audit has to find.

It is no configuration of the plan: nothing in the plan can be told to be wrong.
"""

from deploy.as_written import access, functions, hosting, training
from deploy.as_written.calls import ACCOUNT, REGION
from deploy.pipeline import Pipeline


def pipeline() -> Pipeline:
    """Return the write-up's pipeline, in an account of AWS's examples."""
    return Pipeline(
        account=ACCOUNT,
        region=REGION,
        steps=(
            *training.steps(),
            *hosting.endpoint_steps(),
            *functions.steps(),
            *hosting.scaling_steps(),
            *access.left_over_steps(),
        ),
    )
