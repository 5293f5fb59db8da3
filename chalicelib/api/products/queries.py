"""What is answered when somebody asks about the catalogue."""

from collections.abc import Mapping

from carafe.contracts.base import Query
from carafe.contracts.envelope import Caller
from carafe.domain.errors import NotFound
from carafe.infrastructure.cqrs.mediator import QueryHandler
from carafe.infrastructure.database.criteria import equals
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.infrastructure.database.mongo.views import View

from chalicelib.contracts.queries import GetProduct, ListProducts, ProductPage, ProductView
from chalicelib.domain.product import Product


class ProductQueries:
    """The handlers.

    Args:
        products: the catalogue; read as views, without building products.
    """

    def __init__(self, products: MongoRepository[Product]) -> None:
        self.products = products
        self._view = View(ProductView, Product)

    def handlers(self) -> Mapping[type[Query], QueryHandler]:
        """Return the handler of each query."""
        return {GetProduct: self.get, ListProducts: self.list}

    def get(self, query: GetProduct, _caller: Caller) -> ProductView:
        """Return one product."""
        page = self.products.find_views(self._view, equals("id", query.id), limit=1)
        if not page.items:
            raise NotFound("product", query.id)
        return page.items[0]

    def list(self, query: ListProducts, _caller: Caller) -> ProductPage:
        """Return a page of the catalogue."""
        page = self.products.find_views(
            self._view, order=["sku"], limit=query.limit, cursor=query.cursor
        )
        return ProductPage(items=page.items, next_cursor=page.next_cursor)
