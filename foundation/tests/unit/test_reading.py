"""Clients read what a newer service sends."""

import msgspec
import pytest

from carafe.client.reading import BodyUnreadable, decode
from carafe.contracts.base import Contract
from carafe.contracts.problem import Problem
from carafe.contracts.values import Money
from chalicelib.contracts.queries import ProductPage, ProductView

VIEW = ProductView(
    id="p-1",
    version=3,
    sku="CARAFE-1L",
    name="Carafe, 1 l",
    price=Money(amount="24.90", currency="EUR"),
)
PROBLEM = Problem(title="t", status=409, detail="d", code="c", correlation_id="x")


def test_what_fits_is_read() -> None:
    page = ProductPage(items=[VIEW], next_cursor="c")
    assert decode(msgspec.json.encode(page), ProductPage) == page


def test_fields_that_are_new_are_passed_over_at_every_depth() -> None:
    values = msgspec.to_builtins(ProductPage(items=[VIEW], next_cursor=None))
    values["next"] = "/products?cursor=c"
    values["items"][0]["colour"] = "clear"
    values["items"][0]["price"]["tax"] = {"rate": "19"}
    read = decode(msgspec.json.encode(values), ProductPage)
    assert read == ProductPage(items=[VIEW], next_cursor=None)


def test_new_fields_in_a_list_of_faults_are_passed_over() -> None:
    values = msgspec.to_builtins(PROBLEM)
    values["errors"] = [{"pointer": "/a", "detail": "b", "hint": "c"}]
    assert decode(msgspec.json.encode(values), Problem).errors[0].pointer == "/a"


class Circle(Contract, frozen=True, tag="circle", tag_field="kind"):
    """One kind of a shape."""

    radius: int


class Square(Contract, frozen=True, tag="square", tag_field="kind"):
    """Another kind."""

    side: int


class Drawing(Contract, frozen=True):
    """Holds shapes in every way."""

    shapes: tuple[Circle | Square, ...]
    frame: Square | None
    by_name: dict[str, Circle | Square]
    pair: tuple[Circle, Square]


def test_new_fields_are_passed_over_in_unions_tuples_and_dicts() -> None:
    circle, square = Circle(radius=1), Square(side=2)
    drawing = Drawing(
        shapes=(circle, square), frame=square, by_name={"a": square}, pair=(circle, square)
    )
    values = msgspec.to_builtins(drawing)
    shapes = [*values["shapes"], values["frame"], values["by_name"]["a"], *values["pair"]]
    for each in [values, *shapes]:
        each["colour"] = "red"
    assert decode(msgspec.json.encode(values), Drawing) == drawing


def test_a_kind_that_is_new_is_unreadable() -> None:
    values: dict[str, object] = {
        "shapes": [{"kind": "star"}],
        "frame": None,
        "by_name": {},
        "pair": [],
    }
    with pytest.raises(BodyUnreadable):
        decode(msgspec.json.encode(values), Drawing)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"id":"p-1","id":"p-2","version":1,"sku":"A","name":"b","price":{"amount":"1","currency":"EUR"}}',
        b'{"id": "p-1", "version": "3", "sku": "A", "name": "b", "price": null, "new": 1}',
        b'{"id": "p", "version": 1, "sku": "A", "name": "b", "price": {"amount": "-1"}, "new": 1}',
    ],
)
def test_what_does_not_fit_is_unreadable(body: bytes) -> None:
    with pytest.raises(BodyUnreadable):
        decode(body, ProductView)
