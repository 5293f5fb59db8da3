"""Handlers of the commands about orders."""

from collections.abc import Mapping
from datetime import timedelta

from carafe.contracts.base import Command, CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.domain.model import Clock
from carafe.infrastructure.cqrs.execution import change, create
from carafe.infrastructure.cqrs.mediator import CommandHandler
from carafe.infrastructure.database.criteria import one_of
from carafe.infrastructure.database.repository import Repository
from msgspec import Struct

from chalicelib.contracts.commands import (
    CancelOrder,
    ChangeShippingAddress,
    DeliverOrder,
    PlaceOrder,
    ShipOrder,
)
from chalicelib.contracts.sent_commands import GiveUpOrder
from chalicelib.domain.order import Order, Shipment
from chalicelib.domain.order_line import MOST_LINES, lines_at_catalogue_prices
from chalicelib.domain.product import Product

from .ownership import OWNERSHIP


class OrderCommands(Struct, frozen=True):
    """The handlers, with what they need.

    Attributes:
        orders, products, clock: the ports.
        payment_due_seconds: how long a new order waits for its payment.
    """

    orders: Repository[Order]
    products: Repository[Product]
    clock: Clock
    payment_due_seconds: float

    def handlers(self) -> Mapping[type[Command], CommandHandler]:
        """Return the handler of each command."""
        return {
            PlaceOrder: self.place,
            ChangeShippingAddress: self.change_shipping_address,
            ShipOrder: self.ship,
            DeliverOrder: self.deliver,
            CancelOrder: self.cancel,
            GiveUpOrder: self.give_up,
        }

    def place(self, command: PlaceOrder, context: CommandContext) -> CommandResult:
        """Place an order for the caller, at the catalogue's prices."""

        def make(order_id: str) -> Order:
            wanted = [(line.product_id, line.quantity) for line in command.lines]
            order = Order.place(
                order_id=order_id,
                customer_id=context.caller.subject,
                lines=lines_at_catalogue_prices(wanted, self._find_products),
                shipping_address=command.shipping_address.to_domain(),
                at=self.clock(),
            )
            within = timedelta(seconds=self.payment_due_seconds)
            order.expect_payment(within, at=order.placed_at)
            return order

        return create(self.orders, context, make)

    def _find_products(self, product_ids: list[str]) -> list[Product]:
        return self.products.find(one_of("id", product_ids), limit=MOST_LINES).items

    def change_shipping_address(
        self, command: ChangeShippingAddress, context: CommandContext
    ) -> CommandResult:
        """Send the parcel elsewhere."""

        def apply(order: Order) -> None:
            address = command.shipping_address.to_domain()
            order.change_shipping_address(address, at=self.clock())

        return change(
            self.orders, command.id, context, apply, permit=OWNERSHIP.permit(context.caller)
        )

    def ship(self, command: ShipOrder, context: CommandContext) -> CommandResult:
        """Note that the carrier has the parcel."""

        def apply(order: Order) -> None:
            shipment = Shipment(carrier=command.carrier, tracking_code=command.tracking_code)
            order.ship(shipment, at=self.clock())

        return change(self.orders, command.id, context, apply)

    def deliver(self, command: DeliverOrder, context: CommandContext) -> CommandResult:
        """Note that the customer has the parcel."""
        return change(
            self.orders, command.id, context, lambda order: order.deliver(at=self.clock())
        )

    def cancel(self, command: CancelOrder, context: CommandContext) -> CommandResult:
        """Give the order up."""

        def apply(order: Order) -> None:
            order.cancel(command.reason, at=self.clock())

        return change(
            self.orders, command.id, context, apply, permit=OWNERSHIP.permit(context.caller)
        )

    def give_up(self, command: GiveUpOrder, context: CommandContext) -> CommandResult:
        """Cancel the order, unless it is on its way."""
        return change(
            self.orders,
            command.id,
            context,
            lambda order: order.give_up(command.reason, at=self.clock()),
        )
