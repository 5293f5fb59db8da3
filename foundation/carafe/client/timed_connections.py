"""Connections on which an answer must be complete in time.

The read timeout of sockets, and so urllib3's, is the longest silence between two bytes: a
server that sends a byte a second could hold its caller for hours. Here it limits the whole
answer, head included.
"""

import http.client
import io
import socket
import time
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class _TimedReader(io.RawIOBase):
    """Reads from a socket up to a moment.

    Args:
        source: the socket's own reader.
        connection: the socket.
        deadline: on the clock of `time.monotonic`.
    """

    def __init__(self, source: io.RawIOBase, connection: socket.socket, deadline: float) -> None:
        self._source = source
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - io's own buffers
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer was not complete in time")
        self._connection.settimeout(left)
        return self._source.readinto(buffer)

    def close(self) -> None:
        self._source.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """An answer that must be complete within the timeout that the socket has at its start."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(sock, *args, **kwargs)
        seconds = sock.gettimeout()
        if seconds is not None:
            reader = _TimedReader(self.fp.detach(), sock, time.monotonic() + seconds)
            self.fp = io.BufferedReader(reader)


class _TimedHTTPConnection(HTTPConnection):
    response_class = _TimedResponse


class _TimedHTTPSConnection(HTTPSConnection):
    response_class = _TimedResponse


class TimedHTTPConnectionPool(HTTPConnectionPool):
    """Keeps plain connections."""

    ConnectionCls = _TimedHTTPConnection


class TimedHTTPSConnectionPool(HTTPSConnectionPool):
    """Keeps encrypted connections."""

    ConnectionCls = _TimedHTTPSConnection
