"""Products in MongoDB."""

from pymongo import ASCENDING

from chalicelib.domain.product import Product

from .faults import store_faults
from .mongo_repository import MongoRepository
from .paging import page_of


class ProductRepository(MongoRepository[Product]):
    """Keeps products."""

    aggregate = Product

    def find_many(self, product_ids: list[str]) -> list[Product]:
        """Return those of the products that exist, in any order, by one query."""
        wanted = {"_id": {"$in": product_ids}, "deleted_at": None}
        with store_faults():
            documents = list(self.collection.find(wanted, {"pending": 0, "handled": 0}))
        return [self._decoded(document, document["_id"]) for document in documents]

    def page(self, *, limit: int, cursor: str | None) -> tuple[list[Product], str | None]:
        """Return a page of products by SKU, and the cursor of the next one.

        Args:
            limit: at most so many.
            cursor: where the page before ended.
        """
        query = {"sku": {"$exists": True}}
        page = page_of(self.collection, query, [("sku", ASCENDING)], limit, cursor)
        return [self._decoded(each, each["_id"]) for each in page.documents], page.next_cursor
