"""Fulfilments, ready made."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from carafe.infrastructure.identifiers import new_id
from carafe.testing.examples import NOON

from chalicelib.domain.fulfilment import DISPATCH, Fulfilment, fulfilment_id

WEEK = timedelta(days=7)


def a_fulfilment(order_id: str | None = None, *, at: datetime = NOON) -> Fulfilment:
    """Return a fulfilment that has just begun."""
    order_id = order_id or new_id()
    return Fulfilment.of(fulfilment_id(order_id), order_id, WEEK, at=at)


def fulfilments_in_every_status() -> Sequence[Fulfilment]:
    """Return fulfilments that have and lack each of the optional attributes."""
    shipped, delivered, recalling, recalled, stuck = (a_fulfilment() for _ in range(5))
    for each in (shipped, delivered):
        each.order_shipped(at=NOON)
    delivered.order_delivered(at=NOON)
    for each in (recalling, recalled, stuck):
        each.order_cancelled(at=NOON)
    recalled.confirm_undo(DISPATCH, at=NOON)
    stuck.pass_deadline(DISPATCH.name, at=NOON)
    return [a_fulfilment(), shipped, delivered, recalling, recalled, stuck]
