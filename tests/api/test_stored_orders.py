"""Orders that were stored by earlier code, over HTTP."""

import logging
import re

import pytest
from carafe.domain import address
from carafe.domain.errors import InvalidValue
from carafe.infrastructure.container import Container
from carafe.testing.examples import AN_ADDRESS, an_address
from carafe.testing.http import Api

from chalicelib.domain.order import Order
from chalicelib.infrastructure.settings import Settings
from tests.support.callers import CUSTOMER
from tests.support.orders import place_order


def test_orders_are_shown_that_a_stricter_rule_would_refuse(
    http: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = place_order(http)
    monkeypatch.setattr(address, "_COUNTRY", re.compile("AT"))
    with pytest.raises(InvalidValue):
        an_address(country=AN_ADDRESS["country"])
    page, one = http.get("/orders", CUSTOMER), http.get(f"/orders/{order_id}", CUSTOMER)
    assert (page.status, one.status) == (200, 200)
    assert page.body["items"] == [one.body]
    assert one.body["shipping_address"] == AN_ADDRESS


@pytest.mark.parametrize(
    "damage", [{"$unset": {"customer_id": ""}}, {"$set": {"status": "lost"}}], ids=str
)
def test_a_document_that_cannot_be_read_is_named_in_the_log_alone(
    http: Api,
    service: Container[Settings],
    caplog: pytest.LogCaptureFixture,
    damage: dict[str, object],
) -> None:
    order_id = place_order(http)
    orders = service.repository(Order).collection
    orders.update_one({"_id": order_id}, damage, bypass_document_validation=True)
    with caplog.at_level(logging.ERROR):
        answer = http.get(f"/orders/{order_id}", CUSTOMER)
    assert (answer.status, answer.body["code"]) == (500, "document_unreadable")
    assert order_id not in str(answer.body)
    (line,) = (each for each in caplog.records if "cannot be read" in each.message)
    assert (vars(line)["kind"], vars(line)["document"]) == ("Order", order_id)
