"""What a service's client sends, and what it makes of answers; Ordering's is one."""

import pytest

from carafe.client import errors
from carafe.client.limits import Limits
from carafe.contracts.correlation import correlation_context
from carafe.testing.scripted_server import ScriptedServer, respond
from chalicelib.contracts.client import OrderingClient
from chalicelib.contracts.commands import DeliverOrder
from chalicelib.contracts.queries import GetOrder

RESULT = {"id": "order-1", "version": 2}
UNAVAILABLE = {
    "title": "The service cannot work now",
    "status": 503,
    "detail": "The bus is behind; try again later.",
    "code": "outbox_full",
    "correlation_id": "x",
}


def test_each_call_has_a_key_of_its_own_and_its_repeats_the_same() -> None:
    script = respond(UNAVAILABLE, 503), respond(RESULT)
    with ScriptedServer(*script) as server, OrderingClient(server.url) as client:
        for _ in range(2):
            client.deliver(DeliverOrder(id="order-1"))
    keys = [each.headers["idempotency-key"] for each in server.requests]
    assert keys[0] == keys[1] != keys[2]


def test_a_service_that_cannot_work_now_says_so() -> None:
    with (
        ScriptedServer(respond(UNAVAILABLE, 503)) as server,
        OrderingClient(server.url) as client,
        pytest.raises(errors.ProblemReceived) as told,
    ):
        client.deliver(DeliverOrder(id="order-1"))
    assert (told.value.status, told.value.code) == (503, "outbox_full")
    assert len(server.requests) == 3


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", {}, [], None])
@pytest.mark.parametrize("status", [200, 404, 502])
def test_an_answer_that_is_none_of_the_service_is_no_answer(status: int, body: object) -> None:
    with (
        ScriptedServer(respond(body, status)) as server,
        OrderingClient(server.url, limits=Limits(attempts=1)) as client,
        pytest.raises(errors.NoAnswer) as told,
    ):
        client.order(GetOrder(id="order-1"))
    assert "Bad gateway" not in str(told.value)
    assert "127.0.0.1" not in str(told.value)


def test_the_token_is_asked_for_each_call() -> None:
    tokens = iter(["first", "second"])
    with (
        ScriptedServer(respond(RESULT)) as server,
        OrderingClient(server.url, token_provider=lambda: next(tokens)) as client,
    ):
        for _ in range(2):
            client.deliver(DeliverOrder(id="order-1"))
    sent = [each.headers["authorization"] for each in server.requests]
    assert sent == ["Bearer first", "Bearer second"]


@pytest.mark.parametrize("token", ["", "two words", "line\r\nX-Injected: yes", "käse"])
def test_what_is_no_token_is_not_sent_and_not_quoted(token: str) -> None:
    with (
        ScriptedServer(respond(RESULT)) as server,
        OrderingClient(server.url, token_provider=lambda: token) as client,
        pytest.raises(ValueError, match="must return a token") as error,
    ):
        client.deliver(DeliverOrder(id="order-1"))
    assert not token or token not in str(error.value)
    assert server.requests == []


def test_the_version_that_must_be_the_newest_is_sent() -> None:
    with ScriptedServer(respond(RESULT)) as server, OrderingClient(server.url) as client:
        client.deliver(DeliverOrder(id="order-1"), if_match=4)
        client.deliver(DeliverOrder(id="order-1"))
    assert server.requests[0].headers["if-match"] == '"4"'
    assert "if-match" not in server.requests[1].headers


def test_what_a_call_follows_from_is_sent() -> None:
    with ScriptedServer(respond(RESULT)) as server, OrderingClient(server.url) as client:
        with correlation_context("request-7", "00-trace"):
            client.deliver(DeliverOrder(id="order-1"))
        client.deliver(DeliverOrder(id="order-1"))
    first, second = (each.headers for each in server.requests)
    assert (first["x-correlation-id"], first["traceparent"]) == ("request-7", "00-trace")
    assert not {"x-correlation-id", "traceparent"} & set(second)
