"""Application Auto Scaling and the alarms that drive it."""

from mlguard.resources.base import Instant, Part, Resource


class ScalableTarget(Resource, frozen=True, kw_only=True):
    """A registered scalable target; `resource_id` as AWS writes it.

    `endpoint/E/variant/V`, `inference-component/C`, or `function:F:QUALIFIER`.
    """

    service_namespace: str
    resource_id: str
    dimension: str
    min_capacity: int
    max_capacity: int
    created_at: Instant
    suspended: tuple[str, ...] = ()


class ScalingPolicy(Resource, frozen=True, kw_only=True):
    """A scaling policy of a target."""

    service_namespace: str
    resource_id: str
    dimension: str
    policy_type: str
    target_value: float | None = None
    predefined_metric: str | None = None
    custom_metric: str | None = None
    scale_in_disabled: bool = False
    scale_in_cooldown_s: int | None = None
    scale_out_cooldown_s: int | None = None
    alarms: tuple[str, ...] = ()


class ScheduledAction(Resource, frozen=True, kw_only=True):
    """A scheduled action of a target: what it sets the bounds to, and when."""

    service_namespace: str
    resource_id: str
    dimension: str
    schedule: str
    min_capacity: int | None = None
    max_capacity: int | None = None
    start_at: Instant | None = None
    end_at: Instant | None = None


class AlarmMetric(Part, frozen=True, kw_only=True):
    """A metric that an alarm watches."""

    namespace: str
    metric: str
    dimensions: dict[str, str]


class Alarm(Resource, frozen=True, kw_only=True):
    """A CloudWatch alarm; `metrics` has one entry, or several where it does metric math."""

    metrics: tuple[AlarmMetric, ...]
    actions_enabled: bool
    alarm_actions: tuple[str, ...] = ()
