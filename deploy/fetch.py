"""Fetches an image that a caller names, and nothing that a caller must not reach.

Whoever may send a URL to a server that fetches it may send it after what only the server reaches:
instance metadata, the task's credentials, a neighbour in the VPC (server-side request forgery,
CWE-918, https://cwe.mitre.org/data/definitions/918.html; addresses that hand out credentials:
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html). So hosts
are listed, every address of a host must be public, and the connection goes to the very address
that was looked at: a name that is asked a second time may answer otherwise (DNS rebinding).

Imports the standard library only, and stands alone: beside inference.py in a model archive it is
the module `fetch`.
"""

import io
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Thread
from typing import Final, TypeAlias
from urllib.parse import urlsplit

Address: TypeAlias = IPv4Address | IPv6Address

HOSTS_VARIABLE: Final = "ALLOWED_IMAGE_HOSTS"
_PORT: Final = 443
_PIECE: Final = 65536

# What RFC 3986 lets stand in a URL. Python's urlsplit drops line feeds and tabs instead.
_URL: Final = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,2048}")
_NAME: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")

# IPv4 hosts as IPv6-only subnets see them, in AWS too:
# https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
_NAT64: Final = IPv6Network("64:ff9b::/96")


class FetchError(Exception):
    """No image came of it; `status` is the HTTP status that says so to whoever sent the URL."""

    def __init__(self, message: str, status: HTTPStatus) -> None:
        super().__init__(message)
        self.status = status


def allowed_hosts(environ: Mapping[str, str]) -> frozenset[str]:
    """Return the hosts in ALLOWED_IMAGE_HOSTS (commas or blanks between them); none by default."""
    return frozenset(environ.get(HOSTS_VARIABLE, "").lower().replace(",", " ").split())


def is_public(address: Address) -> bool:
    """Return whether the address belongs to the public internet, whatever it is spelled like.

    NAT64 is judged by the IPv4 address inside it. No image is served from the other addresses
    that carry one (mapped, compatible, 6to4, Teredo): they are ways around a list.
    """
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(IPv4Address(address.packed[-4:]))
        if address.ipv4_mapped or address.sixtofour or address.teredo or address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def resolve(host: str) -> tuple[Address, ...]:
    """Return the addresses of a host, in the order in which the system prefers them."""
    found = socket.getaddrinfo(host, _PORT, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ip_address(place[0]) for *_, place in found))


