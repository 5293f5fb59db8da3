"""The events that the service reacts to: other services', as far as it reads them, and its own.

`SUBSCRIBED` says what the inbox is bound to; each event needs a handler in the API's rooms.
`UPCASTERS` turn earlier versions into the one that the handler knows.
"""

from collections.abc import Mapping
from typing import ClassVar

from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.received_commands import CommandRefused, refusal_type
from carafe.contracts.upcasters import Upcaster
from carafe.contracts.values import Identifier, Text

from .integration_events import OrderCancelledV1, OrderDeliveredV1, OrderPaidV1, OrderShippedV1


class PaymentCapturedV1(IntegrationEvent, frozen=True):
    """The payment service has the money for an order."""

    wire_type: ClassVar[str] = "payments.payment.captured.v1"

    order_id: Identifier
    payment_reference: Text


class ParcelDispatchedV1(IntegrationEvent, frozen=True):
    """The carrier has the parcel with an order."""

    wire_type: ClassVar[str] = "shipping.parcel.dispatched.v1"

    order_id: Identifier
    carrier: Text
    tracking_code: Text


class ParcelDeliveredV1(IntegrationEvent, frozen=True):
    """The customer has the parcel with an order."""

    wire_type: ClassVar[str] = "shipping.parcel.delivered.v1"

    order_id: Identifier


class ParcelRecalledV1(IntegrationEvent, frozen=True):
    """The parcel with an order stays, or is on its way back."""

    wire_type: ClassVar[str] = "shipping.parcel.recalled.v1"

    order_id: Identifier


class ShippingRefused(CommandRefused, frozen=True):
    """The shipping service will not dispatch a parcel, or cannot recall it."""

    wire_type: ClassVar[str] = refusal_type("shipping")


SUBSCRIBED: tuple[type[IntegrationEvent], ...] = (
    PaymentCapturedV1,
    ParcelDispatchedV1,
    ParcelDeliveredV1,
    ParcelRecalledV1,
    ShippingRefused,
    OrderPaidV1,
    OrderShippedV1,
    OrderDeliveredV1,
    OrderCancelledV1,
)

UPCASTERS: Mapping[str, Upcaster] = {}
"""By the wire type of the earlier version; none is needed yet."""
