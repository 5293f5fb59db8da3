"""Ordering's settings: those of every service, and where its external services are."""

from typing import Any

import carafe
from carafe.infrastructure.settings import Reader


class Settings(carafe.Settings, frozen=True, kw_only=True):
    """What the environment decides.

    Attributes:
        payments_url: where the payment service is.
    """

    payments_url: str

    @staticmethod
    def own(reader: Reader) -> dict[str, Any]:
        """Read the settings that Ordering adds."""
        return {"payments_url": reader.web("PAYMENTS_URL")}
