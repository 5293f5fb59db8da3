"""The payment service of the local stack, in the words of the tests."""

from typing import Any

import urllib3

from chalicelib.domain.order import Order, OrderStatus


class Payments:
    """Looks into the payment service, and lets it fail.

    Args:
        url: of the service.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def captured(self, reference: str) -> list[dict[str, str]]:
        """Return the amounts that were captured for an order."""
        charges = self.listed("charges", reference)
        return [{"amount": each["amount"], "currency": each["currency"]} for each in charges]

    def listed(self, what: str, reference: str) -> list[dict[str, Any]]:
        """Return the `charges`, `refunds` or `attempts` of an order."""
        answer = urllib3.request("GET", f"{self._url}/{what}", fields={"reference": reference})
        found: list[dict[str, Any]] = answer.json()[what]
        return found

    def fail(self, fault: str, times: int, reference: str, operation: str = "charge") -> None:
        """Let the next operations for an order go wrong."""
        plan = {"fault": fault, "times": times, "reference": reference, "operation": operation}
        answer = urllib3.request("POST", f"{self._url}/faults", json=plan)
        assert answer.status == 200, answer.data

    def forget_faults(self) -> None:
        """End what was planned; charges that are late arrive."""
        assert urllib3.request("DELETE", f"{self._url}/faults").status == 200

    def reconcile(self, order: Order) -> None:
        """Require that the order knows of all its money, and that nothing is left to do."""
        charges = {each["id"]: each for each in self.listed("charges", order.id)}
        refunded = [each["charge"] for each in self.listed("refunds", order.id)]
        known = [each.payment_reference for each in order.refunds or ()]
        kept = charges.keys() - set(refunded)
        is_paid = order.status not in {OrderStatus.PLACED, OrderStatus.CANCELLED}
        assert order.payment_attempt is None, "an attempt was forgotten"
        assert order.owed_refunds == (), "money is still owed"
        assert sorted(refunded) == sorted(known), "given back twice, or unknown to the order"
        assert kept == ({order.payment_reference} if is_paid else set()), "a charge is unknown"
        assert all(each["key"].startswith(f"{order.id}:") for each in charges.values())
