"""Orders in MongoDB."""

from pymongo import DESCENDING

from chalicelib.domain.order import Order, OrderStatus

from .codec import Document
from .mongo_repository import MongoRepository
from .paging import page_of

_LATEST_FIRST = [("placed_at", DESCENDING), ("_id", DESCENDING)]


class OrderRepository(MongoRepository[Order]):
    """Keeps orders."""

    aggregate = Order

    def page(
        self,
        *,
        customer_id: str | None,
        status: OrderStatus | None,
        limit: int,
        cursor: str | None,
    ) -> tuple[list[Order], str | None]:
        """Return a page of orders, latest first, and the cursor of the next one.

        Args:
            customer_id: only this customer's; None for everybody's.
            status: only those that stand there.
            limit: at most so many.
            cursor: where the page before ended.
        """
        query: Document = {"deleted_at": None}
        if customer_id is not None:
            query["customer_id"] = customer_id
        if status is not None:
            query["status"] = status.value
        page = page_of(self.collection, query, _LATEST_FIRST, limit, cursor)
        return [self._decoded(each, each["_id"]) for each in page.documents], page.next_cursor
