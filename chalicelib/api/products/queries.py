"""Handlers of the queries about the catalogue."""

from collections.abc import Mapping

from carafe.contracts.base import Query
from carafe.contracts.envelope import Caller
from carafe.contracts.views import View
from carafe.domain.errors import NotFound
from carafe.infrastructure.cqrs.mediator import QueryHandler
from carafe.infrastructure.database.criteria import equals
from carafe.infrastructure.database.repository import Repository
from msgspec import Struct

from chalicelib.contracts.queries import GetProduct, ListProducts, ProductPage, ProductView
from chalicelib.domain.product import Product

PRODUCT = View(ProductView, Product)


class ProductQueries(Struct, frozen=True):
    """The handlers, with the port they need."""

    products: Repository[Product]

    def handlers(self) -> Mapping[type[Query], QueryHandler]:
        """Return the handler of each query."""
        return {GetProduct: self.get, ListProducts: self.list}

    def get(self, query: GetProduct, _caller: Caller) -> ProductView:
        """Return one product."""
        page = self.products.find_views(PRODUCT, equals("id", query.id), limit=1)
        if not page.items:
            raise NotFound("product", query.id)
        return page.items[0]

    def list(self, query: ListProducts, _caller: Caller) -> ProductPage:
        """Return a page of the catalogue."""
        page = self.products.find_views(
            PRODUCT, order=["sku"], limit=query.limit, cursor=query.cursor
        )
        return ProductPage(items=page.items, next_cursor=page.next_cursor)
