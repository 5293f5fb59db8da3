"""Logs: one JSON object a line, with the ids of what it belongs to, and nothing private."""

import io
import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from carafe.infrastructure import logs
from carafe.infrastructure.container import Container
from carafe.infrastructure.outbox.outbox import envelope_of
from carafe.testing.examples import AN_ADDRESS
from carafe.testing.http import Api
from carafe.testing.inbound import a_delivery
from chalicelib.domain.order import Order
from tests.support.callers import CUSTOMER
from tests.support.inbound import payment_captured
from tests.support.products import register_product

TRACE = f"00-{'a' * 32}-{'b' * 16}-01"
IDS = {"X-Correlation-Id": "corr-1", "traceparent": TRACE}

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Return what was logged so far, read as it would be by a machine."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_request_is_one_line_with_its_ids(http: Api, lines: Lines) -> None:
    http.call("GET", "/orders", None, {**CUSTOMER, **IDS})
    (line,) = [each for each in lines() if each["message"] == "answered"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/orders", 200)
    assert (line["correlation_id"], line["traceparent"]) == ("corr-1", TRACE)


def test_ids_go_from_a_request_through_its_event_to_what_follows(
    service: Container[Any], http: Api, lines: Lines
) -> None:
    line = {"product_id": register_product(http), "quantity": 1}
    body = {"lines": [line], "shipping_address": AN_ADDRESS}
    order_id = http.call("POST", "/orders", body, {**CUSTOMER, **IDS}).body["id"]
    with service.bus.subscribe(["ordering.order.placed"]) as subscription:
        service.relay.relay({"orders": [order_id]}, time.monotonic() + 20)
        message = subscription.receive(10)
        assert message is not None
        subscription.settle(message)
    placed = json.loads(message.body)
    assert (placed["correlationid"], placed["traceparent"]) == ("corr-1", TRACE)
    # Another service answers with an event of its own, which carries them back.
    answer = payment_captured(order_id, correlationid=placed["correlationid"], traceparent=TRACE)
    early = payment_captured("no-such-order", correlationid="corr-2")
    from app import functions  # noqa: PLC0415 - after the environment is set

    functions.inbox().settle([a_delivery(answer), a_delivery(early)], time.monotonic() + 20)
    document = service.database["orders"].find_one({"_id": order_id})
    assert document is not None
    paid = envelope_of(document["pending"][-1])
    assert (paid["correlationid"], paid["causationid"]) == ("corr-1", answer["id"])
    (held_back,) = [each for each in lines() if each["message"] == "event held back"]
    assert (held_back["correlation_id"], held_back["causation_id"]) == ("corr-2", early["id"])
    assert held_back["reason"] == "not_found"


def test_nothing_private_is_logged(
    service: Container[Any], http: Api, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_named: object) -> object:
        raise LookupError(f"{AN_ADDRESS['street']} of maria")

    body = {"lines": [], "shipping_address": AN_ADDRESS, "payment_method": "4111-1111"}
    http.call("POST", "/orders", body, {**CUSTOMER, **IDS})
    monkeypatch.setattr(service.repository(Order), "find_views", broken)
    assert http.call("GET", "/orders?limit=7", None, {**CUSTOMER, **IDS}).status == 500
    (unforeseen,) = [each for each in lines() if each["message"] == "unforeseen error"]
    assert (unforeseen["error"], unforeseen["correlation_id"]) == ("LookupError", "corr-1")
    text = json.dumps(lines())
    token = str(CUSTOMER.get("Authorization", "-")).removeprefix("Bearer ")
    for private in (AN_ADDRESS["street"], AN_ADDRESS["recipient"], "4111", token, "limit=7"):
        assert private not in text


def test_an_exception_is_logged_by_type_and_place(lines: Lines) -> None:
    secret = AN_ADDRESS["recipient"]
    try:
        int(secret)
    except ValueError:
        logging.getLogger("test").exception("it failed")
    (line,) = lines()
    assert (line["level"], line["error"]) == ("ERROR", "ValueError")
    assert any("test_logs.py" in each for each in line["place"])
    assert secret not in json.dumps(line)


def test_ids_hold_for_the_block_alone(lines: Lines) -> None:
    log = logging.getLogger("test")
    with logs.context(correlation_id="outer", traceparent=None):
        with logs.context(causation_id="inner"):
            log.info("both")
        log.info("one")
    log.info("none")
    both, one, none = lines()
    assert (both["correlation_id"], both["causation_id"]) == ("outer", "inner")
    assert "causation_id" not in one
    assert "correlation_id" not in none
    assert "traceparent" not in one


def test_metrics_have_the_form_that_cloudwatch_reads(lines: Lines) -> None:
    logging.getLogger("test").info(
        "relayed", extra=logs.metrics("ordering", "prod", relayed=3, pending_age_seconds=1.5)
    )
    (line,) = lines()
    assert (line["service"], line["relayed"], line["pending_age_seconds"]) == ("ordering", 3, 1.5)
    (group,) = line["_aws"]["CloudWatchMetrics"]
    assert group["Dimensions"] == [["service", "stage"]]
    assert line["stage"] == "prod"
    assert {each["Name"]: each["Unit"] for each in group["Metrics"]} == {
        "relayed": "Count",
        "pending_age_seconds": "Seconds",
    }
    assert abs(line["_aws"]["Timestamp"] / 1000 - time.time()) < 60


def test_what_configures_logging_keeps_the_handlers_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Lambda's runtime brings a handler of its own."""
    root = logging.getLogger()
    theirs = logging.StreamHandler(io.StringIO())
    monkeypatch.setattr(root, "handlers", [theirs])
    monkeypatch.setattr(root, "level", root.level)
    logs.configure()
    assert root.handlers == [theirs]
    assert isinstance(theirs.formatter, logs.JsonFormatter)
