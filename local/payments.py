"""A payment service, as a provider would offer it: `python -m local.payments --port N`.

It captures every charge except those with the payment method `declined`, voids keys, gives money
back, and keeps all of it in memory: `GET /charges`, `/refunds` and `/attempts` show it.
It fails on demand as providers do: the payment methods `slow`, `late`, `server_error`, `garbage`,
`half_answer` and `refused` fail every time, and `POST /faults` lets the next requests fail:
`{"fault": "garbage", "operation": "charge", "times": 2, "reference": "…"}`, of which only the fault
is required. `DELETE /faults` ends that.
"""

import argparse
import json
import select
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import cast
from urllib.parse import parse_qs, urlsplit

from carafe.development.servers.json_server import JsonHandler, JsonServer

from .payment_faults import LONGEST_DELAY_SECONDS, Fault, Faults, Operation, read_plan
from .payment_ledger import CHARGE, REFUND, VOID, Answer, Ledger, problem, read_fields


class Handler(JsonHandler):
    """Speaks HTTP for the ledger."""

    longest_body = 65_536

    def do_POST(self) -> None:
        """`POST /charges`, `/voids`, `/refunds` and `/faults`."""
        operations: Mapping[str, Callable[[object], None]] = {
            "/charges": self._charge,
            "/voids": self._void,
            "/refunds": self._refund,
            "/faults": self._plan,
        }
        operation = operations.get(urlsplit(self.path).path)
        if operation is None:
            self._send(problem(HTTPStatus.NOT_FOUND, "no_such_page"))
            return
        body = self.body()
        if body is None:
            self._send(problem(HTTPStatus.BAD_REQUEST, "body_missing_or_too_long"))
            return
        operation(_json(body))

    def do_DELETE(self) -> None:
        """`DELETE /faults`."""
        if urlsplit(self.path).path != "/faults":
            self._send(problem(HTTPStatus.NOT_FOUND, "no_such_page"))
            return
        self._server.faults.forget()
        self._send(Answer(HTTPStatus.OK, {"status": "ok"}))

    def do_GET(self) -> None:
        """`GET /charges?reference=`, `/refunds`, `/attempts`, and `GET /health`."""
        parts = urlsplit(self.path)
        name = parts.path.removeprefix("/")
        ledger = self._server.ledger
        lists = {"charges": ledger.charges, "refunds": ledger.refunds, "attempts": ledger.attempts}
        if name in lists:
            reference = parse_qs(parts.query).get("reference", [None])[0]
            self._send(Answer(HTTPStatus.OK, {name: lists[name](reference)}))
        elif name == "health":
            self._send(Answer(HTTPStatus.OK, {"status": "ok"}))
        else:
            self._send(problem(HTTPStatus.NOT_FOUND, "no_such_page"))

    @property
    def _server(self) -> "Server":
        return cast(Server, self.server)

    def _charge(self, values: object) -> None:
        key = self.headers.get("Idempotency-Key", "")
        charge = read_fields(values, CHARGE)
        if not key or charge is None:
            code = "malformed_charge" if key else "idempotency_key_missing"
            self._send(problem(HTTPStatus.BAD_REQUEST, code))
            return
        fault = self._server.faults.of_charge(charge)
        self._perform(fault, lambda: self._server.ledger.charge(key, charge))

    def _void(self, values: object) -> None:
        void = read_fields(values, VOID)
        if void is None:
            self._send(problem(HTTPStatus.BAD_REQUEST, "malformed_void"))
            return
        fault = self._server.faults.of(Operation.VOID, void["reference"])
        self._perform(fault, lambda: self._server.ledger.void(void["key"], void["reference"]))

    def _refund(self, values: object) -> None:
        refund = read_fields(values, REFUND)
        if refund is None:
            self._send(problem(HTTPStatus.BAD_REQUEST, "malformed_refund"))
            return
        ledger, charge_id = self._server.ledger, refund["charge"]
        fault = self._server.faults.of(Operation.REFUND, ledger.reference_of(charge_id))
        self._perform(fault, lambda: ledger.refund(charge_id))

    def _perform(self, fault: Fault | None, operation: Callable[[], Answer]) -> None:
        """Do what is asked and answer, or fail in one of the ways in which providers fail."""
        if fault is Fault.REFUSED:
            self.close_connection = True
            return
        if fault is Fault.LATE:
            self._server.faults.wait_until_forgotten()
        answer = operation()
        if fault is None:
            self._send(answer)
        else:
            self._spoil(fault, answer)

    def _spoil(self, fault: Fault, answer: Answer) -> None:
        """Fail to answer what was done; the caller cannot know that it was."""
        if fault is Fault.SERVER_ERROR:
            self._send(problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error"))
            return
        if fault is Fault.GARBAGE:
            self.answer(HTTPStatus.CREATED, b"<html>Service temporarily </html")
            return
        self.close_connection = True
        if fault is Fault.SLOW:
            select.select([self.connection], [], [], LONGEST_DELAY_SECONDS)
        elif fault is Fault.HALF_ANSWER:
            body = json.dumps(answer.body).encode()
            self.answer(answer.status, body[: len(body) // 2], Content_Length=str(len(body)))

    def _plan(self, values: object) -> None:
        plan = read_plan(values)
        if plan is None:
            self._send(problem(HTTPStatus.BAD_REQUEST, "malformed_fault"))
            return
        self._server.faults.plan(plan)
        self._send(Answer(HTTPStatus.OK, {"status": "ok"}))

    def _send(self, answer: Answer) -> None:
        headers = {"Idempotent_Replayed": "true"} if answer.replayed else {}
        self.answer(answer.status, json.dumps(answer.body).encode(), **headers)


class Server(JsonServer):
    """One ledger for all connections."""

    def __init__(self, port: int) -> None:
        super().__init__(port, Handler)
        self.ledger = Ledger()
        self.faults = Faults()


def _json(body: bytes) -> object:
    """Return the parsed JSON, or None if it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def main() -> None:
    """Serve on 127.0.0.1 until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    Server(parser.parse_args().port).serve_forever()


if __name__ == "__main__":
    main()
