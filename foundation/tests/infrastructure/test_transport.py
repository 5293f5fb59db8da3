"""Calls to a service that goes wrong, over real connections (F51)."""

import gzip
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import pytest
from urllib3.connection import HTTPConnection

from carafe.client.breaker import CircuitBreaker
from carafe.client.errors import Answer, NoAnswer
from carafe.client.http_connections import LONGEST_IDLE_SECONDS, HttpConnections, Request
from carafe.client.limits import Limits
from carafe.client.reading import BodyUnreadable, decode
from carafe.client.transport import Transport
from carafe.testing.scripted_server import (
    ScriptedServer,
    Step,
    break_off,
    hang_up,
    respond,
    respond_without_end,
    respond_without_http,
    stay_silent,
    trickle_body,
    trickle_head,
)

QUICK = Limits(connect_seconds=1, answer_seconds=0.5, total_seconds=20, answer_bytes=100_000)
GET = Request("GET", "/things?of=mine")
POST = Request("POST", "/things", b"{}")
POST_WITH_KEY = Request("POST", "/things", b"{}", {"Idempotency-Key": "key-1"})

ok = respond({"it": "works"})
failing = respond({"code": "internal_error"}, 500)
garbage = respond(b"<html>")

FAULTS = {
    "server error": failing,
    "garbage": garbage,
    "half an answer": break_off,
    "no answer": hang_up,
    "no HTTP": respond_without_http,
    "broken compression": respond(b"no gzip", headers={"Content-Encoding": "gzip"}),
    "silence": stay_silent,
    "trickling head": trickle_head,
    "trickling body": trickle_body,
    "too many requests": respond({}, 429),
}


class Caller:
    """Calls a scripted service, and remembers its pauses instead of making them."""

    def __init__(self, url: str, limits: Limits = QUICK) -> None:
        self.pauses: list[float] = []
        self.transport = Transport(url, "thing service", limits, sleep=self.pauses.append)

    def send(self, request: Request) -> dict[str, str]:
        return self.transport.send(request, read)


def read(answer: Answer) -> dict[str, str]:
    try:
        return decode(answer.body, dict[str, str])
    except BodyUnreadable as error:
        raise NoAnswer("thing service", "garbage") from error


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest) -> Step:
    return FAULTS[request.param]


@pytest.mark.parametrize("request_", [GET, POST_WITH_KEY, Request("PUT", "/things/1", b"{}")])
def test_a_fault_that_passes_is_unseen(fault: Step, request_: Request) -> None:
    with ScriptedServer(fault, ok) as server:
        caller = Caller(server.url)
        assert caller.send(request_) == {"it": "works"}
    assert len(server.requests) == 2
    assert server.requests[0] == server.requests[1]
    assert len(caller.pauses) == 1


def test_what_must_not_happen_twice_is_sent_once(fault: Step) -> None:
    with ScriptedServer(fault, ok) as server:
        caller = Caller(server.url)
        with pytest.raises(NoAnswer) as error:
            caller.send(POST)
    assert error.value.sent
    assert len(server.requests) == 1
    assert caller.pauses == []


def test_a_fault_that_stays_is_told_after_bounded_attempts(
    fault: Step, caplog: pytest.LogCaptureFixture
) -> None:
    with ScriptedServer(fault) as server:
        caller = Caller(server.url)
        with pytest.raises(NoAnswer) as error:
            caller.send(GET)
    assert len(server.requests) == 3
    message = str(error.value)
    assert message.startswith("The thing service failed (")
    assert len(caplog.records) == 3
    for told_to_somebody in (message, caplog.text):
        assert not re.search("127.0.0.1|things|of=mine|html|half", told_to_somebody)


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def test_a_refused_connection_is_tried_again_since_nothing_was_sent(nobody: str) -> None:
    caller = Caller(nobody)
    with pytest.raises(NoAnswer, match="The thing service failed") as error:
        caller.send(POST)
    assert not error.value.sent
    assert len(caller.pauses) == 2
    assert nobody.rpartition(":")[2] not in str(error.value)


# Pauses and the deadline


def test_pauses_are_random_and_grow(nobody: str) -> None:
    pauses = []
    for _ in range(20):
        caller = Caller(nobody)
        with pytest.raises(NoAnswer):
            caller.send(GET)
        pauses.append(caller.pauses)
    assert len({first for first, _ in pauses}) == 20
    assert max(first for first, _ in pauses) <= 0.1
    assert 0.1 < max(second for _, second in pauses) <= 0.2


