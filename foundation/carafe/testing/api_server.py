"""Serves the HTTP functions in a process of their own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import urllib3

from carafe.development.servers.ports import choose_port

from .processes import running, wait_until


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[str]:
    """Serve while the block runs; the block gets the address."""
    port = choose_port(None)
    url = f"http://127.0.0.1:{port}"
    with running("carafe.development.api_server", "--port", str(port), environment=environment):
        wait_until(lambda: is_healthy(url))
        yield url


def is_healthy(url: str) -> bool:
    """Return whether a service answers that it is healthy."""
    try:
        return urllib3.request("GET", f"{url}/health", retries=False, timeout=5).status == 200
    except urllib3.exceptions.HTTPError:
        return False
