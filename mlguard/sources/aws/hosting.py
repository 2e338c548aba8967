"""Models, endpoint configurations and endpoints.

Their tags are a kind of their own (TagSet): SageMaker tells them one resource a call.
"""

from typing import Final

from mlguard.resources.base import Resource
from mlguard.resources.hosting import Endpoint, EndpointConfig, Model
from mlguard.sources.aws.listed import Listed, collect_listed
from mlguard.sources.aws.reading import Reading
from mlguard.sources.readers.hosting import endpoint, endpoint_config, model

LISTED: Final = (
    Listed(kind=Model, word="Model", key="Models", read=model),
    Listed(kind=EndpointConfig, word="EndpointConfig", key="EndpointConfigs", read=endpoint_config),
    Listed(kind=Endpoint, word="Endpoint", key="Endpoints", read=endpoint),
)
KINDS: Final[tuple[type[Resource], ...]] = tuple(listed.kind for listed in LISTED)
OPERATIONS: Final[tuple[str, ...]] = tuple(
    operation for listed in LISTED for operation in listed.operations
)


def collect(reading: Reading) -> None:
    """Read every model, endpoint configuration and endpoint."""
    for listed in LISTED:
        collect_listed(reading, listed)
