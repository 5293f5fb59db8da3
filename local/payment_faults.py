"""Faults of the payment service on demand: for a payment method, or for a while."""

import threading
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

E = TypeVar("E", bound=Enum)

LONGEST_DELAY_SECONDS = 30.0
MOST_TIMES = 1_000


class Fault(Enum):
    """A way to fail. What is asked is done all the same, except where a comment says otherwise.

    Each is also a payment method, which fails in that way every time.
    """

    SLOW = "slow"  # says nothing until the caller hangs up
    LATE = "late"  # says nothing, and does what is asked when the faults are forgotten
    SERVER_ERROR = "server_error"  # answers 500
    GARBAGE = "garbage"  # answers 201 with a body that is not JSON
    HALF_ANSWER = "half_answer"  # breaks off in the middle of its answer
    REFUSED = "refused"  # hangs up and does nothing


class Operation(Enum):
    """What can fail."""

    CHARGE = "charge"
    VOID = "void"
    REFUND = "refund"


@dataclass
class Plan:
    """A fault for the next requests.

    Attributes:
        fault: the way to fail.
        operation: what fails.
        times: how many more requests fail.
        reference: of the charges it is for; None for any.
    """

    fault: Fault
    operation: Operation
    times: int
    reference: str | None


class Faults:
    """Decides how each request fails."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: list[Plan] = []
        self._forgotten = threading.Condition(self._lock)

    def plan(self, plan: Plan) -> None:
        """Let some of the next requests fail, after those that were planned before."""
        with self._lock:
            self._plans.append(plan)

    def forget(self) -> None:
        """Cancel all plans; the payment methods that are faults still fail."""
        with self._lock:
            self._plans.clear()
            self._forgotten.notify_all()

    def wait_until_forgotten(self) -> None:
        """Wait until somebody cancels all plans, but not for ever."""
        with self._lock:
            self._forgotten.wait(LONGEST_DELAY_SECONDS)

    def of_charge(self, charge: dict[str, str]) -> Fault | None:
        """Return how a charge fails, and count it."""
        by_method = _member(Fault, charge["payment_method"])
        return by_method or self.of(Operation.CHARGE, charge["reference"])

    def of(self, operation: Operation, reference: str) -> Fault | None:
        """Return how a request fails, and count it."""
        with self._lock:
            for plan in self._plans:
                is_meant = plan.operation is operation and plan.reference in {None, reference}
                if plan.times and is_meant:
                    plan.times -= 1
                    return plan.fault
            return None


def read_plan(values: object) -> Plan | None:
    """Read `{"fault": …, "operation": …, "times": …, "reference": …}`; None in another form.

    The operation is `charge`, `times` is 1 and `reference` is any unless they say otherwise.
    """
    fields = {"fault", "operation", "times", "reference"}
    if not isinstance(values, dict) or values.keys() - fields:
        return None
    fault = _member(Fault, values.get("fault"))
    operation = _member(Operation, values.get("operation", Operation.CHARGE.value))
    times, reference = values.get("times", 1), values.get("reference")
    if fault is None or operation is None:
        return None
    if not isinstance(times, int) or not 1 <= times <= MOST_TIMES:
        return None
    if reference is not None and not isinstance(reference, str):
        return None
    return Plan(fault, operation, times, reference)


def _member(enumeration: type[E], value: Any) -> E | None:  # noqa: ANN401 - any JSON
    return next((each for each in enumeration if each.value == value), None)
