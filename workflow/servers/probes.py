"""Asks whether servers are there."""

import http.client
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

PROBE_SECONDS = 3.0


def listens(port: int) -> bool:
    """Say whether anybody listens on the port of 127.0.0.1; cheap enough to ask often."""
    try:
        socket.create_connection(("127.0.0.1", port), PROBE_SECONDS).close()
    except OSError:
        return False
    return True


def http_answers(url: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> bool:
    """Say whether an HTTP server answers at all, within seconds; its status does not matter."""
    try:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=PROBE_SECONDS)
        try:
            connection.request(method, parts.path or "/", headers=dict(headers or {}))
            connection.getresponse().read()
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return False
    return True
