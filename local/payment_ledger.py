"""What the payment service knows: what became of each key, and the money given back."""

import re
import threading
import uuid
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

DECLINED_METHOD = "declined"

TEXT = re.compile(r".{1,200}")

CHARGE = {
    "reference": TEXT,
    "amount": re.compile(r"(?=.*[1-9])[0-9]{1,12}(\.[0-9]{1,4})?"),
    "currency": re.compile(r"[A-Z]{3}"),
    "payment_method": TEXT,
}
"""The form of each field of a charge; all are texts."""

VOID = {"reference": TEXT, "key": TEXT}
"""The form of each field of a void: what the charge is for, and its idempotency key."""

REFUND = {"charge": TEXT}
"""The form of each field of a refund: the id of a captured charge."""


@dataclass(frozen=True)
class Answer:
    """The answer to a request."""

    status: HTTPStatus
    body: dict[str, Any]
    replayed: bool = False


VOIDED = {"status": "voided"}


class Ledger:
    """Charges and refunds, and what became of each idempotency key of a charge."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._charges: list[dict[str, str]] = []
        self._refunds: list[dict[str, str]] = []
        self._attempts: dict[str, tuple[dict[str, str], Answer]] = {}

    def charge(self, key: str, charge: dict[str, str]) -> Answer:
        """Capture once for each key that is not voided; an equal repeat gets the first answer."""
        with self._lock:
            first, answer = self._attempts.get(key, (charge, None))
            if answer is not None and answer.body == VOIDED:
                return Answer(HTTPStatus.CONFLICT, VOIDED)
            if first != charge:
                return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_key_reused")
            if answer is not None:
                return replace(answer, replayed=True)
            answer = self._capture(key, charge)
            self._attempts[key] = charge, answer
            return answer

    def void(self, key: str, reference: str) -> Answer:
        """Return the answer to the charge with a key; if there was none, refuse any later one."""
        with self._lock:
            voided = {"reference": reference}, Answer(HTTPStatus.OK, VOIDED)
            _, answer = self._attempts.setdefault(key, voided)
            return answer

    def refund(self, charge_id: str) -> Answer:
        """Give the whole amount of a charge back, once."""
        with self._lock:
            for refund in self._refunds:
                if refund["charge"] == charge_id:
                    return Answer(HTTPStatus.CREATED, _made(refund), replayed=True)
            for charge in self._charges:
                if charge["id"] == charge_id:
                    refund = _refund_of(charge)
                    self._refunds.append(refund)
                    return Answer(HTTPStatus.CREATED, _made(refund))
            return problem(HTTPStatus.NOT_FOUND, "no_such_charge")

    def charges(self, reference: str | None = None) -> list[dict[str, str]]:
        """Return the charges captured for a reference, or all."""
        return self._of(reference, self._charges)

    def refunds(self, reference: str | None = None) -> list[dict[str, str]]:
        """Return the refunds of a reference's charges, or all."""
        return self._of(reference, self._refunds)

    def attempts(self, reference: str | None = None) -> list[dict[str, str]]:
        """Return what became of each key used for a reference, or of all."""
        with self._lock:
            known = list(self._attempts.items())
        attempts = [
            {"key": key, "reference": charge["reference"], **answer.body}
            for key, (charge, answer) in known
        ]
        return self._of(reference, attempts)

    def reference_of(self, charge_id: str) -> str:
        """Return what a charge is for; empty if there is none."""
        charges = self.charges()
        return next((each["reference"] for each in charges if each["id"] == charge_id), "")

    def _of(self, reference: str | None, records: list[dict[str, str]]) -> list[dict[str, str]]:
        with self._lock:
            return [each for each in records if reference in {None, each["reference"]}]

    def _capture(self, key: str, charge: dict[str, str]) -> Answer:
        if charge["payment_method"] == DECLINED_METHOD:
            declined = {"status": "declined", "reason": "insufficient_funds"}
            return Answer(HTTPStatus.PAYMENT_REQUIRED, declined)
        captured = {"id": f"charge_{uuid.uuid4().hex}", "status": "captured"}
        self._charges.append({**captured, **charge, "key": key})
        return Answer(HTTPStatus.CREATED, captured)


def _refund_of(charge: dict[str, str]) -> dict[str, str]:
    about = {name: charge[name] for name in ("reference", "amount", "currency")}
    return {"id": f"refund_{uuid.uuid4().hex}", "charge": charge["id"], **about}


def _made(refund: dict[str, str]) -> dict[str, str]:
    return {"id": refund["id"], "status": "refunded"}


def read_fields(values: object, fields: dict[str, re.Pattern[str]]) -> dict[str, str] | None:
    """Return the values, or None unless they are exactly the fields, each in its form."""
    if not isinstance(values, dict) or values.keys() != fields.keys():
        return None
    fits = (isinstance(v, str) and fields[name].fullmatch(v) for name, v in values.items())
    return values if all(fits) else None


def problem(status: HTTPStatus, code: str) -> Answer:
    """Return the answer to a wrong request."""
    return Answer(status, {"status": "error", "code": code})
