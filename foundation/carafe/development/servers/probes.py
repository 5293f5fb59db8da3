"""Asks whether servers are there."""

import http.client
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

PROBE_SECONDS = 3.0

NO_ANSWER = (0, b"")


def http_answers(url: str) -> bool:
    """Say whether an HTTP server answers at all, within seconds; its status does not matter."""
    return _exchange("GET", url) != NO_ANSWER


def http_post(url: str, body: bytes, headers: Mapping[str, str]) -> bytes | None:
    """Return what a server answers with status 200 within seconds, otherwise None."""
    status, answer = _exchange("POST", url, body, headers)
    return answer if status == HTTPStatus.OK else None


def _exchange(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    try:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=PROBE_SECONDS)
        try:
            connection.request(method, parts.path or "/", body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return NO_ANSWER
