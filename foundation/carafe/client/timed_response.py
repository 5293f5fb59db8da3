"""Answers that must be complete in time, head included.

The timeout of a socket limits the silence between two bytes: a server that sends a byte a second
could hold its caller for hours. This needs the standard library alone.
"""

import http.client
import io
import socket
import time
from typing import Any


class _TimedReader(io.RawIOBase):
    """Reads from a socket until a deadline.

    Args:
        source: reads from the socket.
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
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("the answer was not complete in time")
        self._connection.settimeout(remaining)
        return self._source.readinto(buffer)

    def close(self) -> None:
        self._source.close()
        super().close()


class TimedResponse(http.client.HTTPResponse):
    """An answer that must be complete within the socket's timeout at its start."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(sock, *args, **kwargs)
        seconds = sock.gettimeout()
        if seconds is not None:
            reader = _TimedReader(self.fp.detach(), sock, time.monotonic() + seconds)
            self.fp = io.BufferedReader(reader)
