"""Which hosts and addresses an image may come from."""

import socket
from ipaddress import ip_address
from pathlib import Path

import pytest

from deploy.fetch import Address, Fetcher, FetchError, allowed_hosts, is_public, resolve

pytest.importorskip("cryptography", reason="comes with moto: pip install -e '.[test]'")

from tests.deploy.fetching import URL, fetcher, refused
from tests.deploy.internet import HOST, Network


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
