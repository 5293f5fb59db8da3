"""Products in MongoDB."""

from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository

from chalicelib.domain.product import Product


class ProductRepository(MongoRepository[Product]):
    """Keeps products."""

    aggregate = Product
