"""Short HTTP requests that find out whether a server answers."""

import http.client
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

PROBE_SECONDS = 3.0

NO_RESPONSE = (0, b"")


def is_http_reachable(url: str) -> bool:
    """Return whether an HTTP server answers within seconds, with any status."""
    return _request("GET", url) != NO_RESPONSE


def http_post(url: str, body: bytes, headers: Mapping[str, str]) -> bytes | None:
    """Return the body of an answer with status 200 within seconds, otherwise None."""
    status, answer = _request("POST", url, body, headers)
    return answer if status == HTTPStatus.OK else None


def _request(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    try:
        parts = urlsplit(url)
        is_secure = parts.scheme == "https"
        client = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
        connection = client(parts.hostname or "", parts.port, timeout=PROBE_SECONDS)
        try:
            connection.request(method, parts.path or "/", body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return NO_RESPONSE
