"""The charges that the payment service captured, and its answer to each idempotency key."""

import re
import threading
import uuid
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

DECLINED_METHOD = "declined"

FIELDS = {
    "reference": re.compile(r".{1,200}"),
    "amount": re.compile(r"(?=.*[1-9])[0-9]{1,12}(\.[0-9]{1,4})?"),
    "currency": re.compile(r"[A-Z]{3}"),
    "payment_method": re.compile(r".{1,200}"),
}
"""The form of each field of a charge; all are texts."""


@dataclass(frozen=True)
class Answer:
    """The answer to a request."""

    status: HTTPStatus
    body: dict[str, Any]
    replayed: bool = False


class Ledger:
    """Captured charges, and the answer to each idempotency key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._charges: list[dict[str, str]] = []
        self._answers: dict[str, tuple[dict[str, str], Answer]] = {}

    def charge(self, key: str, charge: dict[str, str]) -> Answer:
        """Capture once for each key; an equal repeat gets the first answer."""
        with self._lock:
            first, answer = self._answers.get(key, (charge, None))
            if first != charge:
                return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_key_reused")
            if answer is not None:
                return replace(answer, replayed=True)
            answer = self._capture(charge)
            self._answers[key] = charge, answer
            return answer

    def of(self, reference: str | None) -> list[dict[str, str]]:
        """Return the charges captured for a reference, or all."""
        with self._lock:
            return [each for each in self._charges if reference in {None, each["reference"]}]

    def _capture(self, charge: dict[str, str]) -> Answer:
        if charge["payment_method"] == DECLINED_METHOD:
            declined = {"status": "declined", "reason": "insufficient_funds"}
            return Answer(HTTPStatus.PAYMENT_REQUIRED, declined)
        captured = {"id": f"charge_{uuid.uuid4().hex}", "status": "captured"}
        self._charges.append(captured | charge)
        return Answer(HTTPStatus.CREATED, captured)


def read_charge(values: object) -> dict[str, str] | None:
    """Return a charge, or None unless it has exactly the fields, each in its form."""
    if not isinstance(values, dict) or values.keys() != FIELDS.keys():
        return None
    fits = (isinstance(v, str) and FIELDS[name].fullmatch(v) for name, v in values.items())
    return values if all(fits) else None


def problem(status: HTTPStatus, code: str) -> Answer:
    """Return the answer to a wrong request."""
    return Answer(status, {"status": "error", "code": code})
