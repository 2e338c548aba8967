"""SageMaker hosting: models, endpoint configurations, endpoints."""

from mlguard.resources.base import Instant, Part, Resource
from mlguard.resources.capacity import Capacity


class Container(Part, frozen=True, kw_only=True):
    """A container of a model."""

    image: str | None
    model_data_url: str | None
    environment: dict[str, str]
    multi_model: bool = False


class Model(Resource, frozen=True, kw_only=True):
    """A model (DescribeModel)."""

    created_at: Instant
    role_arn: str | None
    containers: tuple[Container, ...]
    network_isolation: bool
    subnets: tuple[str, ...] = ()


class ManagedScaling(Part, frozen=True, kw_only=True):
    """ManagedInstanceScaling of a variant."""

    status: str
    min_instances: int | None = None
    max_instances: int | None = None


class Variant(Part, frozen=True, kw_only=True):
    """A production or shadow variant of an endpoint configuration.

    `model_name` is None for endpoints that host inference components; `volume_size_gb` is the
    storage volume of each instance, None where the configuration gives it no size.
    """

    name: str
    capacity: Capacity
    model_name: str | None = None
    weight: float | None = None
    managed_scaling: ManagedScaling | None = None
    volume_size_gb: int | None = None


class EndpointConfig(Resource, frozen=True, kw_only=True):
    """An endpoint configuration (DescribeEndpointConfig)."""

    created_at: Instant
    variants: tuple[Variant, ...]
    shadow_variants: tuple[Variant, ...] = ()
    asynchronous: bool = False
    kms_key_id: str | None = None
    data_capture: bool = False
    execution_role_arn: str | None = None


class RunningVariant(Part, frozen=True, kw_only=True):
    """A variant as it runs now: counts are None for serverless variants."""

    name: str
    current_count: int | None = None
    desired_count: int | None = None


class Endpoint(Resource, frozen=True, kw_only=True):
    """An endpoint (DescribeEndpoint)."""

    status: str
    config_name: str | None
    created_at: Instant
    last_modified_at: Instant
    variants: tuple[RunningVariant, ...]
    failure_reason: str | None = None
