"""An image is fetched from listed hosts at public addresses, and from nowhere else."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from deploy.fetch import Address, Fetcher, FetchError

pytest.importorskip("cryptography", reason="comes with moto: pip install -e '.[test]'")

from tests.deploy.fetching import URL, fetcher, refused
from tests.deploy.internet import HOST, PUBLIC, Answer, Network, Server, ok

ALSO_PUBLIC = ip_address("2606:2800:21f:cb07:6820:80da:af6b:8b2c")


@pytest.fixture
def serve(certificate: Path) -> Iterator[Callable[[Answer | bytes], Server]]:
    servers = []

    def start(answer: Answer | bytes) -> Server:
        content = answer
        sends: Answer = (
            (lambda connection: connection.sendall(content))
            if isinstance(content, bytes)
            else content
        )
        servers.append(Server(certificate, sends))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    "answer",
    [
        ok(b"image", "Content-Length: 5"),
        ok(b"image"),
        ok(b"2\r\nim\r\n3\r\nage\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
        b"HTTP/1.0 200 OK\r\n\r\nimage",
    ],
)
def test_an_image_comes_from_the_address_that_was_looked_at_under_its_hosts_name(
    certificate: Path, serve: Callable[[bytes], Server], answer: bytes
) -> None:
    server = serve(answer)
    network = Network(server)
    assert fetcher(certificate, network).fetch(f"{URL}?size=1#part") == b"image"
    assert network.connected == [PUBLIC]
    assert server.names == [HOST]
    lines = server.requests[0].decode().split("\r\n")
    assert lines[0] == "GET /dog.png?size=1 HTTP/1.1"
    assert f"Host: {HOST}" in lines


def test_a_name_is_resolved_once_so_rebinding_it_changes_nothing(
    certificate: Path, serve: Callable[[bytes], Server]
) -> None:
    network = Network(serve(ok(b"image")))
    network.answers = [(PUBLIC,), (ip_address("169.254.169.254"),)]
    assert fetcher(certificate, network).fetch(URL) == b"image"
    assert network.resolved == [HOST]
    assert network.connected == [PUBLIC]


def test_a_public_address_does_not_excuse_a_private_one_beside_it(certificate: Path) -> None:
    network = Network()
    network.answers = [(PUBLIC, ip_address("10.0.0.1"))]
    with refused(400, "not public"):
        fetcher(certificate, network).fetch(URL)
    assert network.connected == []


def test_what_is_refused_does_not_tell_which_address_a_name_has(certificate: Path) -> None:
    network = Network()
    network.answers = [(ip_address("10.20.30.40"),)]
    with pytest.raises(FetchError) as error:
        fetcher(certificate, network).fetch(URL)
    assert "10.20" not in str(error.value)


def test_the_next_address_is_tried_when_one_does_not_answer(
    certificate: Path, serve: Callable[[bytes], Server]
) -> None:
    network = Network(serve(ok(b"image")))
    network.answers = [(ALSO_PUBLIC, PUBLIC)]
    assert fetcher(certificate, network).fetch(URL) == b"image"
    assert network.connected == [ALSO_PUBLIC, PUBLIC]


def test_a_host_that_answers_at_no_address_is_told(certificate: Path) -> None:
    with refused(502, "does not answer"):
        fetcher(certificate, Network()).fetch(URL)


def test_a_name_that_does_not_resolve_is_told(certificate: Path) -> None:
    def fail(_: str) -> Sequence[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    with refused(502):
        replace(fetcher(certificate, Network()), resolve=fail).fetch(URL)


def test_a_certificate_of_another_name_is_refused(
    certificate: Path, serve: Callable[[bytes], Server]
) -> None:
    network = Network(serve(ok(b"image")))
    another = replace(fetcher(certificate, network), hosts=frozenset({"other.example.com"}))
    with refused(502, "SSLCertVerificationError"):
        another.fetch("https://other.example.com/dog.png")


def test_certificates_are_verified_by_default() -> None:
    context = Fetcher(hosts=frozenset()).tls()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["http://169.254.169.254/", URL])
def test_redirects_are_not_followed(
    certificate: Path, serve: Callable[[bytes], Server], status: int, to: str
) -> None:
    server = serve(f"HTTP/1.1 {status} Elsewhere\r\nLocation: {to}\r\n\r\n".encode())
    network = Network(server)
    with refused(502, f"answered {status}"):
        fetcher(certificate, network).fetch(URL)
    assert len(network.connected) == len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\n\r\n",
        b"HTTP/1.1 500 Internal Server Error\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
        ok(b"ima", "Content-Length: 5"),
        ok(b"5\r\nima", "Transfer-Encoding: chunked"),
        ok(b"x\r\nimage", "Transfer-Encoding: chunked"),
        ok(b"", *(f"X-{number}: 1" for number in range(200))),
        ok(b"", "X-Long: " + "x" * 100_000),
    ],
)
def test_a_host_that_does_not_answer_as_it_should_is_told(
    certificate: Path, serve: Callable[[bytes], Server], answer: bytes
) -> None:
    with refused(502):
        fetcher(certificate, Network(serve(answer))).fetch(URL)


def test_an_image_as_large_as_may_be_is_taken(
    certificate: Path, serve: Callable[[bytes], Server]
) -> None:
    network = Network(serve(ok(bytes(1000))))
    assert fetcher(certificate, network, max_bytes=1000).fetch(URL) == bytes(1000)


def endlessly(start: bytes, piece: bytes, pause: float = 0.0) -> Answer:
    """Return an answer that ends when the other side hangs up."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return answer


