"""An internet of one machine, for whoever fetches from it.

The servers stand on loopback. What reaches them is what was connected to the address that a fake
resolver gave, and only the last step, from that address to loopback, is the test's.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path

from deploy.fetch import Address
from tests.deploy.certificates import server_context

HOST = "images.example.com"
PUBLIC = ip_address("93.184.215.14")

Answer = Callable[[socket.socket], None]


def ok(body: bytes, *headers: str) -> bytes:
    lines = ("HTTP/1.1 200 OK", "Content-Type: image/png", *headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Server:
    """A TLS server on loopback that answers each connection as it is told."""

    def __init__(self, certificate: Path, answer: Answer) -> None:
        self.requests: list[bytes] = []
        self.names: list[str | None] = []
        self._answer = answer
        self._context = server_context(certificate)
        self._context.sni_callback = lambda _, name, __: self.names.append(name)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            with plain:
                try:
                    with self._context.wrap_socket(plain, server_side=True) as connection:
                        self._handle(connection)
                except OSError:
                    continue  # whoever fetches has hung up, as it should

    def _handle(self, connection: socket.socket) -> None:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            piece = connection.recv(4096)
            if not piece:
                return
            request += piece
        self.requests.append(request)
        self._answer(connection)


class Network:
    """The internet: what names resolve to, and which loopback server stands at an address."""

    def __init__(self, server: Server | None = None) -> None:
        self.at: dict[Address, int] = {PUBLIC: server.port} if server else {}
        self.resolved: list[str] = []
        self.connected: list[Address] = []
        self.answers: list[Sequence[Address]] = [(PUBLIC,)]

    def resolve(self, host: str) -> Sequence[Address]:
        """Answer in turn, and the last one for ever: an attacker's name changes its mind."""
        self.resolved.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def connect(self, address: Address, timeout: float) -> socket.socket:
        self.connected.append(address)
        if address not in self.at:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self.at[address]), timeout)
