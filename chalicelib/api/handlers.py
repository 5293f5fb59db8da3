"""Which handler handles what, each with the ports it needs."""

import functools

from chalicelib.contracts.subscribed_events import SUBSCRIBED
from chalicelib.infrastructure.bootstrap import Container, container
from chalicelib.infrastructure.cqrs.mediator import Mediator
from chalicelib.infrastructure.identifiers import now

from .orders.commands import OrderCommands
from .orders.events import OrderEvents
from .orders.queries import OrderQueries
from .products.commands import ProductCommands
from .products.queries import ProductQueries


def mediator_of(service: Container) -> Mediator:
    """Return the mediator of a wired service.

    Raises:
        ValueError: an event that is subscribed to has no handler, or two commands one name.
    """
    orders = OrderCommands(service.orders, service.products, service.payments, now)
    products = ProductCommands(service.products, now)
    events = OrderEvents(service.orders, now).handlers()
    unhandled = {each.wire_type for each in set(SUBSCRIBED) ^ set(events)}
    if unhandled:
        raise ValueError(f"subscribed to without a handler, or the reverse: {sorted(unhandled)}")
    return Mediator(
        commands={**orders.handlers(), **products.handlers()},
        queries={
            **OrderQueries(service.orders).handlers(),
            **ProductQueries(service.products).handlers(),
        },
        events=events,
    )


@functools.cache
def mediator() -> Mediator:
    """Return this process's mediator."""
    return mediator_of(container())
