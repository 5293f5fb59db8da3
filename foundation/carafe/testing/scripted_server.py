"""An HTTP server on real sockets whose behaviour a test scripts, request by request."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .listener import Listener

TRICKLE_SECONDS = 0.05
TRICKLE_BYTES = 100  # five seconds in all: longer than any test waits

Step = Callable[[socket.socket], None]
"""Responds to a request, or fails to."""


@dataclass(frozen=True)
class Request:
    """A request as it was received."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The body, decoded from JSON."""
        return json.loads(self.body)


class ScriptedServer(Listener):
    """Performs one step for each request, and repeats the last one.

    Args:
        steps: the responses, in order.
        tls: for HTTPS, as `localhost`.

    Attributes:
        requests: the requests received.
        connections: the number of connections accepted.
        url: the address of the server.
    """

    def __init__(self, *steps: Step, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._steps = steps
        self._lock = threading.Lock()
        self._tls = tls
        super().__init__()
        self.url = f"https://localhost:{self.port}" if tls else f"http://127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        """Perform a step for each request on a connection."""
        with self._lock:
            self.connections += 1
        if self._tls is not None:
            try:
                connection = self._tls.wrap_socket(connection, server_side=True)
            except OSError:
                return  # the client does not trust it
        with connection, connection.makefile("rb") as stream:
            try:
                while request := _read_request(stream):
                    with self._lock:
                        self.requests.append(request)
                        step = self._steps[min(len(self.requests), len(self._steps)) - 1]
                    step(connection)
            except OSError:
                return  # either side closed the connection


def _read_request(stream: Any) -> Request | None:  # noqa: ANN401 - a socket's file
    line = stream.readline().decode()
    if not line:
        return None
    method, target, _ = line.split(" ")
    headers = {}
    while (line := stream.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Request(method, target, headers, stream.read(int(headers.get("content-length", 0))))


# Steps


def respond(
    body: object = None, status: int = 200, headers: Mapping[str, str] | None = None
) -> Step:
    """Return a step that responds correctly; a body that is not bytes is sent as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    whole = _head(status, {"Content-Length": str(len(raw)), **(headers or {})}) + raw
    return lambda connection: connection.sendall(whole)


def break_off(connection: socket.socket) -> None:
    """Send half a response, and close the connection."""
    connection.sendall(_head(200, {"Content-Length": "100"}) + b'{"half": ')
    hang_up(connection)


def hang_up(connection: socket.socket) -> None:
    """Close the connection without a response."""
    connection.shutdown(socket.SHUT_RDWR)


def respond_without_http(connection: socket.socket) -> None:
    """Respond in another protocol."""
    connection.sendall(b"SSH-2.0-Server\r\n")
    hang_up(connection)


def stay_silent(connection: socket.socket) -> None:
    """Wait until the client closes the connection."""
    connection.recv(1, socket.MSG_PEEK)


def trickle_head(connection: socket.socket) -> None:
    """Send a correct response, but its head byte by byte."""
    _trickle(connection, _head(200, {"X-Padding": "." * TRICKLE_BYTES, "Content-Length": "2"}))
    connection.sendall(b"{}")


def trickle_body(connection: socket.socket) -> None:
    """Send a correct response, but its body byte by byte."""
    connection.sendall(_head(200, {"Content-Length": str(TRICKLE_BYTES + 2)}))
    _trickle(connection, b"{}" + b" " * TRICKLE_BYTES)


def respond_without_end(connection: socket.socket) -> None:
    """Send spaces until the client closes the connection."""
    connection.sendall(_head(200, {"Transfer-Encoding": "chunked"}))
    while True:
        connection.sendall(b"1000\r\n" + b" " * 0x1000 + b"\r\n")


def _trickle(connection: socket.socket, data: bytes) -> None:
    pause = threading.Event()
    for byte in data:
        connection.sendall(bytes([byte]))
        pause.wait(TRICKLE_SECONDS)


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {each}" for name, each in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()
