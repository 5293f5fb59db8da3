"""The events of other services that this one reacts to, as far as it reads them.

`SUBSCRIBED` says what the inbox is bound to; each event needs a handler in the API's rooms.
`UPCASTERS` turn earlier versions into the one that the handler knows.
"""

from collections.abc import Mapping
from typing import ClassVar

from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.upcasters import Upcaster
from carafe.contracts.values import Identifier, Text


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


SUBSCRIBED: tuple[type[IntegrationEvent], ...] = (
    PaymentCapturedV1,
    ParcelDispatchedV1,
    ParcelDeliveredV1,
)

UPCASTERS: Mapping[str, Upcaster] = {}
"""By the wire type of the earlier version; none is needed yet."""
