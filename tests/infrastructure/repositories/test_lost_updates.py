"""No update is lost, in any store."""

import functools

import pytest

from chalicelib.domain.errors import StaleVersion
from chalicelib.domain.order import Order, OrderStatus
from chalicelib.domain.product import Product
from chalicelib.infrastructure.cqrs.execution import change
from chalicelib.infrastructure.database.repository import Repository
from tests.support.examples import NOON, AnOrder, a_context, a_product, an_address
from tests.support.stores import Store, at_once, outcome_of_one


def test_a_stale_writer_is_refused_and_changes_nothing(store: Store) -> None:
    """F09, F12: however long it slept between reading and writing."""
    order = AnOrder().order
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
    order = AnOrder().order
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


@pytest.mark.usefixtures("taking_turns")
def test_of_many_saves_of_one_version_at_once_one_wins(store: Store) -> None:
    order = AnOrder().order
    store.orders.add(order, a_context())
    hands = [store.orders.get(order.id) for _ in range(10)]
    for number, hand in enumerate(hands):
        hand.pay(f"p-{number}", at=NOON)
    commits = [functools.partial(store.orders.save, each, a_context()) for each in hands]
    outcomes = at_once(10, functools.partial(outcome_of_one, commits))
    assert sorted(outcomes) == ["stale_version"] * 9 + ["won"]
    assert store.orders.get(order.id).payment_reference == f"p-{outcomes.index('won')}"
    assert store.sequences(order.id) == [1, 2]


@pytest.mark.usefixtures("taking_turns")
def test_of_a_save_and_a_delete_at_once_one_wins(products: Repository[Product]) -> None:
    for _ in range(10):
        product = a_product()
        products.add(product, a_context())
        saver, deleter = products.get(product.id), products.get(product.id)
        commits = [
            functools.partial(products.save, saver, a_context()),
            functools.partial(products.delete, deleter, a_context()),
        ]
        outcomes = at_once(2, functools.partial(outcome_of_one, commits))
        assert outcomes in (["won", "stale_version"], ["not_found", "won"])
        assert products.exists(product.id) is (outcomes[0] == "won")
        if products.exists(product.id):
            products.delete(saver, a_context())
