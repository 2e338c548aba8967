"""Five functions under one role: open to anyone, too impatient, or with concurrency gone wrong."""

from collections.abc import Iterator, Mapping
from typing import Final

from deploy.as_written.calls import attach, call, role
from deploy.pipeline import Step, Value, result_of

_ROLE: Final = "dog-breed-lambda"
_ALIAS: Final = "live"

# Archives of one lambda_function.py, as they are: packed again, their bytes could change. This
# one makes its client on every call, and names the endpoint in the code.
_INVOKES: Final = (
    "UEsDBBQAAAAIAAAAIQBnFxFsGgEAAL0BAAASAAAAbGFtYmRhX2Z1bmN0aW9uLnB5TVA9T8MwEN3zK6ybElSnFSyoUoZS"
    "scIAG0KVE19bU8dn2U6hqvrfOZMU8HR6H37vzvSeQhIfkVxhxrmlRHdFoXErrOpbrTZ75bTFUOIRXZqJjlzCr1QtC8Ev"
    "DC6ZHkUzGusXjNGQK6u6s4b1JUS1w14dMMhJC9XoxOjJxWydiNq4Ix1wg057Muz90eX3OCFPqscGNO1kGxA1zMQ6t3Hp"
    "9eSZUN5b06nEBeZ5J+YfSJ+aPNd66H0clxgLXGukIThx/s2CmFQa4po0wlLcLhazP2qPSmOIjJ9hSpY5mgHIR5l7q0yO"
    "hVXX8SVkFgWycmUtfcrnYHZMs/gGLv++bbkko9eLvEFuDe914Di+pMaOy5QwpK28h2o0XopvUEsBAhQDFAAAAAgAAAAh"
    "AGcXEWwaAQAAvQEAABIAAAAAAAAAAAAAAKQBAAAAAGxhbWJkYV9mdW5jdGlvbi5weVBLBQYAAAAAAQABAEAAAABKAQAA"
    "AAA="
)
# And this one answers 200 to everything.
_ANSWERS: Final = (
    "UEsDBBQAAAAIAAAAIQBE9OGYQwAAAEMAAAASAAAAbGFtYmRhX2Z1bmN0aW9uLnB5S0lNU8hJzE1KSYzPSMxLyUkt0kgt"
    "S80r0VFIzs8rSa0o0bTiUgCCotSS0qI8hWql4pLEktJi5/yUVCUrBSMDg1ouAFBLAQIUAxQAAAAIAAAAIQBE9OGYQwAA"
    "AEMAAAASAAAAAAAAAAAAAACkAQAAAABsYW1iZGFfZnVuY3Rpb24ucHlQSwUGAAAAAAEAAQBAAAAAcwAAAAAA"
)


def steps() -> Iterator[Step]:
    """Yield the role, the functions, what is published of them, and their concurrency."""
    yield role("lambda-role", _ROLE, {"Service": "lambda.amazonaws.com"})
    yield attach("lambda-role-logs", _ROLE, "service-role/AWSLambdaBasicExecutionRole")
    yield attach("lambda-role-sagemaker", _ROLE, "AmazonSageMakerFullAccess")
    yield from _functions()
    yield from _published("invoke", reserved=5, provisioned=1)
    yield from _published("thumbnails", reserved=5, provisioned=5)
    yield from _published("report", reserved=8, provisioned=8)
    # Then less was reserved than is provisioned, and the alias set to what cannot be.
    yield _reserved("report", 5, step="function-report-reserved-less")
    yield call(
        "function-report-alias-latest",
        "lambda",
        "UpdateAlias",
        FunctionName="dog-breed-report",
        Name=_ALIAS,
        FunctionVersion="$LATEST",
    )
    yield _reserved("gallery", 950)


def _functions() -> Iterator[Step]:
    endpoint: Mapping[str, Value] = {"Variables": {"ENDPOINT_NAME": "dog-breed"}}
    yield _function("invoke", _INVOKES)
    yield call(
        "function-invoke-public",
        "lambda",
        "AddPermission",
        FunctionName="dog-breed-invoke",
        StatementId="public",
        Action="lambda:InvokeFunction",
        Principal="*",
    )
    yield _function("gallery", _ANSWERS, Timeout=65, Environment=endpoint)
    for name in ("thumbnails", "report", "warmup"):
        yield _function(name, _ANSWERS, Timeout=65)


def _function(name: str, archive: str, **more: Value) -> Step:
    return call(
        f"function-{name}",
        "lambda",
        "CreateFunction",
        FunctionName=f"dog-breed-{name}",
        Runtime="python3.13",
        Handler="lambda_function.lambda_handler",
        Role=result_of("lambda-role", "Role.Arn"),
        Code={"ZipFile": {"$base64": archive}},
        **more,
    )


def _published(name: str, *, reserved: int, provisioned: int) -> Iterator[Step]:
    function = f"dog-breed-{name}"
    yield call(f"function-{name}-version", "lambda", "PublishVersion", FunctionName=function)
    yield call(
        f"function-{name}-alias",
        "lambda",
        "CreateAlias",
        FunctionName=function,
        Name=_ALIAS,
        FunctionVersion=result_of(f"function-{name}-version", "Version"),
    )
    yield _reserved(name, reserved)
    yield call(
        f"function-{name}-provisioned",
        "lambda",
        "PutProvisionedConcurrencyConfig",
        FunctionName=function,
        Qualifier=_ALIAS,
        ProvisionedConcurrentExecutions=provisioned,
    )


def _reserved(name: str, reserved: int, *, step: str | None = None) -> Step:
    return call(
        step or f"function-{name}-reserved",
        "lambda",
        "PutFunctionConcurrency",
        FunctionName=f"dog-breed-{name}",
        ReservedConcurrentExecutions=reserved,
    )
