"""HTTP to services of others: with a deadline, never more than a bounded answer."""

from collections.abc import Mapping
from typing import Any

import msgspec
import urllib3

from chalicelib.infrastructure.errors import ServiceUnavailable

CONNECT_SECONDS = 1.0
READ_SECONDS = 5.0
LARGEST_ANSWER = 64 * 1024


class HttpClient:
    """Speaks JSON with one service; keeps its connections.

    Args:
        base_url: in front of every path.
        service: how errors name the service.
    """

    def __init__(self, base_url: str, service: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._service = service
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS), retries=False
        )

    def post(self, path: str, body: object, headers: Mapping[str, str]) -> tuple[int, Any]:
        """Send JSON and return status and JSON answer.

        Raises:
            ServiceUnavailable: refused, too slow, a server error, or no JSON.
        """
        try:
            with self._pool.request(
                "POST",
                self._base_url + path,
                body=msgspec.json.encode(body),
                headers={"Content-Type": "application/json", **headers},
                preload_content=False,
            ) as response:
                answer = response.read(LARGEST_ANSWER)
                status = response.status
        except urllib3.exceptions.HTTPError as error:
            raise self._unavailable(type(error).__name__) from error
        if status >= 500:  # noqa: PLR2004 - HTTP's own border
            raise self._unavailable(f"status {status}")
        try:
            return status, msgspec.json.decode(answer)
        except msgspec.DecodeError as error:
            raise self._unavailable("an answer that is no JSON") from error

    def _unavailable(self, reason: str) -> ServiceUnavailable:
        return ServiceUnavailable(f"The {self._service} failed ({reason}); try again.")
