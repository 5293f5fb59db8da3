"""Orders and products together, over one store."""

from collections.abc import Callable
from dataclasses import dataclass

from carafe.infrastructure.container import Container
from carafe.infrastructure.database.repository import Repository
from carafe.infrastructure.outbox.outbox import Envelope
from carafe.testing import stores
from carafe.testing.stores import Nudged
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from chalicelib.infrastructure.bootstrap import service as declared
from chalicelib.infrastructure.settings import Settings


@dataclass
class Store:
    """Repositories over one store, and a look at what waits in its outboxes."""

    orders: Repository[Order]
    products: Repository[Product]
    pending: Callable[[str], list[Envelope]]
    nudged: Nudged

    def sequences(self, identifier: str) -> list[int]:
        return [event["sequence"] for event in self.pending(identifier)]


def in_memory() -> Store:
    nudged = Nudged()
    return _both(
        stores.in_memory(Order, declared, nudged), stores.in_memory(Product, declared, nudged)
    )


def in_mongo(service: Container[Settings]) -> Store:
    nudged = Nudged()
    return _both(stores.in_mongo(Order, service, nudged), stores.in_mongo(Product, service, nudged))


def _both(orders: stores.Store[Order], products: stores.Store[Product]) -> Store:
    return Store(
        orders.repository,
        products.repository,
        lambda each: orders.pending(each) + products.pending(each),
        orders.nudged,
    )
