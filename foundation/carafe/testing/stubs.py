"""Stubs of external services, as tests use them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import urllib3

from carafe.development.stubs.server import FAULTS, REQUESTS

SECONDS = 10.0


class Stub:
    """A running stub, of `carafe.development.stubs.server`.

    Args:
        url: its address.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def requests(self, operation: str) -> list[dict[str, Any]]:
        """Return the last requests to an operation: each with `path`, `body` and `key`."""
        requests: list[dict[str, Any]] = self._call("GET", REQUESTS)["requests"]
        return [each for each in requests if each["operation"] == operation]

    @contextmanager
    def failing(self, fault: str, operation: str = "") -> Iterator[None]:
        """Let it fail within the block.

        Args:
            fault: the name of a fault, such as `server_error`, or the code of a refusal.
            operation: that fails; by default each that can.
        """
        self._call("POST", FAULTS, {"fault": fault, "operation": operation})
        try:
            yield
        finally:
            self._call("DELETE", FAULTS)

    def _call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - any JSON
        text = None if body is None else json.dumps(body)
        answer = urllib3.request(
            method, f"{self._url}{path}", body=text, timeout=SECONDS, retries=False
        )
        assert answer.status == 200, answer.data
        return answer.json()
