"""Which handler handles what, each with the ports it needs."""

import functools

from chalicelib.infrastructure.bootstrap import Container, container
from chalicelib.infrastructure.cqrs.mediator import Mediator
from chalicelib.infrastructure.identifiers import now

from .orders.commands import OrderCommands
from .orders.queries import OrderQueries
from .products.commands import ProductCommands
from .products.queries import ProductQueries


def mediator_of(service: Container) -> Mediator:
    """Return the mediator of a wired service."""
    orders = OrderCommands(service.orders, service.products, service.payments, now)
    products = ProductCommands(service.products, now)
    return Mediator(
        commands={**orders.handlers(), **products.handlers()},
        queries={
            **OrderQueries(service.orders).handlers(),
            **ProductQueries(service.products).handlers(),
        },
    )


@functools.cache
def mediator() -> Mediator:
    """Return this process's mediator."""
    return mediator_of(container())
