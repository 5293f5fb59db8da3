"""Orders in MongoDB."""

from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository

from chalicelib.domain.order import Order


class OrderRepository(MongoRepository[Order]):
    """Keeps orders."""

    aggregate = Order
