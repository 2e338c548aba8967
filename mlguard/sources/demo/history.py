"""A past for a demo account: moto makes everything now, these make it older."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mlguard.sources.demo import moto_state


class History:
    """Ages what moto holds of one account and region; names it does not hold are a LookupError.

    Every moment is an aware datetime.
    """

    def __init__(self, *, region: str, account: str | None = None) -> None:
        self.region = region
        self._account = account

    @property
    def account(self) -> str:
        """The account: what was given, or moto's default."""
        return self._account or moto_state.default_account()

    def role_used(self, name: str, when: datetime, *, region: str | None = None) -> None:
        """Let a role have been used last at that time (RoleLastUsed)."""
        role = self._role(name)
        role.last_used = _moto_time(when)
        role.last_used_region = region or self.region

    def age_role(self, name: str, created: datetime) -> None:
        """Let a role have been created at that time."""
        self._role(name).create_date = _moto_time(created)

    def age_user(
        self, name: str, created: datetime, password_last_used: datetime | None = None
    ) -> None:
        """Let a user have been created, and have signed in last, at those times.

        The credential report says when only for a user with a login profile.
        """
        user = _found(self._iam().users, "user", name)
        user.create_date = _moto_time(created)
        user.password_last_used = password_last_used and _moto_time(password_last_used)

    def age_access_key(
        self,
        key_id: str,
        created: datetime,
        last_used: datetime | None = None,
        *,
        service: str = "s3",
    ) -> None:
        """Let an access key have been created, and used last, at those times."""
        from moto.iam.models import AccessKeyLastUsed

        keys = {
            key.access_key_id: key
            for user in self._iam().users.values()
            for key in user.access_keys
        }
        key = _found(keys, "access key", key_id)
        key.create_date = _moto_time(created)
        key.last_used = last_used and AccessKeyLastUsed(
            timestamp=_moto_time(last_used), service=service, region=self.region
        )

    def age_policy(self, arn: str, created: datetime, updated: datetime | None = None) -> None:
        """Let a managed policy have been created and changed at those times."""
        policy = _found(self._iam().managed_policies, "policy", arn)
        policy.create_date = _moto_time(created)
        policy.update_date = _moto_time(updated or created)

    def age_notebook(self, name: str, created: datetime, modified: datetime | None = None) -> None:
        """Let a notebook instance have been created and changed at those times."""
        self._age_sagemaker("notebook_instances", name, created, modified)

    def age_endpoint(self, name: str, created: datetime, modified: datetime | None = None) -> None:
        """Let an endpoint have been created and changed at those times."""
        self._age_sagemaker("endpoints", name, created, modified)

    def age_endpoint_config(self, name: str, created: datetime) -> None:
        """Let an endpoint configuration have been created at that time."""
        self._age_sagemaker("endpoint_configs", name, created, None)

    def age_model(self, name: str, created: datetime) -> None:
        """Let a model have been created at that time."""
        self._age_sagemaker("_models", name, created, None)

    def age_training_job(self, name: str, created: datetime, ended: datetime | None = None) -> None:
        """Let a training job have been created, and have ended, at those times."""
        job = self._age_sagemaker("training_jobs", name, created, ended)
        job.training_start_time = _moto_time(created)
        job.training_end_time = _moto_time(ended or created)

    def age_function(self, name: str, modified: datetime) -> None:
        """Let the code and settings of a function, all versions, be of that time."""
        backend = self._backend("lambda")
        functions = {function.function_name: function for function in backend.list_functions()}
        latest = _found(functions, "function", name)
        spelled = f"{modified.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"
        latest.last_modified = spelled
        # The first of the versions is a copy of the latest.
        for version in backend.list_versions_by_function(name)[1:]:
            version.last_modified = spelled

    def age_instance(self, instance_id: str, launched: datetime) -> None:
        """Let an EC2 instance have been launched at that time."""
        instances = {
            instance.id: instance
            for reservation in self._backend("ec2").reservations.values()
            for instance in reservation.instances
        }
        _found(instances, "instance", instance_id).launch_time = _moto_time(launched)

    def age_log_group(self, name: str, created: datetime) -> None:
        """Let a log group have been created at that time."""
        group = _found(self._backend("logs").groups, "log group", name)
        group.creation_time = _moto_time(created)

    def _role(self, name: str) -> Any:
        roles = {role.name: role for role in self._iam().roles.values()}
        return _found(roles, "role", name)

    def _age_sagemaker(
        self, shelf: str, name: str, created: datetime, modified: datetime | None
    ) -> Any:
        held = getattr(self._backend("sagemaker"), shelf)
        found = _found(held, shelf.strip("_").replace("_", " ").rstrip("s"), name)
        found.creation_time = _moto_time(created)
        if hasattr(found, "last_modified_time"):
            found.last_modified_time = _moto_time(modified or created)
        return found

    def _iam(self) -> Any:
        return moto_state.backend("iam", account=self.account, region="aws")

    def _backend(self, service: str) -> Any:
        return moto_state.backend(service, account=self.account, region=self.region)


def _found(held: Mapping[str, Any], noun: str, name: str) -> Any:
    if name not in held:
        raise LookupError(f"moto holds no {noun} named {name!r}")
    return held[name]


def _moto_time(moment: datetime) -> datetime:
    """Return a moment as moto keeps it: UTC, without saying so."""
    if moment.tzinfo is None:
        raise ValueError("an aware datetime is wanted")
    return moment.astimezone(UTC).replace(tzinfo=None)
