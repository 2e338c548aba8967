"""Answer with a model on this machine alone: the container's endpoints, on loopback.

    python serve.py --model-dir DIR

DIR is an unpacked model archive: model.pth, config.json and code/inference.py. The four functions
are those that SageMaker's PyTorch container calls, so the same code answers here and there:
https://sagemaker.readthedocs.io/en/v2/frameworks/pytorch/using_pytorch.html#serve-a-pytorch-model
Standard library only, and no import from this package: it is started by its path.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Final

# What a SageMaker endpoint takes at most (API_runtime_InvokeEndpoint).
_LARGEST_BODY: Final = 6 * 1024 * 1024
_LOOPBACK: Final = "127.0.0.1"


def server(model_dir: Path, port: int) -> HTTPServer:
    """Return a server of /ping and /invocations with the model loaded; port 0 takes a free one."""
    sys.path.insert(0, str(model_dir / "code"))
    inference = importlib.import_module("inference")
    model = inference.model_fn(str(model_dir))

    class Handler(BaseHTTPRequestHandler):
        # Headers and body in one packet: two would wait for one another's acknowledgement.
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """Tell that the model is loaded."""
            known = self.path == "/ping"
            self._answer(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND, b"", "text/plain")

        def do_POST(self) -> None:
            """Answer with what the model makes of the body."""
            if self.path != "/invocations":
                self._answer(HTTPStatus.NOT_FOUND, b"", "text/plain")
                return
            length = int(self.headers.get("Content-Length", "0"))
            if length > _LARGEST_BODY:
                self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"", "text/plain")
                return
            body = self.rfile.read(length)
            try:
                answer, kind = self._predicted(body)
            except ValueError as error:
                # Whoever serves by the same code says what it was: a size, a type, a host.
                status = getattr(error, "status_code", HTTPStatus.BAD_REQUEST)
                self._answer(HTTPStatus(status), str(error).encode(), "text/plain")
            except Exception:
                self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, b"model error", "text/plain")
                raise
            else:
                self._answer(HTTPStatus.OK, answer, kind)

        def _predicted(self, body: bytes) -> tuple[bytes, str]:
            accept = self.headers.get("Accept", "application/json")
            kind = self.headers.get("Content-Type", "application/octet-stream")
            given = inference.input_fn(body, kind)
            return _body(inference.output_fn(inference.predict_fn(given, model), accept), accept)

        def _answer(self, status: HTTPStatus, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return HTTPServer((_LOOPBACK, port), Handler)


def _body(answer: Any, accept: str) -> tuple[bytes, str]:  # noqa: ANN401  # the container takes both
    """Return body and content type of what output_fn gave: a body, or both."""
    body, kind = answer if isinstance(answer, tuple) else (answer, accept)
    return (body.encode() if isinstance(body, str) else bytes(body)), kind


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="serve.py", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--model-dir", type=Path, required=True)
    parser.add_argument("--port", type=int, default=8080)
    given = parser.parse_args(arguments)
    with server(given.model_dir, given.port) as serving:
        serving.serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
