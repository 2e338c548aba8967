"""An image is fetched from listed hosts at public addresses, and from nowhere else."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from deploy.fetch import Address, Fetcher, FetchError, allowed_hosts, is_public, resolve

pytest.importorskip("cryptography", reason="comes with moto: pip install -e '.[test]'")

from tests.deploy.certificates import client_context, write_certificate
from tests.deploy.internet import HOST, PUBLIC, Answer, Network, Server, ok

URL = f"https://{HOST}/dog.png"
ALSO_PUBLIC = ip_address("2606:2800:21f:cb07:6820:80da:af6b:8b2c")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("certificates"), HOST)


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


def fetcher(certificate: Path, network: Network, **limits: Any) -> Fetcher:
    return Fetcher(
        hosts=frozenset({HOST}),
        resolve=network.resolve,
        connect=network.connect,
        tls=lambda: client_context(certificate),
        **limits,
    )


@contextmanager
def refused(status: int, told: str | None = None) -> Iterator[None]:
    with pytest.raises(FetchError, match=told) as error:
        yield
    assert error.value.status == status


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


@pytest.mark.parametrize(
    "url",
    [
        "",
        "dog.png",
        "//images.example.com/dog.png",
        f"http://{HOST}/dog.png",
        f"file://{HOST}/etc/passwd",
        f"ftp://{HOST}/dog.png",
        f"https://{HOST}:80/dog.png",
        f"https://{HOST}:8443/dog.png",
        f"https://{HOST}:99999/dog.png",
        f"https://{HOST}:x/dog.png",
        f"https://user@{HOST}/dog.png",
        f"https://user:password@{HOST}/dog.png",
        f"https://{HOST}@evil.example.org/dog.png",
        f"https://{HOST}%40evil.example.org/dog.png",
        f"https://evil.example.org\\@{HOST}/dog.png",
        f"https://evil.example.org#@{HOST}/dog.png",
        f"https://evil.example.org?@{HOST}/dog.png",
        f"https://{HOST}.evil.example.org/dog.png",
        f"https://x{HOST}/dog.png",
        f"https://sub.{HOST}/dog.png",
        f"https://{HOST}./dog.png",
        f"https://{HOST}\r\nX-Injected: 1/dog.png",
        f"https://{HOST}/dog.png\r\nX-Injected: 1",
        f"https://{HOST}/dog png",
        f"https://{HOST}/d\tog.png",
        f"https://{HOST}/döge.png",
        "https://images\uff0eexample\uff0ecom/dog.png",
        f"https://{HOST}/" + "x" * 2048,
        "https://[::1/dog.png",
        "https:///dog.png",
    ],
)
def test_a_url_that_is_not_of_a_listed_host_is_not_even_resolved(
    certificate: Path, url: str
) -> None:
    network = Network()
    with refused(400):
        fetcher(certificate, network).fetch(url)
    assert network.resolved == []


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "0",
        "0.0.0.0",  # noqa: S104  # nothing is bound
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[fd00:ec2::254]",
    ],
)
def test_a_private_address_is_refused_in_every_spelling_even_when_it_is_listed(host: str) -> None:
    connected: list[Address] = []

    def connect(address: Address, _: float) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    listed = frozenset({host, host.strip("[]")})
    with pytest.raises(FetchError):
        Fetcher(hosts=listed, connect=connect).fetch(f"https://{host}/latest/meta-data/")
    assert connected == []


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104  # nothing is bound
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:93.184.215.14",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::93.184.215.14",
        "2001::1",
        "2001:db8::1",
        "2002:a9fe:a9fe::1",
        "2002:5db8:d70e::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_of_the_public_internet_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07::1", "64:ff9b::93.184.215.14"],
)
def test_an_address_of_the_public_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_no_host_is_allowed_by_default() -> None:
    assert allowed_hosts({}) == frozenset()
    with refused(400, "not in ALLOWED_IMAGE_HOSTS"):
        Fetcher(hosts=allowed_hosts({})).fetch(URL)


def test_hosts_stand_between_commas_or_blanks_in_any_case() -> None:
    listed = allowed_hosts({"ALLOWED_IMAGE_HOSTS": "A.example.com, b.example.com\nc.example.com,"})
    assert listed == {"a.example.com", "b.example.com", "c.example.com"}


def test_the_systems_resolver_gives_addresses_each_once() -> None:
    assert resolve("127.0.0.1") == (ip_address("127.0.0.1"),)
