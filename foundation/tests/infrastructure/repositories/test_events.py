"""State, events and commands commit together, in every store."""

from carafe.testing.contexts import a_context
from tests.support.orders import an_order
from tests.support.stores import Store


def test_an_event_says_what_it_follows_from(store: Store) -> None:
    order = an_order()
    context = a_context()
    store.orders.add(order, context)
    (event,) = store.pending(order.id)
    assert event["specversion"] == "1.0"
    assert event["subject"] == order.id
    assert event["time"] == "2026-03-01T12:00:00.000Z"
    assert event["correlationid"] == context.correlation_id
    assert event["causationid"] == context.command_id
    assert event["data"]["total"] == {"amount": "10.00", "currency": "EUR"}
