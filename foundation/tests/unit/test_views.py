"""Views are made as the types of domain and contract say, without checking rules again."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from carafe.contracts.base import Contract
from carafe.contracts.values import Money, ShownId
from carafe.contracts.views import View
from carafe.domain import money
from carafe.domain.model import AggregateRoot, Entity, ValueObject, schema
from chalicelib.contracts.queries import OrderView, ProductView
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.support.orders import orders_in_every_status
from tests.support.products import a_product

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Colour(Enum):
    """Of a parcel."""

    RED = "red"
    BLUE = "blue"


@schema(tag="card")
class Card(ValueObject):
    """One way to pay."""

    digits: str


@schema(tag="cash")
class Cash(ValueObject):
    """Another way to pay."""

    weight: Decimal


@schema()
class Item(Entity):
    """In a parcel."""

    price: money.Money | None


@schema(collection="parcels")
class Parcel(AggregateRoot):
    """Holds one attribute of each form."""

    colour: Colour
    weight: Decimal
    serial: UUID
    sent_at: datetime | None
    notes: tuple[str, ...]
    items: list[Item]
    paid_with: Card | Cash
    count: int

    @property
    def heaviest(self) -> Decimal | None:
        """Half the weight, or nothing if there is no weight."""
        return self.weight / 2 if self.weight else None

    @property
    def untyped(self):  # type: ignore[no-untyped-def] # noqa: ANN201 - that is the point
        """Declares no type."""
        return 1


class ItemView(Contract, frozen=True):
    """Shows an item."""

    id: str
    price: Money | None


class CardView(Contract, frozen=True, tag="card"):
    """Shows a card."""

    digits: str


class CashView(Contract, frozen=True, tag="cash"):
    """Shows cash."""

    weight: str


class ParcelView(Contract, frozen=True):
    """Shows everything, some of it in other forms."""

    id: ShownId
    version: int
    colour: str
    weight: Annotated[str, Meta(max_length=1)]
    serial: str
    sent_at: Annotated[datetime, Meta(tz=True)] | None
    notes: Annotated[list[str], Meta(max_length=0)]
    items: tuple[ItemView, ...]
    paid_with: CardView | CashView
    count: float
    heaviest: str | None


def a_parcel(**changes: Any) -> Parcel:  # noqa: ANN401 - any attribute
    attributes: dict[str, Any] = {
        "id": "p-1",
        "colour": Colour.RED,
        "weight": Decimal("2.50"),
        "serial": UUID(int=7),
        "sent_at": NOON,
        "notes": ("fragile", "heavy"),
        "items": [
            Item(id="i-1", price=money.Money.of("1.20", "EUR")),
            Item(id="i-2", price=None),
        ],
        "paid_with": Cash(weight=Decimal("0.10")),
        "count": 3,
    }
    return Parcel(**(attributes | changes))


def test_each_form_becomes_its_wire_form_whatever_the_rules_are() -> None:
    price = {"amount": "1.20", "currency": "EUR"}
    assert msgspec.to_builtins(View(ParcelView, Parcel).of(a_parcel())) == {
        "id": "p-1",
        "version": 0,
        "colour": "red",
        "weight": "2.50",
        "serial": str(UUID(int=7)),
        "sent_at": "2026-03-01T12:00:00Z",
        "notes": ["fragile", "heavy"],
        "items": ({"id": "i-1", "price": price}, {"id": "i-2", "price": None}),
        "paid_with": {"type": "cash", "weight": "0.10"},
        "count": 3.0,
        "heaviest": "1.25",
    }


@given(st.decimals())
def test_a_decimal_is_the_text_that_msgspec_makes_of_it(number: Decimal) -> None:
    view = View(ParcelView, Parcel).of(a_parcel(paid_with=Cash(weight=number)))
    assert view.paid_with == CashView(weight=msgspec.to_builtins(number))


def test_what_is_missing_is_none() -> None:
    parcel = a_parcel(sent_at=None, weight=Decimal(0), items=[], paid_with=Card(digits="42"))
    view = View(ParcelView, Parcel).of(parcel)
    assert (view.sent_at, view.heaviest, view.items) == (None, None, ())
    assert view.paid_with == CardView(digits="42")


def test_ordering_s_views_are_as_msgspec_would_make_them() -> None:
    """To builtins and back, which checks every rule on the way."""
    for order in orders_in_every_status():
        values = msgspec.to_builtins(order) | {"total": msgspec.to_builtins(order.total)}
        values = {name: values[name] for name in OrderView.__struct_fields__}
        expected = msgspec.convert(values, OrderView)
        assert View(OrderView, Order).of(order) == expected
        assert msgspec.json.encode(View(OrderView, Order).of(order)) == msgspec.json.encode(
            expected
        )
    product = a_product()
    assert View(ProductView, Product).of(product).price.to_domain() == product.price


def test_a_view_names_the_attributes_that_it_needs_unless_a_property_may_need_others() -> None:
    names = ("id", "version", "sku", "name", "price")
    assert View(ProductView, Product).attributes == frozenset(names)
    assert View(OrderView, Order).attributes is None


class Green(Enum):
    """Lacks the colours that there are."""

    GREEN = "green"


@pytest.mark.parametrize(
    ("field", "kind", "fault"),
    [
        ("size", int, "Parcels.size: Parcel has no attribute size"),
        ("untyped", int, "Parcels.untyped: Parcel has no attribute untyped"),
        ("sent_at", datetime, "Parcels.sent_at must be optional"),
        ("count", str, "Parcels.count is str, which int cannot become"),
        ("colour", int, "Parcels.colour is int, which Colour cannot become"),
        ("colour", Green, "Parcels.colour is Green, which Colour cannot become"),
        ("colour", Literal["red"], "which Colour cannot become"),
        ("notes", list[int], "Parcels.notes is int, which str cannot become"),
        ("notes", str, r"Parcels.notes is str, which tuple\[str, ...\] cannot become"),
        ("items", list[Money], "Money.amount: Item has no attribute amount"),
        ("paid_with", CardView, "CardView.digits: Cash has no attribute digits"),
        ("paid_with", CardView | ItemView, "which Cash cannot become"),
    ],
)
def test_a_view_that_cannot_be_made_is_refused_by_its_field(
    field: str, kind: object, fault: str
) -> None:
    contract: Any = msgspec.defstruct("Parcels", [(field, kind)], bases=(Contract,), frozen=True)
    with pytest.raises(ValueError, match=fault):
        View(contract, Parcel)


def test_all_faults_of_a_view_are_named_together() -> None:
    fields = [("size", int), ("count", str)]
    contract: Any = msgspec.defstruct("Parcels", fields, bases=(Contract,), frozen=True)
    with pytest.raises(ValueError, match=r"Parcels\.size.*Parcels\.count"):
        View(contract, Parcel)
