"""The Resource Groups Tagging API: SageMaker's resources, which moto leaves out of it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mlguard.sources.demo.gap_call import Amend, Answer, Call, Paging

_PAGING: Final = Paging(
    limit="ResourcesPerPage",
    token="PaginationToken",  # noqa: S106  # the name of a parameter
    next_token="PaginationToken",  # noqa: S106  # the name of a parameter
    default=50,
    refusal="PaginationTokenExpiredException",
)

# Where moto keeps them.
_SHELVES: Final = (
    *("_models", "endpoint_configs", "endpoints", "hyper_parameter_tuning_jobs"),
    *("notebook_instances", "notebook_instance_lifecycle_configurations", "processing_jobs"),
    *("training_jobs", "transform_jobs"),
)


def _resources(call: Call) -> Mapping[str, Any] | None:
    if call.params.get("ResourceTypeFilters") != ["sagemaker"] or "TagFilters" in call.params:
        return None
    entries = [{"ResourceARN": arn, "Tags": list(tags)} for arn, tags in _tagged(call) if tags]
    return _PAGING.page(call, "ResourceTagMappingList", entries)


def _tagged(call: Call) -> Iterator[tuple[str, list[dict[str, str]]]]:
    backend = call.backend("sagemaker")
    for shelf in _SHELVES:
        for held in getattr(backend, shelf).values():
            # Of an endpoint configuration moto has the ARN in a tuple, by a comma too many.
            arn = getattr(held, "endpoint_config_arn", None) or held.arn
            yield arn, getattr(held, "tags", None) or []


ANSWERS: Final[Mapping[str, Answer]] = {"GetResources": _resources}

AMENDS: Final[Mapping[str, Amend]] = {}
