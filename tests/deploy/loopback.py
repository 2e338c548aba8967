"""AWS's side of the wire, on loopback: the endpoint's invocations and Lambda's Runtime API.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TIMEOUT = 60
ARN = "arn:aws:lambda:us-east-1:123456789012:function:dog-breed"


class Quiet(BaseHTTPRequestHandler):
    """A handler that logs nothing, and sends headers and body in one packet."""

    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the standard library's
        pass

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve until the end of the block; give "host:port"."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Request:
    """What the model server tells the toolkit of a request, and hears from it of the answer."""

    def __init__(self, model_dir: Path, headers: dict[str, str]) -> None:
        self.system_properties = {"model_dir": str(model_dir)}
        self.request_processor = [self]
        self.status = 200
        self.content_type = ""
        self._headers = headers

    def get_request_properties(self) -> dict[str, str]:
        return self._headers

    def set_response_status(self, code: int, phrase: str) -> None:
        assert phrase
        self.status = code

    def set_response_content_type(self, _index: int, content_type: str) -> None:
        self.content_type = content_type


def endpoint(name: str, model_dir: Path) -> type[BaseHTTPRequestHandler]:
    """Return InvokeEndpoint over AWS's PyTorch handler service, which runs code/inference.py."""
    from sagemaker_pytorch_serving_container.handler_service import HandlerService

    service = HandlerService()
    one_at_a_time = threading.Lock()

    class Invocations(Quiet):
        def do_POST(self) -> None:
            body = self.body()
            if self.path != f"/endpoints/{name}/invocations":
                unknown = b'{"message": "no such endpoint"}'
                self.reply(400, unknown, x_amzn_ErrorType="ValidationError")
                return
            request = Request(model_dir, dict(self.headers.items()))
            with one_at_a_time:
                (answer,) = service.handle([{"body": body}], request)
            if request.status == 200:
                self.reply(200, answer.encode(), Content_Type=request.content_type)
                return
            error = {"OriginalStatusCode": request.status, "OriginalMessage": answer}
            self.reply(424, json.dumps(error).encode(), x_amzn_ErrorType="ModelError")

    return Invocations


class RuntimeApi:
    """The Runtime API of one function: events in, answers out."""

    def __init__(self) -> None:
        self._events: queue.Queue[Any] = queue.Queue()
        self._answers: queue.Queue[tuple[str, Any]] = queue.Queue()

    def invoke(self, event: Any) -> Any:
        """Return what the function answers; an error of the function fails the test."""
        self._events.put(event)
        kind, answer = self._answers.get(timeout=TIMEOUT)
        assert kind == "response", answer
        return answer

    def handler(self) -> type[BaseHTTPRequestHandler]:
        events, answers = self._events, self._answers

        class Runtime(Quiet):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                event = events.get()
                self.reply(
                    200,
                    json.dumps(event).encode(),
                    Content_Type="application/json",
                    Lambda_Runtime_Aws_Request_Id="request-1",
                    Lambda_Runtime_Deadline_Ms=str(int((time.time() + TIMEOUT) * 1000)),
                    Lambda_Runtime_Invoked_Function_Arn=ARN,
                )

            def do_POST(self) -> None:
                answers.put((self.path.rpartition("/")[2], json.loads(self.body())))
                self.reply(202, b"{}")

        return Runtime
