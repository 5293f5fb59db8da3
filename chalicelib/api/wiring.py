"""Every class of handlers with the ports it needs: one more is one more line.

Imported when a message is to be handled, by functions that handle some.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from chalicelib.contracts.base import Command, Query
from chalicelib.contracts.integration_events import IntegrationEvent
from chalicelib.infrastructure.bootstrap import Container
from chalicelib.infrastructure.cqrs.mediator import CommandHandler, EventHandler, QueryHandler
from chalicelib.infrastructure.identifiers import now

from .orders.commands import OrderCommands
from .orders.events import OrderEvents
from .orders.payments import Payments
from .orders.queries import OrderQueries
from .products.commands import ProductCommands
from .products.queries import ProductQueries

K = TypeVar("K")
H = TypeVar("H")

COMMANDS: tuple[Callable[[Container], Mapping[type[Command], CommandHandler]], ...] = (
    lambda service: OrderCommands(
        service.orders, service.products, Payments(service), now
    ).handlers(),
    lambda service: ProductCommands(service.products, now).handlers(),
)

QUERIES: tuple[Callable[[Container], Mapping[type[Query], QueryHandler]], ...] = (
    lambda service: OrderQueries(service.orders).handlers(),
    lambda service: ProductQueries(service.products).handlers(),
)

REACTIONS: tuple[Callable[[Container], Mapping[type[IntegrationEvent], EventHandler]], ...] = (
    lambda service: OrderEvents(service.orders, now).handlers(),
)


def wired(
    parts: tuple[Callable[[Container], Mapping[K, H]], ...], service: Container
) -> dict[K, H]:
    """Return the handlers of all parts, on a wired service.

    Raises:
        ValueError: two parts handle one message.
    """
    handlers: dict[K, H] = {}
    for part in parts:
        more = part(service)
        if twice := handlers.keys() & more.keys():
            raise ValueError(f"handled twice: {twice}")
        handlers |= more
    return handlers
