"""Everything is bounded, in every store."""

import pytest

from carafe.infrastructure.errors import EventTooLarge, OutboxFull
from carafe.infrastructure.outbox.outbox import LARGEST_EVENT, MOST_PENDING
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON, an_address
from chalicelib.domain.order import Order, OrderStatus
from tests.support.orders import an_order
from tests.support.stores import Store


def readdressed(order: Order, times: int) -> Order:
    for _ in range(times):
        order.change_shipping_address(an_address(), at=NOON)
    return order


def test_a_full_outbox_refuses_more(store: Store) -> None:
    """F10: the cap is far below a document's limit."""
    order = readdressed(an_order(), MOST_PENDING - 2)
    store.orders.add(order, a_context())
    store.orders.save(readdressed(order, 1), a_context())
    context = a_context()
    with pytest.raises(OutboxFull):
        store.orders.save(readdressed(order, 1), context)
    with pytest.raises(OutboxFull):
        store.orders.delete(order, context)
    assert store.orders.get(order.id).version == 2
    assert store.orders.earlier_result(order.id, context) is None
    assert len(store.pending(order.id)) == MOST_PENDING
    order.recorded.clear()
    assert store.orders.save(order, a_context()).version == 3


def test_an_event_too_large_for_the_bus_is_refused_before_anything_changes(store: Store) -> None:
    """F33."""
    order = an_order()
    store.orders.add(order, a_context())
    order.cancel("changed my mind", at=NOON)
    object.__setattr__(order.recorded[0], "reason", "m" * LARGEST_EVENT)
    large = an_order()
    object.__setattr__(large.recorded[0], "customer_id", "m" * LARGEST_EVENT)
    with pytest.raises(EventTooLarge):
        store.orders.add(large, a_context())
    with pytest.raises(EventTooLarge):
        store.orders.save(order, a_context())
    with pytest.raises(EventTooLarge):
        store.orders.delete(order, a_context())
    assert not store.orders.exists(large.id)
    assert store.orders.get(order.id).status is OrderStatus.PLACED
    assert store.sequences(order.id) == [1]
