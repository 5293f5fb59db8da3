"""Whose the orders are."""

from carafe.infrastructure.cqrs.ownership import Ownership

from chalicelib.contracts.scopes import OPERATIONS
from chalicelib.domain.order import Order

OWNERSHIP = Ownership(Order, "customer_id", operators=OPERATIONS)
