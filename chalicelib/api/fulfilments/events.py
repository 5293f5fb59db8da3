"""Handlers of the events that lead fulfilments."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.contracts.integration_events import IntegrationEvent
from carafe.domain.model import Clock
from carafe.infrastructure.cqrs.mediator import EventHandler
from carafe.infrastructure.cqrs.processes import advance, begin, refusal
from carafe.infrastructure.database.repository import Repository
from msgspec import Struct

from chalicelib.contracts.integration_events import (
    OrderCancelledV1,
    OrderDeliveredV1,
    OrderPaidV1,
    OrderShippedV1,
)
from chalicelib.contracts.subscribed_events import ParcelRecalledV1, ShippingRefused
from chalicelib.domain.fulfilment import DISPATCH, Fulfilment, fulfilment_id


class FulfilmentEvents(Struct, frozen=True):
    """The handlers, with what they need.

    Shipment and delivery are taken from the order's own events, since an operator may note both.
    An event that comes before the one it follows from is held back, and comes again.

    Attributes:
        fulfilments, clock: the ports.
        shipment_due_seconds: how long a paid order waits for its shipment.
    """

    fulfilments: Repository[Fulfilment]
    clock: Clock
    shipment_due_seconds: float

    def handlers(self) -> Mapping[type[IntegrationEvent], EventHandler]:
        """Return the handler of each event."""
        return {
            OrderPaidV1: self.order_paid,
            OrderShippedV1: self.order_shipped,
            OrderDeliveredV1: self.order_delivered,
            OrderCancelledV1: self.order_cancelled,
            ParcelRecalledV1: self.parcel_recalled,
            ShippingRefused: self.shipping_refused,
        }

    def order_paid(self, event: OrderPaidV1, context: CommandContext) -> CommandResult:
        """Begin."""
        within = timedelta(seconds=self.shipment_due_seconds)
        return begin(
            self.fulfilments,
            fulfilment_id(event.order_id),
            context,
            lambda identifier: Fulfilment.of(identifier, event.order_id, within, at=self.clock()),
        )

    def order_shipped(self, event: OrderShippedV1, context: CommandContext) -> CommandResult:
        """Wait for the delivery."""
        return self._advance(event.order_id, context, lambda it: it.order_shipped(at=self.clock()))

    def order_delivered(self, event: OrderDeliveredV1, context: CommandContext) -> CommandResult:
        """End."""
        return self._advance(
            event.order_id, context, lambda it: it.order_delivered(at=self.clock())
        )

    def order_cancelled(self, event: OrderCancelledV1, context: CommandContext) -> CommandResult:
        """Recall the parcel; an order that was never paid has none."""
        if event.payment_reference is None:
            return CommandResult(id=event.order_id, version=0)
        return self._advance(
            event.order_id, context, lambda it: it.order_cancelled(at=self.clock())
        )

    def parcel_recalled(self, event: ParcelRecalledV1, context: CommandContext) -> CommandResult:
        """Note that the parcel stays."""
        return self._advance(
            event.order_id, context, lambda it: it.confirm_undo(DISPATCH, at=self.clock())
        )

    def shipping_refused(self, event: ShippingRefused, context: CommandContext) -> CommandResult:
        """Give the order up, or find that the parcel cannot be recalled."""
        return refusal(self.fulfilments, event, context, self.clock)

    def _advance(
        self, order_id: str, context: CommandContext, step: Callable[[Fulfilment], None]
    ) -> CommandResult:
        return advance(self.fulfilments, fulfilment_id(order_id), context, step)
