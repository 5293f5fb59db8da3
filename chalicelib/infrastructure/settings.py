"""Ordering's settings: those of every service, and where its external services are."""

import carafe
from carafe.infrastructure.settings import WebAddress


class Settings(carafe.Settings, frozen=True, kw_only=True):
    """What the environment decides.

    Attributes:
        payments_url: where the payment service is.
    """

    payments_url: WebAddress
