"""What moto 5.2 lacks, filled in through botocore's events, in memory, without a patch.

Handlers of `before-call` answer before a request is sent, so that moto, which answers on
`before-send`, is not asked; handlers of `after-call` put right what moto answered. Both do
so only while `mock_aws` is on: what AWS itself answers is never touched.

    with mock_aws(), fill(boto3.Session(region_name="eu-west-1")) as gaps:
        ...                          # every client made from the session from now on
"""

import threading
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final, Self
from uuid import uuid4

import boto3
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ParamValidationError
from botocore.validate import ParamValidator

from mlguard.sources.demo import (
    gap_iam,
    gap_lambda,
    gap_metrics,
    gap_sagemaker,
    gap_scaling,
    gap_tagging,
    moto_state,
)
from mlguard.sources.demo.gap_call import Call, Refused, Room
from mlguard.sources.demo.history import History

_PARAMS: Final = "mlguard_params"
_CONCURRENT_EXECUTIONS: Final = 1000

# By the name that botocore's events have for the service, and the name its loader has.
_MODULES: Final[Mapping[str, tuple[str, ModuleType]]] = {
    "application-auto-scaling": ("application-autoscaling", gap_scaling),
    "cloudwatch": ("cloudwatch", gap_metrics),
    "iam": ("iam", gap_iam),
    "lambda": ("lambda", gap_lambda),
    "resource-groups-tagging-api": ("resourcegroupstaggingapi", gap_tagging),
    "sagemaker": ("sagemaker", gap_sagemaker),
}


def fill(session: boto3.Session, *, concurrent_executions: int = _CONCURRENT_EXECUTIONS) -> "Gaps":
    """Fill moto's gaps for every client made from the session from now on.

    `concurrent_executions` is the account's Lambda quota.
    """
    gaps = Gaps(
        region=session.region_name or "us-east-1", concurrent_executions=concurrent_executions
    )
    gaps.extend(session)
    return gaps


class Gaps(History):
    """The gaps that are filled, what is remembered for them, and the account's past."""

    def __init__(
        self,
        *,
        region: str,
        account: str | None = None,
        concurrent_executions: int = _CONCURRENT_EXECUTIONS,
    ) -> None:
        super().__init__(region=region, account=account)
        self.concurrent_executions = concurrent_executions
        self._on = True
        self.lock = threading.Lock()
        self._rooms: dict[tuple[str, str], Room] = {}
        self._sessions: list[_Filled] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def extend(self, session: boto3.Session) -> None:
        """Fill the gaps of another session too, from the same memory."""
        self._sessions.append(_Filled(self, session))

    def remove(self) -> None:
        """Leave everything to moto again, for the clients that exist too; forget all."""
        self._on = False
        self._rooms.clear()
        for filled in self._sessions:
            filled.unregister()
        self._sessions.clear()

    @property
    def working(self) -> bool:
        """Whether calls are filled in: until `remove`, while `mock_aws` is on."""
        return self._on and moto_state.mocking()

    def room(self, account: str, region: str) -> Room:
        """Return what is remembered of an account in a region."""
        return self._rooms.setdefault((account, region), Room())


class _Filled:
    """The handlers of one session."""

    def __init__(self, gaps: Gaps, session: boto3.Session) -> None:
        self._gaps = gaps
        self._session = session
        self._handlers = tuple(_handlers(self))
        for event, handler in self._handlers:
            session.events.register(event, handler)

    def unregister(self) -> None:
        for event, handler in self._handlers:
            self._session.events.unregister(event, handler)

    def note(self, params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        """Keep the parameters as they were given: later events carry the wire's form only."""
        context[_PARAMS] = params

    def answer(
        self, model: Any, context: Mapping[str, Any], **_: object
    ) -> tuple[AWSResponse, dict[str, Any]] | None:
        if not self._gaps.working:
            return None
        answers = _MODULES[model.service_model.service_id.hyphenize()][1].ANSWERS
        with self._gaps.lock:
            try:
                answer = _asked(answers[model.name], self._call(model, context))
            except Refused as refused:
                return _refusal(model, refused)
        return None if answer is None else _success(model, answer)

    def amend(
        self,
        http_response: Any,
        parsed: dict[str, Any],
        model: Any,
        context: Mapping[str, Any],
        **_: object,
    ) -> None:
        if not self._gaps.working or http_response.status_code >= 300:  # noqa: PLR2004  # botocore's bound
            return
        amends = _MODULES[model.service_model.service_id.hyphenize()][1].AMENDS
        with self._gaps.lock:
            amends[model.name](self._call(model, context), parsed)

    def _call(self, model: Any, context: Mapping[str, Any]) -> Call:
        credentials = self._session.get_credentials()
        account = moto_state.account_of(credentials.access_key if credentials else "")
        region = context["client_region"]
        return Call(
            model=model,
            params=context[_PARAMS],
            account=account,
            region=region,
            room=self._gaps.room(account, region),
            concurrent_executions=self._gaps.concurrent_executions,
        )


def operations() -> tuple[tuple[str, str], ...]:
    """Return the operations that are filled in: service as boto3 names it, and operation."""
    return tuple(
        (service, operation)
        for service, module in _MODULES.values()
        for operation in sorted(module.ANSWERS)
    )


def _handlers(filled: _Filled) -> list[tuple[str, Any]]:
    return [
        (f"{event}.{service}.{operation}", handler)
        for service, (_, module) in _MODULES.items()
        for event, handler, wanted in (
            ("before-parameter-build", filled.note, {*module.ANSWERS, *module.AMENDS}),
            ("before-call", filled.answer, module.ANSWERS),
            ("after-call", filled.amend, module.AMENDS),
        )
        for operation in sorted(wanted)
    ]


def _asked(answer: Any, call: Call) -> Mapping[str, Any] | None:
    """Return the answer; what moto refuses on the way is refused in moto's words."""
    from moto.core.exceptions import JsonRESTError, ServiceException

    try:
        found: Mapping[str, Any] | None = answer(call)
    except ServiceException as error:
        raise Refused(error.code, error.message) from error
    except JsonRESTError as error:
        raise Refused(error.error_type, error.message) from error
    return found


def _success(model: Any, answer: Mapping[str, Any]) -> tuple[AWSResponse, dict[str, Any]]:
    shape = model.output_shape
    # Only members that are of the shape, in the shape's types: what a parser would hand out.
    shown = {k: v for k, v in answer.items() if shape is not None and k in shape.members}
    if shape is not None:
        report = ParamValidator().validate(shown, shape)
        if report.has_errors():
            raise ParamValidationError(report=report.generate_report())
    return _response(model.http.get("responseCode", 200), shown)


def _refusal(model: Any, refused: Refused) -> tuple[AWSResponse, dict[str, Any]]:
    status = 400
    for shape in model.service_model.error_shapes:
        if refused.code in (shape.name, shape.error_code):
            status = shape.metadata.get("error", {}).get("httpStatusCode", status)
    error = {"Error": {"Code": refused.code, "Message": refused.message}}
    return _response(status, error)


def _response(status: int, parsed: dict[str, Any]) -> tuple[AWSResponse, dict[str, Any]]:
    metadata = {
        "RequestId": str(uuid4()),
        "HTTPStatusCode": status,
        "HTTPHeaders": {},
        "RetryAttempts": 0,
    }
    http = AWSResponse(url="", status_code=status, headers={}, raw=None)
    return http, {**parsed, "ResponseMetadata": metadata}
