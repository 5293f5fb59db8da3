"""A command takes effect once, in every store."""

import pytest

from carafe.contracts.base import CommandResult
from carafe.infrastructure.cqrs.execution import change, create
from carafe.infrastructure.database.bookkeeping import FORGETTING_EVERY, MOST_HANDLED
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON, an_address
from carafe.testing.stores import at_once
from tests.support.orders import an_order
from tests.support.stores import Store


def test_a_repeated_change_takes_effect_once(store: Store) -> None:
    order = an_order()
    store.orders.add(order, a_context())
    context = a_context()
    first = change(store.orders, order.id, context, lambda found: found.pay("p-1", at=NOON))
    again = change(store.orders, order.id, context, lambda found: found.pay("p-2", at=NOON))
    assert first == again == CommandResult(id=order.id, version=2)
    assert store.orders.get(order.id).payment_reference == "p-1"
    assert store.sequences(order.id) == [1, 2]


def test_a_repeat_on_the_newest_state_is_answered_too(store: Store) -> None:
    order = an_order()
    store.orders.add(order, a_context())
    context = a_context()
    order.change_shipping_address(an_address(city="Halle"), at=NOON)
    first = store.orders.save(order, context)
    order.change_shipping_address(an_address(city="Jena"), at=NOON)
    assert store.orders.save(order, context) == first
    assert store.orders.get(order.id).shipping_address.city == "Halle"
    assert store.sequences(order.id) == [1, 2]


def test_a_busy_aggregate_remembers_a_thousand_commands_and_its_creation(store: Store) -> None:
    creation, second = a_context(), a_context()
    order = an_order()
    order.id = creation.command_id
    first = store.orders.add(order, creation)
    store.orders.save(order, second)
    contexts = [a_context() for _ in range(MOST_HANDLED + FORGETTING_EVERY)]
    for context in contexts:
        store.orders.save(order, context)
    answers = [store.orders.earlier_result(order.id, each) for each in contexts[-MOST_HANDLED:]]
    assert None not in answers
    assert store.orders.earlier_result(order.id, second) is None
    assert create(store.orders, creation, lambda _identifier: order) == first


@pytest.mark.usefixtures("taking_turns")
def test_concurrent_repeats_of_one_change_take_effect_once(store: Store) -> None:
    order = an_order()
    store.orders.add(order, a_context())
    context = a_context()

    def pay(number: int) -> CommandResult:
        return change(
            store.orders, order.id, context, lambda found: found.pay(f"p-{number}", at=NOON)
        )

    assert at_once(10, pay) == [CommandResult(id=order.id, version=2)] * 10
    assert store.sequences(order.id) == [1, 2]
