"""What is answered when somebody asks about orders."""

from collections.abc import Mapping

import msgspec
from carafe.contracts.base import Query
from carafe.contracts.envelope import Caller
from carafe.infrastructure.cqrs.mediator import QueryHandler
from carafe.infrastructure.database.criteria import equals
from carafe.infrastructure.database.mongo.views import shown
from carafe.infrastructure.database.repository import Repository
from msgspec import Struct

from chalicelib.contracts.queries import GetOrder, ListOrders, OrderPage, OrderView
from chalicelib.contracts.scopes import OPERATIONS
from chalicelib.domain.order import Order

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
