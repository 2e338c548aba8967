"""A fetcher in a made-up internet, and what a refusal of it must say."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from deploy.fetch import Fetcher, FetchError
from tests.deploy.certificates import client_context
from tests.deploy.internet import HOST, Network

URL: Final = f"https://{HOST}/dog.png"


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
