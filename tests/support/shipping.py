"""The shipping service of the local stack, in the words of the tests."""

from typing import Any

import urllib3


class Shipping:
    """Looks into the shipping service, and lets it fail.

    Args:
        url: of the service.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def effects(self, order_id: str) -> list[str]:
        """Return what was done with the parcel of an order, oldest first."""
        answer = urllib3.request("GET", f"{self._url}/parcels", fields={"order_id": order_id})
        parcels: list[dict[str, Any]] = answer.json()["parcels"]
        return [effect for each in parcels for effect in each["effects"]]

    def fail(self, fault: str, order_id: str, command: str = "dispatch") -> None:
        """Let a command about an order go wrong, from now on."""
        plan = {"fault": fault, "command": command, "order_id": order_id}
        answer = urllib3.request("POST", f"{self._url}/faults", json=plan)
        assert answer.status == 200, answer.data

    def forget_faults(self) -> None:
        """End what was planned, and let it tell what is late."""
        assert urllib3.request("DELETE", f"{self._url}/faults").status == 200
