"""Kept connections to one address, with a deadline for each exchange.

The deadline covers connecting, sending and the whole answer, but not the lookup of the host's name:
`getaddrinfo` has no timeout, and takes as long as the system's resolver allows.

The answers are read by `http.client`: urllib3 would cost a function 17 ms more at its first call.
"""

import contextlib
import http.client
import selectors
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from carafe.client.timed_response import TimedResponse

LARGEST_ANSWER = 1 << 20
LARGEST_POOL = 10

# A function may be frozen between two invocations, while the network silently drops its
# connections. Those idle for this long are replaced.
LONGEST_IDLE_SECONDS = 50


class Answer(Struct, frozen=True):
    """What a server answered.

    Attributes:
        status: the HTTP status.
        headers: by name, case-insensitive.
        body: complete.
    """

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Connections:
    """Sends POST requests to one address, from any thread; follows no redirects.

    Args:
        url: a valid address, `http://host:port` or https.
        trusted: a file with the certificates to trust; None for those of the system.
        wall_clock: in seconds; unlike a monotonic clock, it runs while the process is frozen.
    """

    def __init__(
        self, url: str, trusted: str | None, wall_clock: Callable[[], float] = time.time
    ) -> None:
        parts = urlsplit(url)
        self._host = str(parts.hostname)
        self._tls = ssl.create_default_context(cafile=trusted) if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._tls else 80)
        self._wall_clock = wall_clock
        self._idle: deque[tuple[float, _Connection]] = deque()

    def post(self, path: str, headers: Mapping[str, str], body: bytes, deadline: float) -> Answer:
        """Send a request and return its answer, whatever the status.

        Args:
            path: percent-encoded.
            headers: `host` included.
            body: of the request.
            deadline: for the complete answer, on the clock of `time.monotonic`.

        Raises:
            OSError, HTTPException: refused, too slow, cut off or too large.
        """
        connection = self._take()
        try:
            answer = connection.post(path, headers, body, deadline)
        except BaseException:
            connection.close()
            self.close()  # what broke this connection may have broken the others
            raise
        if len(self._idle) < LARGEST_POOL:
            self._idle.append((self._wall_clock(), connection))
        else:
            connection.close()
        return answer

    def close(self) -> None:
        """Close the connections that are not in use."""
        with contextlib.suppress(IndexError):  # the last one, perhaps taken by another thread
            while True:
                self._idle.pop()[1].close()

    def _take(self) -> "_Connection":
        try:
            last_used, connection = self._idle.pop()
        except IndexError:
            return _Connection(self._host, self._port, self._tls)
        is_old = self._wall_clock() - last_used > LONGEST_IDLE_SECONDS
        if is_old or connection.has_unread_bytes():
            connection.close()  # it connects again
        return connection


class _Connection:
    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._socket: socket.socket | None = None

    def post(self, path: str, headers: Mapping[str, str], body: bytes, deadline: float) -> Answer:
        if self._socket is None:
            self._socket = self._connect(deadline)
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
        lines += [f"content-length: {len(body)}", "", ""]
        self._socket.settimeout(_remaining(deadline))
        # In one piece, and so usually in one packet.
        self._socket.sendall("\r\n".join(lines).encode() + body)
        self._socket.settimeout(_remaining(deadline))
        with TimedResponse(self._socket, method="POST") as response:
            response.begin()
            content = response.read(LARGEST_ANSWER + 1)
            if response.length or len(content) > LARGEST_ANSWER:
                raise http.client.HTTPException("the answer is cut off, or too large")
            if response.will_close:
                self.close()
            return Answer(response.status, response.headers, content)

    def has_unread_bytes(self) -> bool:
        """Return whether the server sent something since its last answer, or closed.

        It would be taken for the answer to the next request: load balancers, for instance, send a
        408 before they close an idle connection.
        """
        if self._socket is None:
            return False
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            return bool(selector.select(0))

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connect(self, deadline: float) -> socket.socket:
        failure: OSError = TimeoutError("the host has no address")
        addresses = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _, address in addresses:
            plain = socket.socket(family, kind, protocol)
            try:
                plain.settimeout(_remaining(deadline))
                plain.connect(address)
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return self._secure(plain, deadline)
            except OSError as error:
                plain.close()
                failure = error
        raise failure

    def _secure(self, plain: socket.socket, deadline: float) -> socket.socket:
        if self._tls is None:
            return plain
        plain.settimeout(_remaining(deadline))
        return self._tls.wrap_socket(plain, server_hostname=self._host)


def _remaining(deadline: float) -> float:
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError("no time is left")
    return remaining
