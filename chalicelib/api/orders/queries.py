"""Handlers of the queries about orders."""

from collections.abc import Mapping

from carafe.contracts.base import Query
from carafe.contracts.envelope import Caller
from carafe.contracts.views import View
from carafe.infrastructure.cqrs.mediator import QueryHandler
from carafe.infrastructure.database.criteria import equals
from carafe.infrastructure.database.repository import Repository
from msgspec import Struct

from chalicelib.contracts.queries import GetOrder, ListOrders, OrderPage, OrderView
from chalicelib.domain.order import Order

from .ownership import OWNERSHIP

ORDER = View(OrderView, Order)


class OrderQueries(Struct, frozen=True):
    """The handlers, with the port they need."""

    orders: Repository[Order]

    def handlers(self) -> Mapping[type[Query], QueryHandler]:
        """Return the handler of each query."""
        return {GetOrder: self.get, ListOrders: self.list}

    def get(self, query: GetOrder, caller: Caller) -> OrderView:
        """Return one order, if the caller may see it."""
        order = self.orders.get(query.id)
        OWNERSHIP.require(order, caller)
        return ORDER.of(order)

    def list(self, query: ListOrders, caller: Caller) -> OrderPage:
        """Return a page of the caller's orders; operators see everybody's."""
        criteria = OWNERSHIP.criteria(caller)
        if query.status is not None:
            criteria.append(equals("status", query.status))
        page = self.orders.find_views(
            ORDER, *criteria, order=["-placed_at"], limit=query.limit, cursor=query.cursor
        )
        return OrderPage(items=page.items, next_cursor=page.next_cursor)