@pytest.mark.parametrize("status", [429, 503])
def test_the_service_says_when_to_come_back(status: int) -> None:
    with ScriptedServer(respond({}, status, {"Retry-After": "7"}), ok) as server:
        caller = Caller(server.url)
        assert caller.send(GET) == {"it": "works"}
    assert [7 <= pause <= 7.1 for pause in caller.pauses] == [True]


def test_a_date_to_come_back_at_is_understood() -> None:
    date = formatdate(time.time() + 9, usegmt=True)
    with ScriptedServer(respond({}, 503, {"Retry-After": date}), ok) as server:
        caller = Caller(server.url)
        caller.send(GET)
    assert [5 < pause < 10 for pause in caller.pauses] == [True]


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    with ScriptedServer(respond({}, 503, {"Retry-After": "21"}), ok) as server:
        caller = Caller(server.url)
        with pytest.raises(NoAnswer, match="status 503"):
            caller.send(GET)
    assert caller.pauses == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("value", ["soon", "9" * 5000, "Sun, 99 Nov 99999 00:00:00 GMT"])
def test_nonsense_about_when_to_come_back_is_passed_over(value: str) -> None:
    with ScriptedServer(respond({}, 503, {"Retry-After": value}), ok) as server:
        assert Caller(server.url).send(GET) == {"it": "works"}


def test_attempts_end_at_the_deadline() -> None:
    limits = Limits(answer_seconds=60, total_seconds=0.5, attempts=100)
    server = ScriptedServer(trickle_body)
    with server, pytest.raises(NoAnswer, match="no answer in time"):
        Caller(server.url, limits).send(GET)
    assert len(server.requests) == 1


def test_a_pause_that_outlasts_the_deadline_ends_the_attempts() -> None:
    limits = Limits(total_seconds=0.3)

    def oversleep(_seconds: float) -> None:
        threading.Event().wait(0.4)

    with ScriptedServer(failing) as server:
        transport = Transport(server.url, "thing service", limits, sleep=oversleep)
        with pytest.raises(NoAnswer):
            transport.send(GET, read)


def test_what_was_sent_once_stays_sent_whatever_fails_later() -> None:
    with ScriptedServer(failing) as server:
        breaker = CircuitBreaker(failure_threshold=1)
        transport = Transport(server.url, "thing service", QUICK, breaker=breaker)
        with pytest.raises(NoAnswer, match="was not called") as error:
            transport.send(GET, read)
    assert error.value.sent


# What is not taken


def test_an_endless_answer_is_cut_off() -> None:
    server = ScriptedServer(respond_without_end)
    with server, pytest.raises(NoAnswer, match="an answer of more than 100000 bytes"):
        Caller(server.url).send(GET)
    assert len(server.requests) == 1


def test_a_small_answer_that_unpacks_to_a_large_one_is_cut_off() -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    assert len(bomb) < 100_000
    with (
        ScriptedServer(respond(bomb, headers={"Content-Encoding": "gzip"})) as server,
        pytest.raises(NoAnswer, match="an answer of more than 100000 bytes"),
    ):
        Caller(server.url).send(GET)


def test_redirects_are_not_followed() -> None:
    with ScriptedServer(ok) as elsewhere:
        redirect = respond({}, 307, {"Location": elsewhere.url + "/things"})
        with ScriptedServer(redirect) as server, pytest.raises(NoAnswer, match="redirects"):
            Caller(server.url).send(POST_WITH_KEY)
    assert elsewhere.requests == []
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a.example",
        "ftp://a.example",
        "http://",
        "http://u:p@a.example",
        "http://[::1",
        "http://a:99999",
    ],
)
def test_an_address_that_is_none_is_refused_without_being_quoted(address: str) -> None:
    with pytest.raises(ValueError, match="address of the thing service must be") as error:
        Transport(address, "thing service")
    assert not address or address not in str(error.value)


# The circuit breaker


