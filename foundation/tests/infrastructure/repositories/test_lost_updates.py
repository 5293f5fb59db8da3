"""No update is lost, in any store."""

import pytest

from carafe.domain.errors import StaleVersion
from carafe.infrastructure.cqrs.execution import change
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON, an_address
from carafe.testing.stores import at_once
from chalicelib.domain.order import Order, OrderStatus
from tests.support.orders import an_order
from tests.support.stores import Store


def test_a_stale_writer_is_refused_and_changes_nothing(store: Store) -> None:
    """F09, F12: however long it slept between reading and writing."""
    order = an_order()
    store.orders.add(order, a_context())
    first, second = store.orders.get(order.id), store.orders.get(order.id)
    first.pay("payment-1", at=NOON)
    store.orders.save(first, a_context())
    second.cancel("too slow", at=NOON)
    with pytest.raises(StaleVersion):
        store.orders.save(second, a_context())
    with pytest.raises(StaleVersion):
        store.orders.delete(second, a_context())
    assert store.orders.get(order.id).status is OrderStatus.PAID
    assert store.sequences(order.id) == [1, 2]
    assert (second.version, len(second.recorded)) == (1, 1)


def test_twenty_writers_at_once_lose_nothing(store: Store) -> None:
    """F09: every accepted change is in the history, in a version of its own."""
    order = an_order()
    store.orders.add(order, a_context())

    def write(number: int) -> list[tuple[int, str]]:
        accepted = []
        for repeat in range(5):
            street = f"Lindenallee {number}-{repeat}"

            def readdress(found: Order, street: str = street) -> None:
                found.change_shipping_address(an_address(street=street), at=NOON)

            result = change(store.orders, order.id, a_context(), readdress)
            accepted.append((result.version, street))
        return accepted

    accepted = sorted(each for done in at_once(20, write) for each in done)
    found = store.orders.get(order.id)
    assert [version for version, _ in accepted] == list(range(2, 102))
    assert (found.version, found.sequence) == (101, 101)
    assert store.sequences(order.id) == list(range(1, 102))
    events = store.pending(order.id)[1:]
    history = [event["data"]["shipping_address"]["street"] for event in events]
    assert history == [street for _, street in accepted]
    assert found.shipping_address.street == accepted[-1][1]
