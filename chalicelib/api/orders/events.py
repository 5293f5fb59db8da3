"""Handlers of other services' events about orders."""

from collections.abc import Mapping

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.contracts.integration_events import IntegrationEvent
from carafe.domain.model import Clock
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.cqrs.mediator import EventHandler
from carafe.infrastructure.database.repository import Repository
from msgspec import Struct

from chalicelib.contracts.subscribed_events import (
    ParcelDeliveredV1,
    ParcelDispatchedV1,
    PaymentCapturedV1,
)
from chalicelib.domain.order import Order, OrderStatus, Shipment


class OrderEvents(Struct, frozen=True):
    """The handlers, with the ports they need.

    An order may know already what an event tells, by a command: then nothing is left to do. An
    event that comes before the one it follows from breaks a rule, is held back, and comes again.
    """

    orders: Repository[Order]
    clock: Clock

    def handlers(self) -> Mapping[type[IntegrationEvent], EventHandler]:
        """Return the handler of each event."""
        return {
            PaymentCapturedV1: self.payment_captured,
            ParcelDispatchedV1: self.parcel_dispatched,
            ParcelDeliveredV1: self.parcel_delivered,
        }

    def payment_captured(self, event: PaymentCapturedV1, context: CommandContext) -> CommandResult:
        """Receive the money for an order."""

        def apply(order: Order) -> None:
            order.receive_payment(event.payment_reference, at=self.clock())

        return change(self.orders, event.order_id, context, apply)

    def parcel_dispatched(
        self, event: ParcelDispatchedV1, context: CommandContext
    ) -> CommandResult:
        """Note that the carrier has the parcel."""
        shipment = Shipment(carrier=event.carrier, tracking_code=event.tracking_code)

        def apply(order: Order) -> None:
            # A parcel that left although its order is cancelled is recalled by the fulfilment.
            is_cancelled = order.status is OrderStatus.CANCELLED
            if order.shipment != shipment and not is_cancelled:
                order.ship(shipment, at=self.clock())

        return change(self.orders, event.order_id, context, apply)

    def parcel_delivered(self, event: ParcelDeliveredV1, context: CommandContext) -> CommandResult:
        """Note that the customer has the parcel."""

        def apply(order: Order) -> None:
            if order.status is not OrderStatus.DELIVERED:
                order.deliver(at=self.clock())

        return change(self.orders, event.order_id, context, apply)
