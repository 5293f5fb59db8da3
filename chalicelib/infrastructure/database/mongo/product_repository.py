"""Products in MongoDB."""

from chalicelib.domain.product import Product

from .mongo_repository import MongoRepository


class ProductRepository(MongoRepository[Product]):
    """Keeps products."""

    aggregate = Product
