"""What is answered when somebody asks about the catalogue."""

from collections.abc import Mapping

from chalicelib.contracts.base import Query
from chalicelib.contracts.envelope import Caller
from chalicelib.contracts.queries import GetProduct, ListProducts, ProductPage, ProductView
from chalicelib.domain.errors import NotFound
from chalicelib.domain.product import Product
from chalicelib.infrastructure.cqrs.mediator import QueryHandler
from chalicelib.infrastructure.database.criteria import equals
from chalicelib.infrastructure.database.mongo.product_repository import ProductRepository
from chalicelib.infrastructure.database.mongo.views import View


class ProductQueries:
    """The handlers.

    Args:
        products: the catalogue; read as views, without building products.
    """

    def __init__(self, products: ProductRepository) -> None:
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
