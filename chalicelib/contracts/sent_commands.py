"""The commands that the aggregates send: to the shipping service, and to orders.

`SENT` says which contract tells which command of the domain.
"""

from typing import ClassVar

from carafe.contracts.base import Command
from carafe.contracts.outgoing_commands import OutgoingCommand, Sent
from carafe.contracts.values import Identifier, Text

from chalicelib.domain import fulfilment

from .scopes import OPERATIONS


class DispatchParcelV1(OutgoingCommand, frozen=True):
    """The parcel with a paid order is to go to its customer.

    What is in it, and where it goes, tell the order's own events.
    """

    wire_type: ClassVar[str] = "shipping.parcel.dispatch.v1"

    order_id: str


class RecallParcelV1(OutgoingCommand, frozen=True):
    """The parcel with an order is to stay, or to come back; it may never have been asked for."""

    wire_type: ClassVar[str] = "shipping.parcel.recall.v1"

    order_id: str


class GiveUpOrder(Command, frozen=True):
    """Cancel an order that still waits for its shipment; its fulfilment sends this."""

    wire_name: ClassVar[str] = "ordering.give_up_order"
    scope: ClassVar[str] = OPERATIONS

    id: Identifier
    reason: Text


SENT: Sent = {
    fulfilment.DispatchParcel: DispatchParcelV1,
    fulfilment.RecallParcel: RecallParcelV1,
    fulfilment.GiveUpOrder: GiveUpOrder,
}
