"""The local server refuses what it cannot read, in the form of every other refusal."""

import http.client
import io
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

import pytest
from chalice.config import Config
from chalice.local import LocalDevServer

from carafe.testing.http import Api
from tests.support.callers import CUSTOMER
from tests.support.http_server import serving

ORDER = b'{"lines": [], "payment_method": "declined"}'


@pytest.fixture
def address(http: Api) -> Iterator[tuple[str, int]]:
    """Host and port of the local server."""
    del http  # its environment is set
    from app import app  # noqa: PLC0415 - after the environment is set

    server = LocalDevServer(app, Config.create(lambda_timeout=60), "127.0.0.1", 0)
    with serving(server.server):
        yield server.server.server_address


@dataclass(frozen=True)
class Answer:
    """What the server sent."""

    status: int
    headers: Message
    body: bytes

    @property
    def code(self) -> str:
        """The code of the problem."""
        assert self.headers["Content-Type"] == "application/problem+json"
        return str(json.loads(self.body)["code"])


def _answers(address: tuple[str, int], request: bytes) -> list[Answer]:
    """Send bytes as they are, and return every answer until the server hangs up."""
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        stream = io.BytesIO(b"".join(iter(lambda: connection.recv(4096), b"")))
    answers = []
    while status_line := stream.readline():
        headers = http.client.parse_headers(stream)
        body = stream.read(int(headers["Content-Length"]))
        answers.append(Answer(int(status_line.split()[1]), headers, body))
    return answers


@pytest.mark.parametrize(
    "header",
    [
        b"Transfer-Encoding: chunked",
        b"transfer-encoding: CHUNKED\r\nContent-Length: 4",
        b"Transfer-Encoding: gzip, chunked",
        b"Content-Length: -1",
        b"Content-Length: 0x10",
        b"Content-Length: 4\r\nContent-Length: 5",
    ],
)
def test_a_body_without_a_plain_length_is_refused_and_never_read_as_a_request(
    address: tuple[str, int], header: bytes
) -> None:
    smuggled = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(smuggled), smuggled)
    request = b"POST /orders HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n" + chunks
    (answer,) = _answers(address, request)
    assert (answer.status, answer.code) == (411, "length_required")
    assert answer.headers["Connection"] == "close"


@pytest.mark.parametrize("method", ["OPTIONS", "PATCH", "TRACE", "QUERY", "FROB"])
def test_a_method_that_is_not_served_learns_which_are(
    address: tuple[str, int], method: str
) -> None:
    request = f"{method} /orders HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    (answer,) = _answers(address, request)
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"no request", 400),
        (b"GET /orders HTTP/9.9", 505),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1", 414),
    ],
)
def test_what_is_no_request_gets_a_problem_too(
    address: tuple[str, int], request_line: bytes, status: int
) -> None:
    (answer,) = _answers(address, request_line + b"\r\nHost: x\r\n\r\n")
    assert answer.status == status
    assert answer.code


def test_a_refused_head_request_leaves_the_connection_usable(address: tuple[str, int]) -> None:
    head = b"HEAD /orders HTTP/1.1\r\nHost: x\r\n\r\n"
    health = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    refused, healthy = _answers(address, head + health)
    assert (refused.status, refused.body, healthy.status) == (401, b"", 200)


@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/docs"])
def test_open_routes_answer_head_without_a_body(address: tuple[str, int], path: str) -> None:
    (answer,) = _answers(address, f"HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd", "gzip, gzip", "x"])
def test_a_body_with_a_content_encoding_is_refused(http: Api, coding: str) -> None:
    answer = http.post("/orders", ORDER, {"Content-Encoding": coding, **CUSTOMER})
    assert (answer.status, answer.body["code"]) == (415, "unsupported_content_encoding")


def test_browsers_are_told_not_to_guess_the_content_type(http: Api) -> None:
    for path in ("/orders", "/nowhere", "/health", "/openapi.json"):
        assert http.get(path).headers["x-content-type-options"] == "nosniff", path
