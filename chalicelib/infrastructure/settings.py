"""Ordering's settings: those of every service, and where its external services are."""

from typing import Annotated

import carafe
from carafe.infrastructure.settings import Seconds, WebAddress
from msgspec import Meta


class Settings(carafe.Settings, frozen=True, kw_only=True):
    """What the environment decides.

    Attributes:
        payments_url: where the payment service is.
        payment_due_seconds: an order that is not paid for so long is cancelled.
        shipment_due_seconds: a paid order that is not shipped for so long is cancelled.
    """

    payments_url: WebAddress
    payment_due_seconds: Annotated[Seconds, Meta(gt=0)] = 1800.0
    shipment_due_seconds: Annotated[Seconds, Meta(gt=0)] = 604_800.0
