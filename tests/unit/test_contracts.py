"""What senders may put into a command, and what events announce."""

import msgspec
import pytest
from carafe.contracts.validation import MalformedMessage, read
from carafe.domain.model import DomainEvent
from carafe.testing.examples import AN_ADDRESS, NOON

from chalicelib.contracts.commands import PlaceOrder, RegisterProduct
from chalicelib.contracts.integration_events import PUBLISHED
from chalicelib.contracts.queries import ListOrders
from chalicelib.domain.payments import Declined
from tests.support.orders import (
    a_delivered_order,
    a_refundable_order,
    an_order,
    an_order_being_paid,
)
from tests.support.products import a_product, euros

AN_ORDER = {"lines": [{"product_id": "p-1", "quantity": 2}], "shipping_address": AN_ADDRESS}
A_PRODUCT = {"sku": "A", "name": "B", "price": {"amount": "1.00", "currency": "EUR"}}


def pointers(contract: type, values: object, *, from_text: bool = False) -> set[str]:
    """Return the fields for which a message is refused."""
    with pytest.raises(MalformedMessage) as refusal:
        read(contract, values, from_text=from_text)
    return {fault.pointer for fault in refusal.value.faults}


def test_a_right_order_becomes_its_contract() -> None:
    order = read(PlaceOrder, AN_ORDER)
    assert (order.lines[0].quantity, order.shipping_address.city) == (2, "Leipzig")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"lines": []}, "/lines"),
        ({"lines": [{"product_id": "p-1", "quantity": 1}] * 101}, "/lines"),
        ({"lines": [{"product_id": "p-1", "quantity": 0}]}, "/lines/0/quantity"),
        ({"lines": [{"product_id": "p-1", "quantity": 1_001}]}, "/lines/0/quantity"),
        ({"shipping_address": AN_ADDRESS | {"country": "de"}}, "/shipping_address/country"),
        ({"shipping_address": AN_ADDRESS | {"city": "  "}}, "/shipping_address/city"),
        ({"customer_id": "somebody else"}, "/customer_id"),
    ],
)
def test_a_wrong_order_is_refused_by_its_field(change: dict[str, object], pointer: str) -> None:
    assert pointers(PlaceOrder, AN_ORDER | change) == {pointer}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"sku": "carafe"}, "/sku"),
        ({"sku": "A" * 41}, "/sku"),
        ({"name": ""}, "/name"),
        ({"price": {"amount": "1.005", "currency": "EUR"}}, "/price/amount"),
        ({"price": {"amount": "1", "currency": "Euro"}}, "/price/currency"),
    ],
)
def test_a_wrong_product_is_refused_by_its_field(change: dict[str, object], pointer: str) -> None:
    assert pointers(RegisterProduct, A_PRODUCT | change) == {pointer}


def test_orders_are_listed_by_a_status_that_there_is() -> None:
    assert pointers(ListOrders, {"status": "lost"}, from_text=True) == {"/status"}


def every_event() -> list[DomainEvent]:
    """Return an event of each kind."""
    product = a_product()
    product.change_price(euros("1"), at=NOON)
    product.discontinue(at=NOON)
    delivered = a_delivered_order()
    cancelled = an_order()
    cancelled.change_shipping_address(cancelled.shipping_address, at=NOON)
    cancelled.cancel("no longer needed", at=NOON)
    declined = an_order_being_paid("first")
    declined.end_payment("first", Declined(), at=NOON)
    refunded = a_refundable_order()
    refunded.note_refunds(["payment-1"], at=NOON)
    changed = [product, delivered, cancelled, declined, refunded]
    recorded = [each for aggregate in changed for each in aggregate.recorded]
    return [each for each in recorded if isinstance(each, DomainEvent)]


def test_every_event_fits_the_contract_that_announces_it() -> None:
    events = every_event()
    assert {type(event) for event in events} == set(PUBLISHED)
    for event in events:
        contract = PUBLISHED[type(event)]
        data = contract.data_of(event)
        assert msgspec.json.encode(msgspec.convert(data, contract)) == msgspec.json.encode(data)
