"""An account as the search for escalations sees it: who is there, and what could be edited."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from mlguard.iam.evaluation.policies import Carrier, PolicySet

_NOTHING: Final[Mapping[str, Carrier]] = MappingProxyType({})
_NO_VERSIONS: Final[Mapping[str, tuple[Carrier, ...]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Member:
    """A user or role.

    `attached` are the ARNs of its managed policies, those of its groups too; `groups` are ARNs.
    `trust` is None for a user, and for a role whose trust policy nobody could read. `password`,
    `keys_full` (has the user as many access keys as one can have) and `in_profile` (does an
    instance profile hold the role) are None where nobody knows.
    """

    arn: str
    policies: PolicySet
    attached: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    boundary: str | None = None
    trust: Carrier | None = None
    password: bool | None = None
    keys_full: bool | None = None
    in_profile: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Team:
    """A group of users."""

    arn: str
    policies: tuple[Carrier, ...] = ()
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A resource that runs with a role: a function, a notebook instance, an EC2 instance.

    `stopped`: it does not run, and can be started. `script` is what it runs whenever it starts, if
    that is a resource of its own.
    """

    kind: str
    arn: str
    role: str
    stopped: bool = False
    script: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class AccountView:
    """One account or several.

    `managed` are the managed policies by ARN; `versions` their versions that are not in force, of
    those of which every version was read. `hosts_read` names the kinds of host of which
    `hosts` has every one. `whole`: no role or user is missing.
    """

    members: tuple[Member, ...]
    teams: tuple[Team, ...] = ()
    managed: Mapping[str, Carrier] = field(default_factory=lambda: _NOTHING)
    versions: Mapping[str, tuple[Carrier, ...]] = field(default_factory=lambda: _NO_VERSIONS)
    hosts: tuple[Host, ...] = ()
    hosts_read: frozenset[str] = frozenset()
    whole: bool = True
