"""An HTTP server of Chalice that is drained before it ends: whoever is connected gets an answer."""

import contextlib
import io
import socket
import time
from typing import Any

from chalice.local import ChaliceRequestHandler, ThreadedHTTPServer

WRITE_BUFFER = 1 << 16  # bytes

SILENCE_SECONDS = 0.2
"""How long the end of the server waits for the next request of a connection."""

DRAIN_SECONDS = 10.0
"""How long the end of the server waits for requests that have begun."""

POLL_SECONDS = 0.01


class DrainingServer(ThreadedHTTPServer):
    """Serves a socket that listens already, each connection in a thread of its own.

    Args:
        listening: the socket; another process may hold it too, and serve it afterwards.
        handler: makes the handlers of connections.
    """

    def __init__(self, listening: socket.socket, handler: Any) -> None:  # noqa: ANN401 - Chalice's
        super().__init__(listening.getsockname(), handler, bind_and_activate=False)
        self.server_close()  # the socket that the base class made
        # Of processes that share it, all wake for a connection, and one gets it: others must not
        # wait in `accept`, where they would not hear that they are to stop.
        listening.settimeout(0)
        self.socket = listening
        self.is_draining = False
        # Open connections, with the time since when each waits for a request; None during one.
        self._connections: dict[Any, float | None] = {}

    def drain(self) -> None:
        """Answer all requests that have come; close each connection that none comes from.

        To be called after `shutdown`, from which on nothing is accepted. A connection is closed
        once it has been silent for a while: a request that is on its way is still answered. One
        whose rest does not come is given up in the end.
        """
        self.server_close()
        self.is_draining = True
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._connections and time.monotonic() < deadline:
            longest = time.monotonic() - SILENCE_SECONDS
            for connection, since in [*self._connections.items()]:
                if since is not None and since < longest:
                    with contextlib.suppress(OSError):  # the client was faster
                        connection.shutdown(socket.SHUT_RD)
            time.sleep(POLL_SECONDS)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as there
        """Serve a connection in a thread, and know of it before that begins."""
        self.await_request(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - a socket
        """Close a connection."""
        super().shutdown_request(request)
        self._connections.pop(request, None)

    def await_request(self, connection: socket.socket) -> None:
        """Note that a connection waits for a request from now on."""
        self._connections[connection] = time.monotonic()

    def begin_request(self, connection: socket.socket) -> None:
        """Note that a request has come."""
        self._connections[connection] = None


class RequestReader(io.BufferedReader):
    """Reads requests from a connection; half a line, or half a body, is none.

    The base class returns what has come when a connection ends, so that the half of a request would
    be executed. Each read raises an `EOFError` instead.
    """

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return a line, or as much of a long one as was asked for."""
        line = super().readline(size)
        if not line.endswith(b"\n") and len(line) != size:
            raise EOFError
        return line

    def read(self, size: int | None = -1, /) -> bytes:
        """Return as many bytes as were asked for."""
        content = super().read(size)
        if size is not None and len(content) < size:
            raise EOFError
        return content


class RequestHandler(ChaliceRequestHandler):
    """Serves the requests of a connection."""

    server: DrainingServer
    rfile: io.BufferedReader
    disable_nagle_algorithm = True
    wbufsize = WRITE_BUFFER

    def setup(self) -> None:
        """Prepare to read requests that are whole."""
        super().setup()
        self.rfile = RequestReader(self.rfile.detach())

    def handle_one_request(self) -> None:
        """Serve a request, and then wait for the next one, until the client ends the connection."""
        try:
            super().handle_one_request()
        except EOFError:
            self.close_connection = True
        self.server.await_request(self.connection)

    def parse_request(self) -> bool:
        """Read what a request is about, now that its first line has come."""
        self.server.begin_request(self.connection)
        is_complete: bool = super().parse_request()
        return is_complete

    def end_headers(self) -> None:
        """End the head; while the server is drained, no further request is to come."""
        if self.server.is_draining:
            self.send_header("Connection", "close")
        super().end_headers()

    def handle_expect_100(self) -> bool:
        """Tell the client to send the body, and do not hold this back with the answer."""
        self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.wfile.flush()
        return True

    def log_message(self, *_: object) -> None:
        """Log nothing: the service does."""
