"""The events of other services that this one reacts to, as far as it reads them.

`SUBSCRIBED` says what the inbox is bound to; each event needs a handler in the API's rooms.
`UPCASTERS` turn earlier versions into the one that the handler knows.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

from .integration_events import IntegrationEvent
from .values import Identifier, Text


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

Data = dict[str, Any]


class Upcaster(NamedTuple):
    """One step from an earlier version of an event to a later one.

    Attributes:
        to: the later wire type.
        apply: turns the data; gets a dict of its own.
    """

    to: str
    apply: Callable[[Data], Data]


UPCASTERS: Mapping[str, Upcaster] = {}
"""By the wire type of the earlier version. None is needed yet; an example:

    "payments.payment.captured.v1": Upcaster(
        to="payments.payment.captured.v2",
        apply=lambda data: data | {"currency": "EUR"},
    )
"""


def upcast(
    wire_type: str, data: Data, upcasters: Mapping[str, Upcaster] = UPCASTERS
) -> tuple[str, Data]:
    """Return wire type and data of the latest version that the steps lead to."""
    while wire_type in upcasters:
        wire_type, apply = upcasters[wire_type]
        data = apply(dict(data))
    return wire_type, data
