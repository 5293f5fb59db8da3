"""Orders in MongoDB."""

from chalicelib.domain.order import Order

from .mongo_repository import MongoRepository


class OrderRepository(MongoRepository[Order]):
    """Keeps orders."""

    aggregate = Order
