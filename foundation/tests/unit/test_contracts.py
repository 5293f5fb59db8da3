"""Contracts refuse what does not fit, and have complete and unique wire names."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import ClassVar, Literal
from unittest.mock import Mock

import pytest

from carafe.contracts.base import Contract
from carafe.contracts.integration_events import IntegrationEvent, faults_of, routing_key
from carafe.contracts.validation import MalformedMessage, read
from carafe.contracts.value import Value
from carafe.contracts.values import Address, Money
from carafe.domain.errors import InvalidValue
from carafe.domain.model import DomainEvent, Entity, ValueObject, schema
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


class Colour(Enum):
    """Shows on a map."""

    RED = "red"


@dataclass(frozen=True)
class Place:
    """Is frozen without `@schema`."""

    name: str
    colour: Colour


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


@schema()
class Shelf(ValueObject):
    """Holds an entity."""

    items: tuple[Item, ...]


class ShelfValue(Value[Shelf], frozen=True):
    """Stands for a shelf."""

    def build_domain_value(self) -> Shelf:
        return Shelf(items=(Item(id="i-1"),))


@schema()
class Tree(ValueObject):
    """Holds others of its kind, and a list."""

    branches: tuple["Tree", ...]
    leaves: list[str]


class TreeValue(Value[Tree], frozen=True):
    """Stands for a tree."""

    def build_domain_value(self) -> Tree:
        return Tree(branches=(), leaves=[])


class NamesValue(Value[list[str]], frozen=True):
    """Stands for a list."""

    def build_domain_value(self) -> list[str]:
        return ["Maria"]


@pytest.mark.parametrize("value", [ShelfValue(), TreeValue(), NamesValue()], ids=str)
def test_every_attempt_gets_a_value_of_its_own_that_holds_something_changeable(
    value: Value[object],
) -> None:
    assert value.to_domain() is not value.to_domain()


@schema()
class Route(ValueObject):
    """Holds unchangeable things of every sort."""

    stops: tuple[Place, ...]
    lengths: frozenset[Decimal]
    leg: tuple[int, str | None]
    start: datetime | None
    kind: Literal["road", "rail"]
    next: "Route | None"


class RouteValue(Value[Route], frozen=True):
    """Stands for a route."""

    def build_domain_value(self) -> Route:
        return Route(
            stops=(), lengths=frozenset(), leg=(1, None), start=None, kind="road", next=None
        )


def test_a_value_that_cannot_change_is_shared() -> None:
    route = RouteValue()
    assert route.to_domain() is route.to_domain()


class Circle(Contract, frozen=True, tag="circle", tag_field="kind"):
    """One kind of a shape."""

    radius: int


class Square(Contract, frozen=True, tag="square", tag_field="kind"):
    """Another kind."""

    side: int
    price: Money | None = None


class Drawing(Contract, frozen=True):
    """Holds tuples and unions."""

    prices: tuple[Money, ...] = ()
    range: tuple[Money, int] | None = None
    shapes: tuple[Circle | Square, ...] = ()
    title: str | Square | list[Square] = ""
    named: dict[str, Square] | None = None


WRONG = {"amount": "1,00", "currency": "EUR"}
FINE = {"amount": "1.00", "currency": "EUR"}


@pytest.mark.parametrize(
    ("values", "pointers"),
    [
        ({"prices": [WRONG, FINE, WRONG]}, {"/prices/0/amount", "/prices/2/amount"}),
        ({"range": [WRONG, "1"]}, {"/range/0/amount", "/range/1"}),
        ({"range": [FINE]}, {"/range"}),
        ({"range": []}, {"/range"}),
        (
            {"shapes": [{"kind": "square", "side": "1", "radius": 1}, {"kind": "circle"}]},
            {"/shapes/0/side", "/shapes/0/radius", "/shapes/1/radius"},
        ),
        (
            {"shapes": [{"kind": "triangle"}, {"side": 1}, {"kind": []}]},
            {"/shapes/0/kind", "/shapes/1/kind", "/shapes/2/kind"},
        ),
        ({"shapes": [{"kind": "square", "side": 1, "price": WRONG}]}, {"/shapes/0/price/amount"}),
        ({"title": {"kind": "square", "side": "1"}}, {"/title/side"}),
        ({"title": [{"kind": "square", "side": "1"}]}, {"/title/0/side"}),
        ({"title": 1}, {"/title"}),
        (
            {"named": {"a/b": {"side": "1"}, "c": {"side": "1"}}},
            {"/named/a~1b/side", "/named/c/side"},
        ),
    ],
)
def test_faults_in_tuples_and_unions_are_named_by_their_place(
    values: object, pointers: set[str]
) -> None:
    assert _pointers(Drawing, values) == pointers


def test_a_key_is_escaped_and_cut_in_a_pointer() -> None:
    price = {"amount": "1.005", "currency": "EUR"}
    assert _pointers(Parcel, {"byName": {"a/b~c": price}}) == {"/byName/a~1b~0c/amount"}
    assert _pointers(Parcel, {"byName": {"x" * 5000: price}}) == {f"/byName/{'x' * 100}/amount"}


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
