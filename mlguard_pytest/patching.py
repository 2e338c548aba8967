"""The one place of botocore that every call passes, patched while somebody listens.

A patch of the class: clients made long before are seen, and what calls them: resources,
paginators, waiters, the threads of a transfer. Signed URLs are made by functions that botocore
puts into the class of each service; they are exchanged there. While nobody listens, botocore is as
it was.
"""

import functools
import inspect
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from contextvars import ContextVar
from typing import Any, Final, Protocol, TypeAlias

Function: TypeAlias = Callable[..., Any]

_URL: Final = "generate_presigned_url"
_POST: Final = "generate_presigned_post"


class Listener(Protocol):
    """Who is told of each call."""

    def called(self, client: Any, operation: str, parameters: Mapping[str, Any]) -> object:  # noqa: ANN401  # botocore has no types
        """Take note of a call before it is made; return what stands for it."""

    def dropped(self, call: object) -> None:
        """Forget a call that botocore refused before it asked AWS."""

    def sent(self, client: Any, operation: str, url: str) -> None:  # noqa: ANN401  # as above
        """Take note that the request goes out to this URL."""


class Patch:
    """The patch and its listeners: the first brings it, the last takes it away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._undo = ExitStack()
        self._listeners: tuple[Listener, ...] = ()
        self._current: ContextVar[tuple[Any, str] | None] = ContextVar("call", default=None)

    def add(self, listener: Listener) -> None:
        """Tell the listener of each call from now on."""
        with self._lock:
            if not self._listeners:
                self._bring()
            self._listeners = (*self._listeners, listener)

    def remove(self, listener: Listener) -> None:
        """Tell the listener no more."""
        with self._lock:
            self._listeners = tuple(one for one in self._listeners if one is not listener)
            if not self._listeners:
                self._undo.close()

    def _bring(self) -> None:
        from botocore import signers
        from botocore.client import BaseClient
        from botocore.endpoint import Endpoint

        self._exchange(BaseClient, "_make_api_call", self._calling)
        self._exchange(Endpoint, "_send", self._sending)
        for name, what in ((_URL, _signed), (_POST, _posted)):
            # Classes to come take it from the module; those that are there have it already, and
            # at the end there may be more of them.
            old, new = self._exchange(signers, name, functools.partial(self._signing, what=what))
            _in_classes(BaseClient, name, old, new)
            self._undo.callback(_in_classes, BaseClient, name, new, old)

    def _exchange(
        self,
        holder: Any,  # noqa: ANN401  # a class or a module
        name: str,
        around: Callable[[Function], Function],
    ) -> tuple[Function, Function]:
        old = getattr(holder, name)
        new = around(old)
        setattr(holder, name, new)

        def back() -> None:
            # Who patched it since has ours, which without listeners does what the old one did.
            if getattr(holder, name) is new:
                setattr(holder, name, old)

        self._undo.callback(back)
        return old, new

    def _calling(self, old: Function) -> Function:
        @functools.wraps(old)
        def call(client: Any, operation_name: str, api_params: Mapping[str, Any]) -> Any:  # noqa: ANN401  # botocore's
            from botocore.exceptions import ParamValidationError

            noted = [
                (one, one.called(client, operation_name, api_params)) for one in self._listeners
            ]
            token = self._current.set((client, operation_name))
            try:
                return old(client, operation_name, api_params)
            except ParamValidationError:
                for listener, note in noted:
                    listener.dropped(note)
                raise
            finally:
                self._current.reset(token)

        return call

    def _sending(self, old: Function) -> Function:
        @functools.wraps(old)
        def send(endpoint: Any, request: Any) -> Any:  # noqa: ANN401  # botocore's
            current = self._current.get()
            if current is not None:
                for listener in self._listeners:
                    listener.sent(*current, request.url)
            return old(endpoint, request)

        return send

    def _signing(
        self, old: Function, what: "Callable[..., tuple[str, Mapping[str, Any]] | None]"
    ) -> Function:
        signature = inspect.signature(old)

        @functools.wraps(old)
        def sign(client: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # botocore's
            # What AWS asks of whoever uses it is asked of whoever signed it.
            answer = old(client, *args, **kwargs)
            found = what(client, signature.bind(client, *args, **kwargs).arguments)
            if found is not None:
                for listener in self._listeners:
                    listener.called(client, *found)
            return answer

        return sign


PATCH: Final = Patch()
"""botocore is one for the whole process, and so is its patch."""


def _signed(
    client: Any,  # noqa: ANN401  # botocore's
    given: Mapping[str, Any],
) -> tuple[str, Mapping[str, Any]] | None:
    """Return operation and parameters of a signed URL."""
    operation = client.meta.method_to_api_mapping.get(given["ClientMethod"])
    return (operation, given.get("Params") or {}) if operation else None


def _posted(_: Any, given: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:  # noqa: ANN401  # as above
    """Return what a signed form posts: its fields say what headers say elsewhere.

    S3 API reference, "POST Object".
    """
    fields = {name.lower(): value for name, value in (given.get("Fields") or {}).items()}
    named = {"ACL": fields.get("acl"), "Tagging": fields.get("tagging")}
    more = {name: value for name, value in named.items() if value}
    return "PutObject", {"Bucket": given["Bucket"], "Key": given["Key"], **more}


def _in_classes(base: type, name: str, old: object, new: object) -> None:
    for kind in _below(base):
        if vars(kind).get(name) is old:
            setattr(kind, name, new)


def _below(kind: type) -> Iterator[type]:
    below: list[type] = kind.__subclasses__()
    for one in below:
        yield one
        yield from _below(one)
