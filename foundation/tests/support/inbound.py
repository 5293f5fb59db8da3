"""The events of other services to which Ordering reacts."""

from typing import Any

from carafe.testing import inbound

CAPTURED = "payments.payment.captured.v1"
DISPATCHED = "shipping.parcel.dispatched.v1"
DELIVERED = "shipping.parcel.delivered.v1"


def an_event(wire_type: str = CAPTURED, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return an event of another service; `data` and the rest as given."""
    return inbound.an_event(wire_type, **changes)


def captured(order_id: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    data = {"order_id": order_id, "payment_reference": f"payment-of-{order_id}"}
    return an_event(CAPTURED, **{"subject": "p-1", "data": data, **changes})


def dispatched(order_id: str) -> dict[str, Any]:
    data = {"order_id": order_id, "carrier": "DHL", "tracking_code": "JD01"}
    return an_event(DISPATCHED, subject="parcel-1", data=data)


def delivered(order_id: str) -> dict[str, Any]:
    return an_event(DELIVERED, subject="parcel-1", data={"order_id": order_id})
