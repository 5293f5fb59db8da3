"""What the payment service captured, and what it answered to each idempotency key."""

import re
import threading
import uuid
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

DECLINED_METHOD = "declined"

FIELDS = {
    "reference": re.compile(r".{1,200}"),
    "amount": re.compile(r"(?=.*[1-9])\d{1,12}(\.\d{1,3})?"),
    "currency": re.compile(r"[A-Z]{3}"),
    "payment_method": re.compile(r".{1,200}"),
}
"""What each field of a charge must look like; all are texts."""


@dataclass(frozen=True)
class Answer:
    """What the service says to a request."""

    status: HTTPStatus
    body: dict[str, Any]
    replayed: bool = False


class Ledger:
    """What was captured, and what was answered to each idempotency key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._charges: list[dict[str, str]] = []
        self._answers: dict[str, tuple[dict[str, str], Answer]] = {}

    def charge(self, key: str, wanted: dict[str, str]) -> Answer:
        """Capture once for each key; a repeat gets the first answer, if it asks for the same."""
        with self._lock:
            first, answer = self._answers.get(key, (wanted, None))
            if first != wanted:
                return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_key_reused")
            if answer is not None:
                return replace(answer, replayed=True)
            answer = self._capture(wanted)
            self._answers[key] = wanted, answer
            return answer

    def of(self, reference: str | None) -> list[dict[str, str]]:
        """List what was captured for a reference, or everything."""
        with self._lock:
            return [one for one in self._charges if reference in {None, one["reference"]}]

    def _capture(self, wanted: dict[str, str]) -> Answer:
        if wanted["payment_method"] == DECLINED_METHOD:
            declined = {"status": "declined", "reason": "insufficient_funds"}
            return Answer(HTTPStatus.PAYMENT_REQUIRED, declined)
        captured = {"id": f"charge_{uuid.uuid4().hex}", "status": "captured"}
        self._charges.append(captured | wanted)
        return Answer(HTTPStatus.CREATED, captured)


def read_charge(values: object) -> dict[str, str] | None:
    """Read a charge; nothing if it is not exactly the fields, each as it must look."""
    if not isinstance(values, dict) or values.keys() != FIELDS.keys():
        return None
    fits = (isinstance(v, str) and FIELDS[name].fullmatch(v) for name, v in values.items())
    return values if all(fits) else None


def problem(status: HTTPStatus, code: str) -> Answer:
    """Return what is said to a request that is wrong."""
    return Answer(status, {"status": "error", "code": code})
