"""Lambda: functions, what is published of them, who may call them, how many may run at once."""

from mlguard.resources.base import Instant, Resource


class Function(Resource, frozen=True, kw_only=True):
    """A function in its $LATEST version (GetFunction); `arn` has no qualifier.

    `reserved_concurrency` None: none is reserved. 0: the function is switched off.
    `ephemeral_storage_mb` is the size of /tmp.
    """

    role_arn: str
    runtime: str | None
    handler: str | None
    package_type: str
    architecture: str
    memory_mb: int
    timeout_s: int
    last_modified_at: Instant
    reserved_concurrency: int | None
    tracing: str
    dead_letter_arn: str | None = None
    kms_key_arn: str | None = None
    subnets: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    capacity_provider: str | None = None
    code_sha256: str | None = None
    ephemeral_storage_mb: int = 512


class FunctionEnvironment(Resource, frozen=True, kw_only=True):
    """The environment variables of a function in its $LATEST version; `arn` is the function's.

    Apart from Function: Lambda keeps them to itself where the caller may not decrypt them.
    """

    variables: dict[str, str]


class FunctionVersion(Resource, frozen=True, kw_only=True):
    """A published version of a function; `arn` ends in the version."""

    function_arn: str
    version: str
    role_arn: str
    memory_mb: int
    architecture: str


class FunctionAlias(Resource, frozen=True, kw_only=True):
    """An alias; `routed_versions` are further versions that get a share of its calls."""

    function_arn: str
    version: str
    routed_versions: tuple[str, ...] = ()


class FunctionPolicy(Resource, frozen=True, kw_only=True):
    """The resource policy of a function or of one qualifier; exists only where AWS has one."""

    function_arn: str
    document: str
    qualifier: str | None = None


class FunctionUrl(Resource, frozen=True, kw_only=True):
    """A function URL; `arn` is the function's, with the qualifier where there is one."""

    function_arn: str
    url: str
    auth_type: str
    qualifier: str | None = None
    cors_origins: tuple[str, ...] = ()


class ProvisionedConcurrency(Resource, frozen=True, kw_only=True):
    """Provisioned concurrency of one qualifier; `arn` ends in that qualifier."""

    function_arn: str
    qualifier: str
    requested: int
    status: str
    allocated: int | None = None
    available: int | None = None
    status_reason: str | None = None


class EventSource(Resource, frozen=True, kw_only=True):
    """An event source mapping; `qualifier` is None when it calls the bare function."""

    function_arn: str
    state: str
    qualifier: str | None = None
    event_source_arn: str | None = None
    max_concurrency: int | None = None


class LambdaAccount(Resource, frozen=True, kw_only=True):
    """What an account may run in one region (GetAccountSettings).

    The ARN is of our making: AWS gives an account's Lambda settings none.
    """

    concurrent_executions: int
    unreserved_concurrent_executions: int
