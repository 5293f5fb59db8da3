"""Whatever is valid in the domain, drawn by Hypothesis."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import strategies as st

from carafe.domain.address import LONGEST, Address
from carafe.domain.money import Money
from carafe.domain.requirements import TEXT_FORM
from carafe.infrastructure.database.criteria import Criterion, Operator, one_of
from carafe.infrastructure.identifiers import new_id
from chalicelib.domain.order import Order, Shipment
from chalicelib.domain.order_line import LARGEST_QUANTITY, OrderLine
from chalicelib.domain.product import Product

TEXT = st.characters(categories=["L", "M", "N", "P", "S"], include_characters=" ")
_TEXT = re.compile(TEXT_FORM)

CURRENCIES = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3, "CLF": 4}


def texts(longest: int) -> st.SearchStrategy[str]:
    return st.text(TEXT, min_size=1, max_size=longest).filter(_is_text)


def _is_text(text: str) -> bool:
    # The pattern's own method would make Hypothesis draw from the pattern, which takes minutes.
    return _TEXT.fullmatch(text) is not None


@st.composite
def amounts(draw: st.DrawFn, currency: str, digits: int = 12, least: int = 0) -> Money:
    """Draw money with at most so many digits before the point."""
    places = CURRENCIES[currency]
    minor = draw(st.integers(least, 10 ** (digits + places) - 1))
    return Money(amount=Decimal(minor).scaleb(-places), currency=currency)


def addresses() -> st.SearchStrategy[Address]:
    parts = {name: texts(longest) for name, longest in LONGEST.items()}
    return st.builds(Address, **parts, country=st.from_regex(r"[A-Z]{2}", fullmatch=True))


def moments() -> st.SearchStrategy[datetime]:
    zones = st.integers(-14 * 60, 14 * 60).map(lambda each: timezone(timedelta(minutes=each)))
    days = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=zones)  # noqa: DTZ001 - zones follow
    return days.map(lambda each: each.replace(microsecond=each.microsecond // 1000 * 1000))


@st.composite
def order_lines(draw: st.DrawFn) -> tuple[OrderLine, ...]:
    """Draw lines whose total still is an amount of money."""
    line = st.builds(
        OrderLine,
        product_id=st.uuids().map(str),
        name=texts(200),
        quantity=st.integers(1, LARGEST_QUANTITY),
        unit_price=amounts(draw(st.sampled_from(sorted(CURRENCIES))), digits=8),
    )
    return tuple(draw(st.lists(line, min_size=1, max_size=5)))


Step = Callable[[Order], None]


@st.composite
def lives(draw: st.DrawFn) -> list[Step]:
    """Draw the commands of an order's life, up to some point."""
    reference, reason, address = draw(texts(200)), draw(texts(200)), draw(addresses())
    shipment = draw(st.builds(Shipment, carrier=texts(200), tracking_code=texts(200)))
    moment = draw(moments())
    pay: Step = lambda order: order.pay(reference, at=moment)  # noqa: E731 - one of many
    ship: Step = lambda order: order.ship(shipment, at=moment)  # noqa: E731 - the same
    deliver: Step = lambda order: order.deliver(at=moment)  # noqa: E731 - the same
    cancel: Step = lambda order: order.cancel(reason, at=moment)  # noqa: E731 - the same
    move: Step = lambda order: order.change_shipping_address(address, at=moment)  # noqa: E731 - the same
    ways = [[pay, move, ship, deliver], [move, pay, cancel], [move, cancel]]
    way = draw(st.sampled_from(ways))
    return way[: draw(st.integers(0, len(way)))]


@st.composite
def new_orders(draw: st.DrawFn) -> Order:
    return Order.place(
        order_id=new_id(),
        customer_id=draw(texts(200)),
        lines=draw(order_lines()),
        shipping_address=draw(addresses()),
        at=draw(moments()),
    )


@st.composite
def new_products(draw: st.DrawFn) -> Product:
    currency = draw(st.sampled_from(sorted(CURRENCIES)))
    return Product.register(
        product_id=new_id(),
        sku=draw(st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,39}", fullmatch=True)),
        name=draw(texts(200)),
        price=draw(amounts(currency, least=1)),
        at=draw(moments()),
    )


# Few values, so that ties and equal bounds are common.
PRICES = st.sampled_from(["0.05", "0.50", "5.00", "10.00", "50.00"])
VALUES = PRICES.map(Decimal)
CRITERIA = st.one_of(
    st.builds(
        Criterion,
        st.just("price.amount"),
        st.sampled_from([Operator.EQUALS, Operator.AT_LEAST, Operator.BELOW]),
        VALUES,
    ),
    st.builds(one_of, st.just("price.amount"), st.lists(VALUES, max_size=3)),
)
