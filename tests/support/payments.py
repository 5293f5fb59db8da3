"""The payment service of the local stack, in the words of the tests."""

from typing import Any

import urllib3


class Payments:
    """Looks into the payment service, and lets it fail.

    Args:
        url: of the service.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def captured(self, reference: str) -> list[dict[str, str]]:
        """Return what was captured for an order."""
        answer = urllib3.request("GET", f"{self._url}/charges", fields={"reference": reference})
        charges: list[dict[str, Any]] = answer.json()["charges"]
        return [{"amount": each["amount"], "currency": each["currency"]} for each in charges]

    def fail(self, fault: str, times: int, reference: str) -> None:
        """Let the next charges for an order go wrong."""
        plan = {"fault": fault, "times": times, "reference": reference}
        answer = urllib3.request("POST", f"{self._url}/faults", json=plan)
        assert answer.status == 200, answer.data
