"""Domain objects survive the way through a document; what cannot be stored is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum

import bson
import pytest
from bson.codec_options import CodecOptions

from carafe.domain.model import AggregateRoot, ValueObject, schema
from carafe.infrastructure.database.codec import codec_for, decode_value, encode_value
from carafe.infrastructure.database.forms import UnstorableType, stored_fields
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.support.orders import a_cancelled_order, a_shipped_order, an_order
from tests.support.products import a_product

BOOKKEEPING = {"version": 1, "sequence": 1}


def _through_bson(aggregate: AggregateRoot) -> dict[str, object]:
    document = codec_for(type(aggregate)).encode(aggregate) | BOOKKEEPING | {"_id": aggregate.id}
    options: CodecOptions[dict[str, object]] = CodecOptions(tz_aware=True)
    return bson.decode(bson.encode(document), codec_options=options)


@pytest.mark.parametrize(
    "order",
    [an_order(lines=5), a_shipped_order(), a_cancelled_order()],
)
def test_an_order_comes_back_as_it_was(order: Order) -> None:
    decoded = codec_for(Order).decode(_through_bson(order))
    assert (decoded.id, decoded.version, decoded.sequence) == (order.id, 1, 1)
    assert decoded.recorded == []
    for attribute in ("customer_id", "lines", "shipping_address", "status", "placed_at"):
        assert getattr(decoded, attribute) == getattr(order, attribute)
    assert decoded.shipment == order.shipment
    assert decoded.total == order.total


def test_a_decimal_keeps_its_digits() -> None:
    product = a_product(price="0.10")
    decoded = codec_for(Product).decode(_through_bson(product))
    assert str(decoded.price.amount) == "0.10"


def test_decoding_does_not_repeat_todays_rules() -> None:
    """A document written under older rules must stay readable."""
    document = _through_bson(a_product()) | {"name": ""}
    assert codec_for(Product).decode(document).name == ""


def test_a_frozen_value_stays_frozen_after_decoding() -> None:
    decoded = codec_for(Order).decode(_through_bson(an_order()))
    with pytest.raises(AttributeError):
        decoded.shipping_address.city = "Dresden"
    assert replace(decoded.shipping_address, city="Dresden").city == "Dresden"


def test_a_missing_attribute_is_named() -> None:
    document = _through_bson(a_product())
    del document["sku"]
    with pytest.raises(KeyError, match="sku"):
        codec_for(Product).decode(document)


@schema()
class Everything(ValueObject):
    """One attribute of each storable kind."""

    texts: list[str]
    matrix: tuple[tuple[int, ...], ...]
    raw: bytes
    ratio: float
    exact: Decimal | None
    moment: datetime | None
    flag: bool
    day: date
    opens: time | None
    days: tuple[date, ...]


@pytest.mark.parametrize("exact", [None, Decimal("1.10")])
def test_every_storable_kind_round_trips(exact: Decimal | None) -> None:
    value = Everything(
        texts=["a", "b"],
        matrix=((1, 2), (3,), ()),
        raw=b"\x00\xff",
        ratio=0.5,
        exact=exact,
        moment=datetime(2026, 3, 1, tzinfo=UTC),
        flag=True,
        day=date(2026, 3, 1),
        opens=time(8, 30) if exact else None,
        days=(date(2026, 3, 1), date(9999, 12, 31)),
    )
    codec = codec_for(Everything)
    options: CodecOptions[dict[str, object]] = CodecOptions(tz_aware=True)
    document = bson.decode(bson.encode(codec.encode(value)), codec_options=options)
    assert codec.decode(document) == value
    assert document["day"] == "2026-03-01"
    assert document["opens"] == ("08:30:00" if exact else None)
    for name, form in stored_fields(Everything).items():
        single = getattr(value, name)
        assert decode_value(form, encode_value(form, single)) == single


class Invoicing:
    """Stands for one module of a domain."""

    class State(Enum):
        """Has a namesake."""

        OPEN = "open"

    @schema()
    class Contact(ValueObject):
        """Has a namesake."""

        email: str


class Shipping:
    """Stands for another module."""

    class State(Enum):
        """Has a namesake."""

        PACKED = "packed"

    @schema()
    class Contact(ValueObject):
        """Has a namesake."""

        phone: str


@schema()
class Sale(ValueObject):
    """Holds classes of the same name."""

    invoice: Invoicing.State
    shipment: Shipping.State
    payer: Invoicing.Contact
    recipient: Shipping.Contact


def test_classes_of_the_same_name_are_kept_apart() -> None:
    sale = Sale(
        invoice=Invoicing.State.OPEN,
        shipment=Shipping.State.PACKED,
        payer=Invoicing.Contact(email="maria@example.org"),
        recipient=Shipping.Contact(phone="0341 1234"),
    )
    codec = codec_for(Sale)
    assert codec.decode(codec.encode(sale)) == sale


@schema()
class Unstorable(ValueObject):
    """Holds something that no document can."""

    anything: complex


@schema(collection="takers")
class Taker(AggregateRoot):
    """Uses a name of the repository's own."""

    handled: int


@schema(collection="alarms")
class Alarm(AggregateRoot):
    """Uses a name that every aggregate has: its own value would never be stored."""

    timers: int  # type: ignore[assignment]


class Undeclared(ValueObject):
    """Lacks its declaration."""


@schema()
class Holder(ValueObject):
    """Holds something undeclared."""

    inner: Undeclared


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (Unstorable, "Unstorable.anything: <class 'complex'> has no stored form"),
        (Taker, "Taker.handled is a reserved name"),
        (Alarm, "Alarm.timers is a reserved name"),
        (Undeclared, "Undeclared is not declared with @schema"),
        (Holder, "Holder.inner"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_name(declared: type, message: str) -> None:
    with pytest.raises(UnstorableType, match=message):
        codec_for(declared)
