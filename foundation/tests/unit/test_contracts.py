"""Contracts refuse what does not fit, and announce what the domain records."""

from typing import ClassVar

import msgspec
import pytest

from carafe.contracts.integration_events import IntegrationEvent, faults_of, routing_key
from carafe.contracts.validation import MalformedMessage, read
from carafe.domain.model import DomainEvent
from chalicelib.contracts.commands import PlaceOrder, RegisterProduct
from chalicelib.contracts.integration_events import PUBLISHED, OrderPlacedV1
from chalicelib.contracts.queries import ListOrders
from chalicelib.domain.order import Order
from chalicelib.domain.order_events import OrderPaid, OrderPlaced
from chalicelib.domain.product import Product
from tests.support.examples import NOON, AnOrder, a_product, euros

AN_ORDER = {
    "lines": [{"product_id": "p-1", "quantity": 2}],
    "shipping_address": {
        "recipient": "Maria Weber",
        "street": "Lindenallee 12",
        "city": "Leipzig",
        "postal_code": "04109",
        "country": "DE",
    },
}


def _pointers(contract: type, values: object, *, from_text: bool = False) -> set[str]:
    with pytest.raises(MalformedMessage) as refusal:
        read(contract, values, from_text=from_text)
    return {fault.pointer for fault in refusal.value.faults}


def test_a_right_message_becomes_its_contract() -> None:
    assert read(PlaceOrder, AN_ORDER).lines[0].quantity == 2


def test_every_fault_is_named_at_once() -> None:
    values = {
        "lines": [{"product_id": "p-1", "quantity": 0}, {"quantity": "2", "price": 1}],
        "shipping_address": AN_ORDER["shipping_address"] | {"country": "de"},  # type: ignore[operator]
        "version": 7,
        "$set": {},
    }
    assert _pointers(PlaceOrder, values) == {
        "/lines/0/quantity",
        "/lines/1/product_id",
        "/lines/1/quantity",
        "/lines/1/price",
        "/shipping_address/country",
        "/version",
        "/$set",
    }


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({**AN_ORDER, "lines": []}, "/lines"),
        ({**AN_ORDER, "lines": {}}, "/lines"),
        ({**AN_ORDER, "lines": None}, "/lines"),
        ({**AN_ORDER, "lines": [None]}, "/lines/0"),
        ({**AN_ORDER, "shipping_address": "Leipzig"}, "/shipping_address"),
        ({**AN_ORDER, "a/b~c": 1}, "/a~1b~0c"),
        ({"lines": AN_ORDER["lines"]}, "/shipping_address"),
        ([], ""),
        ("order", ""),
    ],
)
def test_a_fault_is_named_by_its_pointer(values: object, pointer: str) -> None:
    assert _pointers(PlaceOrder, values) == {pointer}


def test_what_only_the_domain_knows_is_named_as_well() -> None:
    address = AN_ORDER["shipping_address"] | {"city": "  "}  # type: ignore[operator]
    assert _pointers(PlaceOrder, {**AN_ORDER, "shipping_address": address}) == {
        "/shipping_address/city"
    }
    price = {"amount": "1.005", "currency": "EUR"}
    product = {"sku": "A", "name": "Carafe", "price": price}
    assert _pointers(RegisterProduct, product) == {"/price/amount"}


def test_numbers_stand_as_text_only_in_a_query_string() -> None:
    assert read(ListOrders, {"limit": "5"}, from_text=True).limit == 5
    assert _pointers(ListOrders, {"limit": "5"}) == {"/limit"}
    assert _pointers(ListOrders, {"limit": "101"}, from_text=True) == {"/limit"}
    assert _pointers(ListOrders, {"status": "lost"}, from_text=True) == {"/status"}


def _every_event() -> list[DomainEvent]:
    product = a_product()
    product.change_price(euros("1"), at=NOON)
    product.discontinue(at=NOON)
    delivered = AnOrder().paid().shipped().delivered().order
    cancelled = AnOrder().order
    cancelled.change_shipping_address(cancelled.shipping_address, at=NOON)
    cancelled.cancel("no longer needed", at=NOON)
    return [*product.recorded, *delivered.recorded, *cancelled.recorded]


def test_every_event_fits_the_contract_that_announces_it() -> None:
    announced = {type(event) for event in _every_event()}
    assert announced == set(PUBLISHED)
    for event in _every_event():
        contract = PUBLISHED[type(event)]
        data = contract.data_of(event)
        assert msgspec.json.encode(msgspec.convert(data, contract)) == msgspec.json.encode(data)


def test_the_wire_names_are_complete_and_unique() -> None:
    assert faults_of(PUBLISHED, [Order, Product]) == []
    assert routing_key("ordering.order.placed.v1") == "ordering.order.placed"


class Misnamed(IntegrationEvent, frozen=True):
    """Has a name without context and version."""

    wire_type: ClassVar[str] = "paid"


class Namesake(IntegrationEvent, frozen=True):
    """Takes another's name."""

    wire_type: ClassVar[str] = OrderPlacedV1.wire_type


def test_a_missing_malformed_or_taken_wire_name_is_found() -> None:
    published: dict[type[DomainEvent], type[IntegrationEvent]] = dict(PUBLISHED)
    del published[OrderPaid]
    assert faults_of(published, [Product, Order]) == ["OrderPaid has no contract in PUBLISHED"]
    assert faults_of({**PUBLISHED, OrderPaid: Misnamed}) == [
        "Misnamed.wire_type is malformed: 'paid'"
    ]
    assert faults_of({**PUBLISHED, OrderPaid: Namesake, OrderPlaced: OrderPlacedV1}) == [
        "ordering.order.placed.v1 is taken by OrderPlacedV1 and Namesake"
    ]
