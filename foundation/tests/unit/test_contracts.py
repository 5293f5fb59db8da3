"""Contracts refuse what does not fit, and have complete and unique wire names."""

from typing import ClassVar
from unittest.mock import Mock

import pytest

from carafe.contracts.base import Contract
from carafe.contracts.integration_events import IntegrationEvent, faults_of, routing_key
from carafe.contracts.validation import MalformedMessage, read
from carafe.contracts.value import Value
from carafe.contracts.values import Address, Money
from carafe.domain.errors import InvalidValue
from carafe.domain.model import DomainEvent, Entity, schema
from carafe.testing.examples import AN_ADDRESS
from chalicelib.contracts.commands import PlaceOrder, RegisterProduct
from chalicelib.contracts.integration_events import PUBLISHED, OrderPlacedV1
from chalicelib.contracts.queries import ListOrders
from chalicelib.domain.order import Order
from chalicelib.domain.order_events import OrderPaid, OrderPlaced
from chalicelib.domain.product import Product

AN_ORDER = {"lines": [{"product_id": "p-1", "quantity": 2}], "shipping_address": AN_ADDRESS}


def _pointers(contract: type, values: object, *, from_text: bool = False) -> set[str]:
    with pytest.raises(MalformedMessage) as refusal:
        read(contract, values, from_text=from_text)
    return {fault.pointer for fault in refusal.value.faults}


def test_a_right_message_becomes_its_contract() -> None:
    assert read(PlaceOrder, AN_ORDER).lines[0].quantity == 2


def test_every_fault_is_named_at_once() -> None:
    values = {
        "lines": [{"product_id": "p-1", "quantity": 0}, {"quantity": "2", "price": 1}],
        "shipping_address": AN_ADDRESS | {"country": "de"},
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
    address = AN_ADDRESS | {"city": "  "}
    assert _pointers(PlaceOrder, {**AN_ORDER, "shipping_address": address}) == {
        "/shipping_address/city"
    }
    price = {"amount": "1.005", "currency": "EUR"}
    product = {"sku": "A", "name": "Carafe", "price": price}
    assert _pointers(RegisterProduct, product) == {"/price/amount"}


class Parcel(Contract, frozen=True, rename="camel"):
    """Holds values in every way."""

    first: Address | None = None
    all_prices: list[Money] | None = None
    by_name: dict[str, Money] | None = None


def test_values_are_checked_wherever_they_lie_and_named_by_their_place() -> None:
    wrong, right = ({"amount": each, "currency": "EUR"} for each in ("1.005", "1.00"))
    values = {
        "first": AN_ADDRESS | {"city": "  "},
        "allPrices": [right, wrong],
        "byName": {"a": wrong, "b": right},
    }
    assert _pointers(Parcel, values) == {
        "/first/city",
        "/allPrices/1/amount",
        "/byName/a/amount",
    }
    assert _pointers(Parcel, {**values, "more": 1}) >= {"/more", "/allPrices/1/amount"}
    assert read(Parcel, {"allPrices": [right]}) == Parcel(all_prices=[Money(**right)])


def test_a_domain_value_is_built_once_for_check_and_handler(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build = Mock(side_effect=Address.build_domain_value)
    monkeypatch.setattr(Address, "build_domain_value", lambda self: build(self))  # noqa: PLW0108 - a mock is no method
    address = read(PlaceOrder, AN_ORDER).shipping_address
    assert address.to_domain() is address.to_domain()
    build.assert_called_once_with(address)


def test_a_value_that_is_made_directly_is_not_checked_until_somebody_needs_it() -> None:
    price = Money(amount="a lot", currency="?")
    with pytest.raises(InvalidValue):
        price.to_domain()


@schema()
class Item(Entity):
    """In an order."""


class ItemValue(Value[Item], frozen=True):
    """Stands for an item."""

    id: str

    def build_domain_value(self) -> Item:
        return Item(id=self.id)


def test_every_attempt_gets_an_entity_of_its_own() -> None:
    item = read(ItemValue, {"id": "i-1"})
    assert item.to_domain() is not item.to_domain()


def test_numbers_stand_as_text_only_in_a_query_string() -> None:
    assert read(ListOrders, {"limit": "5"}, from_text=True).limit == 5
    assert _pointers(ListOrders, {"limit": "5"}) == {"/limit"}
    assert _pointers(ListOrders, {"limit": "101"}, from_text=True) == {"/limit"}
    assert _pointers(ListOrders, {"status": "lost"}, from_text=True) == {"/status"}


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
