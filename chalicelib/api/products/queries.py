"""What is answered when somebody asks about the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from chalicelib.contracts.base import Query
from chalicelib.contracts.envelope import Caller
from chalicelib.contracts.queries import GetProduct, ListProducts, ProductPage, ProductView
from chalicelib.domain.product import Product
from chalicelib.infrastructure.cqrs.mediator import QueryHandler
from chalicelib.infrastructure.database.repository import Repository


@dataclass(frozen=True)
class ProductQueries:
    """The handlers, with the port they need."""

    products: Repository[Product]

    def handlers(self) -> Mapping[type[Query], QueryHandler]:
        """Return the handler of each query."""
        return {GetProduct: self.get, ListProducts: self.list}

    def get(self, query: GetProduct, _caller: Caller) -> ProductView:
        """Return one product."""
        return view(self.products.get(query.id))

    def list(self, query: ListProducts, _caller: Caller) -> ProductPage:
        """Return a page of the catalogue."""
        page = self.products.find(order=["sku"], limit=query.limit, cursor=query.cursor)
        return ProductPage(items=[view(each) for each in page.items], next_cursor=page.next_cursor)


def view(product: Product) -> ProductView:
    """Return a product as the catalogue shows it."""
    values = msgspec.to_builtins(product)
    del values["sequence"], values["recorded"]
    return msgspec.convert(values, ProductView)
