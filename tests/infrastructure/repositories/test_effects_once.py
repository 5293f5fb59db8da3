"""A command takes effect once, in every store."""

from collections.abc import Callable

import pytest

from chalicelib.contracts.base import CommandResult
from chalicelib.domain.errors import NotFound
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from chalicelib.infrastructure.cqrs.execution import change, create
from chalicelib.infrastructure.database.bookkeeping import MOST_HANDLED
from chalicelib.infrastructure.database.repository import Repository
from chalicelib.infrastructure.errors import CommandMismatch
from tests.support.examples import NOON, AnOrder, a_context, a_product, an_address
from tests.support.stores import Store, at_once


def an_order_with_id(order_id: str) -> Order:
    return Order.place(
        order_id=order_id,
        customer_id="maria",
        lines=AnOrder().order.lines,
        shipping_address=an_address(),
        at=NOON,
    )


def test_a_repeated_creation_gets_the_first_answer(store: Store) -> None:
    context = a_context()
    first = create(store.orders, context, an_order_with_id)
    assert first == CommandResult(id=context.command_id, version=1)
    order = store.orders.get(first.id)
    order.pay("payment-1", at=NOON)
    store.orders.save(order, a_context())
    assert create(store.orders, context, an_order_with_id) == first
    assert len(store.orders.find().items) == 1
    assert store.sequences(first.id) == [1, 2]


def test_a_repeated_change_takes_effect_once(store: Store) -> None:
    order = AnOrder().order
    store.orders.add(order, a_context())
    context = a_context()
    first = change(store.orders, order.id, context, lambda found: found.pay("p-1", at=NOON))
    again = change(store.orders, order.id, context, lambda found: found.pay("p-2", at=NOON))
    assert first == again == CommandResult(id=order.id, version=2)
    assert store.orders.get(order.id).payment_reference == "p-1"
    assert store.sequences(order.id) == [1, 2]


def test_a_repeated_deletion_gets_the_first_answer(store: Store) -> None:
    product = a_product()
    store.products.add(product, a_context())
    context = a_context()

    def discontinue() -> CommandResult:
        return change(
            store.products,
            product.id,
            context,
            lambda found: found.discontinue(at=NOON),
            delete=True,
        )

    assert discontinue() == discontinue() == CommandResult(id=product.id, version=2)
    assert store.sequences(product.id) == [1, 2]


def test_a_stale_repeat_is_answered_by_every_commit(products: Repository[Product]) -> None:
    product = a_product()
    products.add(product, a_context())
    save, delete = a_context(), a_context()
    late = products.get(product.id)
    products.save(product, save)
    assert products.save(late, save) == CommandResult(id=product.id, version=2)
    assert products.delete(late, save) == CommandResult(id=product.id, version=2)
    products.delete(product, delete)
    assert products.delete(late, delete) == CommandResult(id=product.id, version=3)
    assert products.save(late, save) == CommandResult(id=product.id, version=2)


def test_a_repeat_on_the_newest_state_is_answered_too(store: Store) -> None:
    order = AnOrder().order
    store.orders.add(order, a_context())
    context = a_context()
    order.change_shipping_address(an_address(city="Halle"), at=NOON)
    first = store.orders.save(order, context)
    order.change_shipping_address(an_address(city="Jena"), at=NOON)
    assert store.orders.save(order, context) == first
    assert store.orders.get(order.id).shipping_address.city == "Halle"
    assert store.sequences(order.id) == [1, 2]


def test_an_earlier_result_outlives_its_aggregate(products: Repository[Product]) -> None:
    product = a_product()
    register, discontinue = a_context(), a_context()
    products.add(product, register)
    products.delete(product, discontinue)
    assert products.earlier_result(product.id, register) == CommandResult(id=product.id, version=1)
    assert products.load(product.id, discontinue) == CommandResult(id=product.id, version=2)
    assert products.earlier_result(product.id, a_context()) is None


@pytest.mark.usefixtures("taking_turns")
def test_concurrent_repeats_of_one_change_take_effect_once(store: Store) -> None:
    order = AnOrder().order
    store.orders.add(order, a_context())
    context = a_context()

    def pay(number: int) -> CommandResult:
        return change(
            store.orders, order.id, context, lambda found: found.pay(f"p-{number}", at=NOON)
        )

    assert at_once(10, pay) == [CommandResult(id=order.id, version=2)] * 10
    assert store.sequences(order.id) == [1, 2]


@pytest.mark.usefixtures("taking_turns")
def test_concurrent_repeats_of_one_creation_take_effect_once(store: Store) -> None:
    context = a_context()
    answers = at_once(10, lambda _number: create(store.orders, context, an_order_with_id))
    assert answers == [CommandResult(id=context.command_id, version=1)] * 10
    assert store.sequences(context.command_id) == [1]
    assert store.nudged.nudges == [("orders", context.command_id)]


@pytest.mark.parametrize("attempt", ["create", "load", "earlier_result", "save", "delete"])
def test_a_command_id_with_another_content_is_refused(store: Store, attempt: str) -> None:
    order = AnOrder().order
    context = a_context(command_id=order.id)
    store.orders.add(order, context)
    late = store.orders.get(order.id)
    store.orders.save(order, a_context())
    misused = a_context(command_id=context.command_id, digest="another")
    attempts: dict[str, Callable[[], object]] = {
        "create": lambda: store.orders.add(order, misused),
        "load": lambda: store.orders.load(order.id, misused),
        "earlier_result": lambda: store.orders.earlier_result(order.id, misused),
        "save": lambda: store.orders.save(late, misused),
        "delete": lambda: store.orders.delete(late, misused),
    }
    with pytest.raises(CommandMismatch):
        attempts[attempt]()
    assert store.orders.get(order.id).version == 2


def test_a_repeat_is_answered_even_when_the_rules_refuse_it_now(orders: Repository[Order]) -> None:
    order = AnOrder().order
    context = a_context(command_id=order.id)
    first = orders.add(order, context)

    def refuse(_order_id: str) -> Order:
        raise NotFound("product", "discontinued-since")

    assert create(orders, context, refuse) == first
    with pytest.raises(NotFound):
        create(orders, a_context(), refuse)


def test_only_the_latest_commands_are_remembered(orders: Repository[Order]) -> None:
    order = AnOrder().order
    contexts = [a_context() for _ in range(MOST_HANDLED + 2)]
    orders.add(order, contexts[0])
    for context in contexts[1:]:
        orders.save(order, context)
    answers = [orders.earlier_result(order.id, context) for context in contexts]
    assert answers[:2] == [None, None]
    assert [each.version for each in answers[2:] if each] == list(range(3, MOST_HANDLED + 3))
