"""State, events and commands commit together, in every store."""

from tests.support.examples import NOON, AnOrder, a_context
from tests.support.stores import Store, state_of


def test_events_wait_in_the_order_in_which_they_happened(store: Store) -> None:
    order = AnOrder().paid().order
    store.orders.add(order, a_context())
    assert [event["type"] for event in store.pending(order.id)] == [
        "ordering.order.placed.v1",
        "ordering.order.paid.v1",
    ]
    assert store.sequences(order.id) == [1, 2]


def test_an_event_says_what_it_follows_from(store: Store) -> None:
    order = AnOrder().order
    context = a_context()
    store.orders.add(order, context)
    (event,) = store.pending(order.id)
    assert event["specversion"] == "1.0"
    assert event["subject"] == order.id
    assert event["time"] == "2026-03-01T12:00:00.000Z"
    assert event["correlationid"] == context.correlation_id
    assert event["causationid"] == context.command_id
    assert event["data"]["total"] == {"amount": "10.00", "currency": "EUR"}


def test_a_save_goes_on_counting(store: Store) -> None:
    order = AnOrder().order
    store.orders.add(order, a_context())
    found = store.orders.get(order.id)
    found.pay("payment-1", at=NOON)
    assert store.orders.save(found, a_context()).version == 2
    assert (found.version, found.sequence, found.recorded) == (2, 2, [])
    assert state_of(store.orders.get(order.id)) == state_of(found)
    assert store.sequences(order.id) == [1, 2]


def test_only_a_commit_with_events_nudges(store: Store) -> None:
    order = AnOrder().order
    store.orders.add(order, a_context())
    store.orders.save(order, a_context())
    assert store.nudged.nudges == [("orders", order.id)]
