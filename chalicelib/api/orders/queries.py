"""What is answered when somebody asks about orders."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from chalicelib.contracts.base import OPERATIONS, Query
from chalicelib.contracts.envelope import Caller
from chalicelib.contracts.queries import GetOrder, ListOrders, OrderPage, OrderView
from chalicelib.domain.order import Order
from chalicelib.infrastructure.cqrs.mediator import QueryHandler
from chalicelib.infrastructure.database.criteria import equals
from chalicelib.infrastructure.database.mongo.views import shown
from chalicelib.infrastructure.database.repository import Repository

from .commands import require_visible


class OrderQueries(Struct, frozen=True):
    """The handlers, with the port they need."""

    orders: Repository[Order]

    def handlers(self) -> Mapping[type[Query], QueryHandler]:
        """Return the handler of each query."""
        return {GetOrder: self.get, ListOrders: self.list}

    def get(self, query: GetOrder, caller: Caller) -> OrderView:
        """Return one order, if the caller may see it."""
        order = self.orders.get(query.id)
        require_visible(order, caller)
        return view(order)

    def list(self, query: ListOrders, caller: Caller) -> OrderPage:
        """Return a page of the caller's orders; operators see everybody's."""
        criteria = [] if caller.may(OPERATIONS) else [equals("customer_id", caller.subject)]
        if query.status is not None:
            criteria.append(equals("status", query.status))
        page = self.orders.find(
            *criteria, order=["-placed_at"], limit=query.limit, cursor=query.cursor
        )
        return OrderPage(items=[view(order) for order in page.items], next_cursor=page.next_cursor)


def view(order: Order) -> OrderView:
    """Return an order as its customer sees it."""
    values = msgspec.to_builtins(order)
    values["total"] = msgspec.to_builtins(order.total)
    del values["sequence"], values["recorded"]
    return shown(values, OrderView)
