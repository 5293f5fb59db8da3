"""A server that is drained: whoever is connected gets an answer, and nobody else is waited for.

Half a request is not executed.
"""

import functools
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from chalice.app import Chalice, Response
from chalice.config import Config

from carafe.development import draining_server
from carafe.development.draining_server import DrainingServer, RequestHandler
from carafe.development.servers.ports import choose_port, listen
from carafe.testing.processes import wait_until

REQUEST = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\n\r\npayload"
ECHO = b"payload"
HEAD_LENGTH = len(REQUEST) - len(ECHO)


@dataclass
class Drained:
    """A server that runs.

    Attributes:
        server: the server.
        draining: drains it, once it is started.
        bodies: those that its function was called with.
    """

    server: DrainingServer
    draining: threading.Thread
    bodies: list[bytes]

    def connect(self) -> socket.socket:
        """Return a connection that the server has accepted."""
        count = self._count()
        connection = socket.create_connection(self.server.server_address[:2], timeout=20)
        wait_until(lambda: self._count() > count)
        return connection

    def drain(self) -> None:
        """Begin to drain it."""
        self.server.shutdown()
        self.draining.start()
        wait_until(lambda: self.server.is_draining)

    def _count(self) -> int:
        return len(self.server._connections)  # noqa: SLF001


@pytest.fixture
def drained() -> Iterator[Drained]:
    app, bodies = Chalice("echo"), list[bytes]()

    @app.route("/echo", methods=["POST"])
    def echo() -> Response:
        request = app.current_request
        assert request
        assert isinstance(request.raw_body, bytes)
        bodies.append(request.raw_body)
        return Response(request.raw_body.decode(), {"Content-Type": "text/plain"})

    handler = functools.partial(RequestHandler, app_object=app, config=Config())
    with closing(listen(choose_port())) as listening:
        server = DrainingServer(listening, handler)
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        running = Drained(server, threading.Thread(target=server.drain), bodies)
        try:
            yield running
        finally:
            server.shutdown()
            serving.join()
            if running.draining.ident:
                running.draining.join()


def answer(connection: socket.socket) -> tuple[bytes, bool]:
    """Return the body of an answer, and whether it says that the connection ends."""
    received = b""
    while not received.endswith(ECHO):
        part = connection.recv(1 << 16)
        assert part, f"closed after {received!r}"
        received += part
    return received[-len(ECHO) :], b"\r\nConnection: close\r\n" in received


@pytest.mark.parametrize("sent", [0, 10, HEAD_LENGTH, HEAD_LENGTH + 1])
def test_a_request_that_is_on_its_way_is_answered(
    drained: Drained, monkeypatch: pytest.MonkeyPatch, sent: int
) -> None:
    monkeypatch.setattr(draining_server, "SILENCE_SECONDS", 20.0)
    with drained.connect() as connection:
        connection.sendall(REQUEST[:sent])
        drained.drain()
        connection.sendall(REQUEST[sent:])
        assert answer(connection) == (ECHO, True)
        assert connection.recv(1) == b""
        drained.draining.join(10)
        assert not drained.draining.is_alive()


def test_so_is_the_next_one_of_a_connection_that_is_kept(
    drained: Drained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining_server, "SILENCE_SECONDS", 20.0)
    with drained.connect() as connection:
        connection.sendall(REQUEST)
        assert answer(connection) == (ECHO, False)
        drained.drain()
        connection.sendall(REQUEST)
        assert answer(connection) == (ECHO, True)
        assert connection.recv(1) == b""


def test_one_that_has_begun_is_waited_for_longer_than_a_silent_connection(
    drained: Drained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining_server, "SILENCE_SECONDS", 0.0)
    with drained.connect() as begun, drained.connect() as silent:
        begun.sendall(REQUEST[: HEAD_LENGTH + 1])
        wait_until(lambda: None in drained.server._connections.values())  # noqa: SLF001
        drained.drain()
        assert silent.recv(1) == b""
        begun.sendall(REQUEST[HEAD_LENGTH + 1 :])
        assert answer(begun) == (ECHO, True)


@pytest.mark.parametrize(
    "part",
    [
        REQUEST[:8],
        REQUEST[: REQUEST.index(b"\n") + 1],
        REQUEST[: REQUEST.index(b"Content-Length")],
        REQUEST[: REQUEST.index(b"7") + 1],
        REQUEST[: HEAD_LENGTH - 2],
        REQUEST[:HEAD_LENGTH],
        REQUEST[:-1],
    ],
)
def test_the_half_of_a_request_is_not_executed(drained: Drained, part: bytes) -> None:
    with drained.connect() as connection:
        connection.sendall(REQUEST)
        assert answer(connection) == (ECHO, False)
        connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1 << 16) == b""
    assert drained.bodies == [ECHO]


@pytest.mark.parametrize("requests", [0, 1])
def test_nobody_waits_for_a_connection_that_stays_silent(drained: Drained, requests: int) -> None:
    with drained.connect() as connection:
        for _ in range(requests):
            connection.sendall(REQUEST)
            assert answer(connection) == (ECHO, False)
        drained.drain()
        drained.draining.join(10)
        assert not drained.draining.is_alive()
        assert connection.recv(1) == b""  # closed, not reset


def test_a_request_whose_rest_does_not_come_is_given_up(
    drained: Drained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining_server, "DRAIN_SECONDS", 0.5)
    with drained.connect() as connection:
        connection.sendall(REQUEST[:-1])
        drained.drain()
        drained.draining.join(10)
        assert not drained.draining.is_alive()


def test_without_a_connection_it_is_drained_at_once(drained: Drained) -> None:
    drained.drain()
    drained.draining.join(10)
    assert not drained.draining.is_alive()
