"""Faults of the payment service on demand: for a payment method, or for a while."""

import threading
from dataclasses import dataclass
from enum import Enum
from typing import Any

LONGEST_DELAY_SECONDS = 30.0
MOST_TIMES = 1_000


class Fault(Enum):
    """A way to fail. The money is captured all the same, except where a comment says otherwise.

    Each is also a payment method, which fails in that way every time.
    """

    SLOW = "slow"  # says nothing until the caller hangs up
    SERVER_ERROR = "server_error"  # answers 500
    GARBAGE = "garbage"  # answers 201 with a body that is not JSON
    HALF_ANSWER = "half_answer"  # breaks off in the middle of its answer
    REFUSED = "refused"  # hangs up and captures nothing


@dataclass
class Plan:
    """A fault for the next charges.

    Attributes:
        fault: the way to fail.
        times: how many more charges fail.
        reference: of the charges it is for; None for any.
    """

    fault: Fault
    times: int
    reference: str | None


class Faults:
    """Decides how each charge fails."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: list[Plan] = []

    def plan(self, plan: Plan) -> None:
        """Let some of the next charges fail, after those that were planned before."""
        with self._lock:
            self._plans.append(plan)

    def forget(self) -> None:
        """Cancel all plans; the payment methods that are faults still fail."""
        with self._lock:
            self._plans.clear()

    def of(self, charge: dict[str, str]) -> Fault | None:
        """Return how a charge fails, and count it."""
        if charge["payment_method"] in {each.value for each in Fault}:
            return Fault(charge["payment_method"])
        with self._lock:
            for plan in self._plans:
                if plan.times and plan.reference in {None, charge["reference"]}:
                    plan.times -= 1
                    return plan.fault
            return None


def read_plan(values: object) -> Plan | None:
    """Read `{"fault": …, "times": …, "reference": …}`; None if it has another form.

    `times` is 1 and `reference` is for any charge unless they say otherwise.
    """
    if not isinstance(values, dict) or values.keys() - {"fault", "times", "reference"}:
        return None
    fault = _fault(values.get("fault"))
    times, reference = values.get("times", 1), values.get("reference")
    if fault is None or not isinstance(times, int) or not 1 <= times <= MOST_TIMES:
        return None
    if reference is not None and not isinstance(reference, str):
        return None
    return Plan(fault, times, reference)


def _fault(value: Any) -> Fault | None:  # noqa: ANN401 - any JSON
    return next((each for each in Fault if each.value == value), None)