def test_who_fails_again_and_again_is_left_alone_and_tried_once_in_a_while() -> None:
    now = [0.0]
    breaker = CircuitBreaker(failure_threshold=2, open_seconds=10, clock=lambda: now[0])
    with ScriptedServer(failing, failing, failing, ok) as server:
        transport = Transport(server.url, "thing service", QUICK, breaker=breaker)

        def call() -> dict[str, str]:
            return transport.send(POST, read)

        for _ in range(2):
            with pytest.raises(NoAnswer, match="status 500"):
                call()
        with pytest.raises(NoAnswer, match="was not called") as error:
            call()
        assert not error.value.sent
        assert len(server.requests) == 2
        now[0] += 10
        with pytest.raises(NoAnswer, match="status 500"):
            call()
        with pytest.raises(NoAnswer, match="was not called"):
            call()
        now[0] += 10
        assert call() == call() == {"it": "works"}


def test_an_open_breaker_ends_the_attempts() -> None:
    with ScriptedServer(failing) as server:
        breaker = CircuitBreaker(failure_threshold=2)
        transport = Transport(server.url, "thing service", QUICK, breaker=breaker)
        with pytest.raises(NoAnswer, match="was not called"):
            transport.send(GET, read)
    assert len(server.requests) == 2


# Connections


def test_connections_are_reused() -> None:
    with ScriptedServer(ok) as server:
        caller = Caller(server.url)
        for _ in range(3):
            caller.send(GET)
        assert server.connections == 1


def test_threads_share_a_client() -> None:
    with ScriptedServer(ok) as server:
        caller = Caller(server.url)
        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(caller.send, [POST] * 200))
        assert results == [{"it": "works"}] * 200
        assert len(server.requests) == 200
        assert server.connections <= 8


def test_connections_send_without_waiting_for_more() -> None:
    """Head and body are two writes: Nagle's delay would hold the second back."""
    with ScriptedServer(ok) as server:
        connections = HttpConnections(server.url, "thing service", QUICK)
        connections.send(GET, 5)
        connection = connections._pool._get_conn()  # noqa: SLF001 - there is no other way to look
        assert isinstance(connection, HTTPConnection)
        assert connection.sock is not None
        assert connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        connection.close()


def test_a_connection_that_the_service_closed_meanwhile_is_replaced() -> None:
    closed = threading.Semaphore(0)

    def answers_and_hangs_up(connection: socket.socket) -> None:
        ok(connection)
        hang_up(connection)
        closed.release()

    with ScriptedServer(answers_and_hangs_up) as server:
        caller = Caller(server.url)
        for _ in range(3):
            assert caller.send(POST) == {"it": "works"}
            assert closed.acquire(timeout=10)
        assert server.connections == 3


def test_connections_that_lay_idle_while_the_function_was_frozen_are_replaced() -> None:
    now = [1_000_000.0]
    with ScriptedServer(ok) as server:
        connections = HttpConnections(server.url, "thing service", QUICK, wall_clock=lambda: now[0])
        for pause, expected in (
            (0, 1),
            (LONGEST_IDLE_SECONDS, 1),
            (LONGEST_IDLE_SECONDS + 1, 2),
        ):
            now[0] += pause
            connections.send(GET, 5)
            assert server.connections == expected
        connections.close()


def test_the_path_of_the_address_stands_before_every_path() -> None:
    with ScriptedServer(ok) as server:
        Caller(f"{server.url}/api/").send(GET)
    assert server.requests[0].target == "/api/things?of=mine"


# Encrypted


def test_encrypted_connections_are_reused(tls: ssl.SSLContext) -> None:
    with ScriptedServer(ok, tls=tls) as server:
        caller = Caller(server.url)
        for _ in range(3):
            assert caller.send(POST) == {"it": "works"}
        assert server.connections == 1


@pytest.mark.parametrize("trickle", [trickle_head, trickle_body])
def test_an_encrypted_answer_must_be_complete_in_time_as_well(
    tls: ssl.SSLContext, trickle: Step
) -> None:
    with (
        ScriptedServer(trickle, tls=tls) as server,
        pytest.raises(NoAnswer, match="no answer in time"),
    ):
        Caller(server.url).send(POST)


def test_a_certificate_that_is_not_trusted_gets_nothing(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with ScriptedServer(ok, tls=tls) as server:
        caller = Caller(server.url)
        with pytest.raises(NoAnswer, match="certificate is not trusted") as error:
            caller.send(GET)
    assert not error.value.sent
    assert server.requests == []
    assert caller.pauses == []
