"""The events of other services to which Ordering reacts."""

from typing import Any

from carafe.testing.inbound import an_event

PAYMENT_CAPTURED = "payments.payment.captured.v1"
PARCEL_DISPATCHED = "shipping.parcel.dispatched.v1"
PARCEL_DELIVERED = "shipping.parcel.delivered.v1"


def payment_captured(order_id: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return the event that an order was paid."""
    data = {"order_id": order_id, "payment_reference": f"payment-of-{order_id}"}
    return an_event(PAYMENT_CAPTURED, **{"subject": "p-1", "data": data, **changes})


def parcel_dispatched(order_id: str) -> dict[str, Any]:
    """Return the event that an order's parcel is on its way."""
    data = {"order_id": order_id, "carrier": "DHL", "tracking_code": "JD01"}
    return an_event(PARCEL_DISPATCHED, subject="parcel-1", data=data)


def parcel_delivered(order_id: str) -> dict[str, Any]:
    """Return the event that an order's parcel has arrived."""
    return an_event(PARCEL_DELIVERED, subject="parcel-1", data={"order_id": order_id})