def silently(connection: socket.socket) -> None:
    """Answer with nothing until the other side hangs up."""
    connection.recv(1)


@pytest.mark.parametrize(
    "answer",
    [
        ok(bytes(1001), "Content-Length: 1001"),
        ok(bytes(1001)),
        endlessly(ok(b""), bytes(65536)),
        endlessly(ok(b"", "Content-Length: 9999999999999"), bytes(65536)),
        endlessly(ok(b"", "Content-Length: 999999", "Content-Length: 10"), bytes(65536)),
        endlessly(ok(b"", "Transfer-Encoding: chunked"), b"400\r\n" + bytes(1024) + b"\r\n"),
    ],
)
def test_what_comes_is_counted_whatever_content_length_says(
    certificate: Path, serve: Callable[[Answer | bytes], Server], answer: Answer | bytes
) -> None:
    network = Network(serve(answer))
    with refused(413, "larger than 1000 bytes"):
        fetcher(certificate, network, max_bytes=1000).fetch(URL)


@pytest.mark.parametrize(
    "answer",
    [
        silently,
        endlessly(b"", b"H", 0.05),
        endlessly(b"HTTP/1.1 200 OK\r\n", b"X", 0.05),
        endlessly(b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n", 0.05),
        endlessly(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01),
        endlessly(ok(b""), b"x", 0.05),
        endlessly(ok(b"", "Content-Length: 100000"), b"x", 0.05),
        endlessly(ok(b"", "Transfer-Encoding: chunked"), b"1\r\nx\r\n", 0.05),
        endlessly(ok(b"0\r\n", "Transfer-Encoding: chunked"), b"X: 1\r\n", 0.05),
    ],
    ids=[
        "silent",
        "status",
        "header",
        "headers",
        "continue",
        "body",
        "length",
        "chunks",
        "trailers",
    ],
)
def test_a_slow_drip_ends_with_the_time_of_the_whole_fetch(
    certificate: Path, serve: Callable[[Answer], Server], answer: Answer
) -> None:
    network = Network(serve(answer))
    with refused(504, "within 0.5 seconds"):
        fetcher(certificate, network, seconds=0.5).fetch(URL)


def test_a_handshake_that_never_comes_ends_with_the_time(certificate: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        network = Network()
        network.at[PUBLIC] = silent.getsockname()[1]
        with refused(504):
            fetcher(certificate, network, seconds=0.3).fetch(URL)


def test_a_resolver_that_never_answers_ends_with_the_time(certificate: Path) -> None:
    over = threading.Event()

    def hang(_: str) -> Sequence[Address]:
        over.wait()
        return ()

    slow = replace(fetcher(certificate, Network(), seconds=0.2), resolve=hang)
    try:
        with refused(504):
            slow.fetch(URL)
    finally:
        over.set()
