"""What a stub answers to each request, and how it fails on demand."""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import unquote

MOST_REQUESTS = 1_000


class Fault(Enum):
    """A way to fail that every operation has."""

    SLOW = "slow"  # says nothing until the caller hangs up
    SERVER_ERROR = "server_error"  # answers 500
    GARBAGE = "garbage"  # answers 200 with a body that is not JSON
    HALF_ANSWER = "half_answer"  # hangs up in the middle of its answer
    HANG_UP = "hang_up"  # hangs up without an answer


FAULT_NAMES = frozenset(each.value for each in Fault)


@dataclass(frozen=True)
class Stubbed:
    """An operation, and what it answers.

    Attributes:
        name: of the operation.
        method: of its request.
        path: with parameters as `{policy_id}`.
        answer: sent as JSON.
        refusals: the status by the code of the refusal.
    """

    name: str
    method: str
    path: str
    answer: Mapping[str, Any] = field(default_factory=dict)
    refusals: Mapping[str, int] = field(default_factory=dict)

    def parameters(self, method: str, path: str) -> dict[str, str] | None:
        """Return the parameters in a request's path; None if the request is another's."""
        names, parts = self.path.split("/"), path.split("/")
        if method != self.method or len(names) != len(parts):
            return None
        pairs = dict(zip(names, map(unquote, parts), strict=True))
        fixed = {name: part for name, part in pairs.items() if not name.startswith("{")}
        if any(name != part for name, part in fixed.items()):
            return None
        return {name.strip("{}"): part for name, part in pairs.items() if name not in fixed}


@dataclass
class Plan:
    """A fault of requests from now on.

    Attributes:
        fault: the name of a fault, or of a refusal.
        operation: that fails; empty for any.
        times: how many more requests fail; None for all.
    """

    fault: str
    operation: str = ""
    times: int | None = None


class Script:
    """Decides how each request is answered; several threads may use it.

    Args:
        operations: of the service.
    """

    def __init__(self, operations: Sequence[Stubbed]) -> None:
        self.operations = operations
        self._lock = threading.Lock()
        self._plans: list[Plan] = []
        self._requests: deque[dict[str, Any]] = deque(maxlen=MOST_REQUESTS)

    def plan(self, plan: Plan) -> None:
        """Let requests fail; of several plans, the first counts."""
        with self._lock:
            self._plans.append(plan)

    def forget(self) -> None:
        """Cancel all plans."""
        with self._lock:
            self._plans.clear()

    def fault(self, operation: Stubbed, values: Sequence[object]) -> str:
        """Return the name of the fault or refusal of a request; empty if it succeeds."""
        known = FAULT_NAMES | operation.refusals.keys()
        with self._lock:
            for plan in self._plans:
                if (
                    plan.fault in known
                    and plan.operation in {"", operation.name}
                    and plan.times != 0
                ):
                    plan.times = None if plan.times is None else plan.times - 1
                    return plan.fault
        return next((each for each in values if isinstance(each, str) and each in known), "")

    def note(self, request: dict[str, Any]) -> None:
        """Remember a request."""
        with self._lock:
            self._requests.append(request)

    def requests(self) -> list[dict[str, Any]]:
        """Return the last requests, oldest first."""
        with self._lock:
            return list(self._requests)


def read_plan(values: object, operations: Sequence[Stubbed]) -> Plan | None:
    """Read a plan; None if there is no such fault or operation."""
    if not isinstance(values, dict) or values.keys() - {"fault", "operation", "times"}:
        return None
    operation, times = values.get("operation", ""), values.get("times")
    meant = [each for each in operations if operation in {"", each.name}]
    known = {*FAULT_NAMES, *(code for each in meant for code in each.refusals)}
    if not meant or values.get("fault") not in known:
        return None
    if times is not None and (not isinstance(times, int) or times < 1):
        return None
    return Plan(values["fault"], operation, times)
