"""The cost and hygiene policy: what a team allows, per surface, as frozen thresholds."""

import difflib
from typing import Final

from msgspec import Struct

from mlguard.data.instance_types import Surface, ec2_types, legal_types
from mlguard.errors import ConfigError

ACCOUNT_DIGITS: Final = 12


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is allowed; each default is the cheapest that AWS accepts there.

    Instance types are lists a surface: SageMaker prefixes its types with `ml.`, EC2 does not.
    `tuning` follows `training`. Days and hours are ages; a count is a maximum. `trusted_accounts`
    are the ids of other accounts that roles may trust. `required_tags` are keys that whatever costs
    money has to be tagged with.
    """

    notebook: tuple[str, ...] = ("ml.t2.medium", "ml.t3.medium")
    endpoint: tuple[str, ...] = ("ml.t2.medium",)
    training: tuple[str, ...] = ("ml.t3.medium",)
    processing: tuple[str, ...] = ("ml.t3.medium",)
    transform: tuple[str, ...] = ("ml.c6i.large",)
    instance: tuple[str, ...] = ("t2.micro",)
    trusted_accounts: tuple[str, ...] = ()
    required_tags: tuple[str, ...] = ()
    job_instances: int = 1
    reserved_concurrency: int = 5
    provisioned_concurrency: int = 1
    role_unused_days: int = 90
    user_inactive_days: int = 90
    endpoint_idle_days: int = 14
    function_unused_days: int = 30
    notebook_running_hours: int = 12
    instance_idle_days: int = 14

    def __post_init__(self) -> None:
        """Refuse a policy that nothing could obey; raises ConfigError with the legal values."""
        for surface in Surface:
            _refuse_illegal(surface.value, self.types(surface), legal_types(surface))
        _refuse_illegal("instance", self.instance, ec2_types())
        for account in self.trusted_accounts:
            if not (account.isdecimal() and len(account) == ACCOUNT_DIGITS):
                raise ConfigError(f"policy.trusted-accounts: {account!r} is not an id of 12 digits")
        for key in self.required_tags:
            if not key.strip():
                raise ConfigError("policy.required-tags: a key is empty; name a tag, as `owner`")
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, int) and value < 0:
                key = name.replace("_", "-")
                raise ConfigError(f"policy.{key}: {value} is negative; give 0 or more")

    def types(self, surface: Surface) -> tuple[str, ...]:
        """Return the instance types allowed on a SageMaker surface."""
        match surface:
            case Surface.NOTEBOOK:
                return self.notebook
            case Surface.TRAINING:
                return self.training
            case Surface.PROCESSING:
                return self.processing
            case Surface.TRANSFORM:
                return self.transform
            case Surface.ENDPOINT:
                return self.endpoint


def _refuse_illegal(name: str, allowed: tuple[str, ...], legal: frozenset[str]) -> None:
    if not allowed:
        raise ConfigError(f"policy.{name}: no instance type is allowed; name at least one")
    for instance_type in allowed:
        if instance_type not in legal:
            raise ConfigError(
                f"policy.{name}: AWS takes no {instance_type!r} there; "
                f"did you mean {_nearest(instance_type, legal)}? "
                f"legal: {', '.join(sorted(legal))}"
            )


def _nearest(instance_type: str, legal: frozenset[str]) -> str:
    near = difflib.get_close_matches(instance_type, sorted(legal), n=3, cutoff=0.0)
    return " or ".join(near)
