"""Callers see and change their own only, operators all, in any store."""

import pytest

from carafe.contracts.envelope import Caller
from carafe.domain.errors import NotFound
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.cqrs.ownership import Ownership
from carafe.infrastructure.database.criteria import equals
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from chalicelib.domain.order import Order
from tests.support.orders import an_order
from tests.support.stores import Store

OWNERSHIP = Ownership(Order, "customer_id", operators="operations")

MARIA = Caller(subject="maria", scopes=frozenset({"orders:write"}))
JOHN = Caller(subject="john", scopes=MARIA.scopes)
OPERATOR = Caller(subject="olga", scopes=frozenset({"operations"}))


@pytest.mark.parametrize(("caller", "seen"), [(MARIA, 2), (JOHN, 1), (OPERATOR, 3)])
def test_a_page_has_ones_own_and_for_operators_all(store: Store, caller: Caller, seen: int) -> None:
    for customer_id in ("maria", "maria", "john"):
        store.orders.add(an_order(customer_id), a_context())
    found = store.orders.find(*OWNERSHIP.criteria(caller)).items
    assert len(found) == seen
    assert {each.customer_id for each in found} <= {"maria", "john"}


def test_to_ask_for_anothers_finds_none(store: Store) -> None:
    store.orders.add(an_order("maria"), a_context())
    wanted = equals("customer_id", "maria")
    assert store.orders.find(*OWNERSHIP.criteria(JOHN), wanted).items == []


@pytest.mark.parametrize("caller", [MARIA, OPERATOR], ids=["owner", "operator"])
def test_the_owner_and_operators_change_it(store: Store, caller: Caller) -> None:
    order = an_order("maria")
    store.orders.add(order, a_context())
    permit = OWNERSHIP.permit(caller)
    result = change(store.orders, order.id, a_context(), _cancel, permit=permit)
    assert result.version == 2


def test_a_foreign_one_is_refused_in_the_words_for_a_missing_one(store: Store) -> None:
    order = an_order("maria")
    store.orders.add(order, a_context())
    refusals = []
    for identifier in (order.id, "missing"):
        with pytest.raises(NotFound) as refusal:
            change(store.orders, identifier, a_context(), _cancel, permit=OWNERSHIP.permit(JOHN))
        refusals.append(str(refusal.value).replace(identifier, "ID"))
    assert refusals[0] == refusals[1]
    assert store.orders.get(order.id).version == 1


def _cancel(order: Order) -> None:
    order.cancel("no longer needed", at=NOON)