def connect(address: Address, timeout: float) -> socket.socket:
    """Return a connection to port 443 of exactly this address: nothing is resolved."""
    return socket.create_connection((str(address), _PORT), timeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """What may be fetched (`hosts`), how much of it, and for how long from first to last."""

    hosts: frozenset[str]
    max_bytes: int = 10 * 1024 * 1024
    seconds: float = 10.0
    resolve: Callable[[str], Sequence[Address]] = resolve
    connect: Callable[[Address, float], socket.socket] = connect
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context

    def fetch(self, url: str) -> bytes:
        """Return what the URL names; raises FetchError. Redirects are not followed."""
        host, target = _parts(url, self.hosts)
        deadline = _Deadline(self.seconds)
        try:
            addresses = self._addresses(host, deadline)
            with (
                self._connection(addresses, deadline) as plain,
                self.tls().wrap_socket(plain, server_hostname=host) as connection,
            ):
                return self._answer(_Stream(connection, deadline), host, target)
        except TimeoutError as error:
            raise FetchError(
                f"the image did not come within {self.seconds:g} seconds",
                HTTPStatus.GATEWAY_TIMEOUT,
            ) from error
        except (OSError, HTTPException) as error:
            # Whoever reads the message need not learn what stands at which address.
            raise FetchError(
                f"the image's host does not answer as it should ({type(error).__name__})",
                HTTPStatus.BAD_GATEWAY,
            ) from error

    def _addresses(self, host: str, deadline: "_Deadline") -> Sequence[Address]:
        """Resolve in a thread: getaddrinfo knows no timeout."""
        future: Future[Sequence[Address]] = Future()
        Thread(target=_settle, args=(future, self.resolve, host), daemon=True).start()
        try:
            addresses = future.result(deadline.left())
        except FutureTimeoutError as error:
            raise TimeoutError from error
        # One that is not public condemns the others: an attacker's name has both kinds.
        if not addresses or not all(map(is_public, addresses)):
            raise FetchError(
                "the URL's host has an address that is not public", HTTPStatus.BAD_REQUEST
            )
        return addresses

    def _connection(self, addresses: Sequence[Address], deadline: "_Deadline") -> socket.socket:
        *others, last = addresses
        for address in others:
            try:
                # A dead address leaves half of the time to those after it.
                connection = self.connect(address, deadline.left() / 2)
            except OSError:
                continue
            connection.settimeout(deadline.left())
            return connection
        connection = self.connect(last, deadline.left())
        connection.settimeout(deadline.left())
        return connection

    def _answer(self, stream: "_Stream", host: str, target: str) -> bytes:
        stream.send(
            f"GET {target} HTTP/1.1\r\n"
            f"Host: {host}\r\n"
            "Accept: image/jpeg, image/png\r\n"
            "Accept-Encoding: identity\r\n"
            "Connection: close\r\n\r\n".encode("ascii")
        )
        response = HTTPResponse(stream)  # type: ignore[arg-type]  # it only calls makefile()
        response.begin()
        if response.status != HTTPStatus.OK:
            raise FetchError(
                f"the image's host answered {response.status}; redirects are not followed",
                HTTPStatus.BAD_GATEWAY,
            )
        return self._body(response)

    def _body(self, response: HTTPResponse) -> bytes:
        """Count what comes: Content-Length is the other side's word."""
        body = bytearray()
        while piece := response.read(min(_PIECE, self.max_bytes + 1 - len(body))):
            body += piece
            if len(body) > self.max_bytes:
                raise FetchError(
                    f"the image is larger than {self.max_bytes} bytes",
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                )
        if response.length:
            raise FetchError("the image ended early", HTTPStatus.BAD_GATEWAY)
        return bytes(body)


def _parts(url: str, hosts: frozenset[str]) -> tuple[str, str]:
    """Return host and request target of a URL that may be fetched."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused("is not one") from None
    if not _URL.fullmatch(url):
        raise _refused("is longer than 2048 characters, or has some that no URL has")
    if parts.scheme != "https":
        raise _refused("does not begin with https://")
    if "@" in parts.netloc:
        raise _refused("carries credentials")
    if port not in {None, _PORT}:
        raise _refused("names another port than 443")
    host = parts.hostname or ""
    if host not in hosts or not _NAME.fullmatch(host):
        raise _refused(f"names a host that is not in {HOSTS_VARIABLE}")
    query = f"?{parts.query}" if parts.query else ""
    return host, (parts.path or "/") + query


def _refused(why: str) -> FetchError:
    return FetchError(f"the URL {why}", HTTPStatus.BAD_REQUEST)


def _settle(
    future: Future[Sequence[Address]], resolver: Callable[[str], Sequence[Address]], host: str
) -> None:
    try:
        future.set_result(resolver(host))
    except (OSError, UnicodeError) as error:
        # UnicodeError: a label of more than 63 characters, from the idna codec.
        future.set_exception(OSError(str(error)))


class _Deadline:
    """A moment, by the clock that never goes back."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds until then; raises TimeoutError when it has passed."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Stream(io.RawIOBase):
    """A connection as a file of which every read ends at the deadline.

    A socket's own timeout begins anew with every byte: a server that sends one now and then, in
    its headers say, would hold the worker as long as it likes.
    """

    def __init__(self, connection: socket.socket, deadline: _Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return what http.client reads from."""
        return io.BufferedReader(self, _PIECE)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed's private Buffer
        self._connection.settimeout(self._deadline.left())
        return self._connection.recv_into(buffer)

    def send(self, content: bytes) -> None:
        """Send all of it."""
        self._connection.settimeout(self._deadline.left())
        self._connection.sendall(content)
