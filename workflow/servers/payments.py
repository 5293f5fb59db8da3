"""A payment service, as a provider would offer it: `python -m workflow.servers.payments --port N`.

It captures everything but the payment method `declined`, and keeps what it captured in memory.
What goes wrong with providers goes wrong here on demand: the payment methods `slow`,
`server_error`, `garbage`, `half_answer` and `refused` do so every time, and `POST /faults` lets
the next charges go wrong: `{"fault": "garbage", "times": 2, "reference": "…"}`, where all but
the fault may be left out. `DELETE /faults` ends that.
"""

import argparse
import json
import re
import select
import threading
import uuid
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from .payment_faults import LONGEST_DELAY_SECONDS, Fault, Faults, read_plan
from .python_server import PythonServer

DECLINED_METHOD = "declined"
LONGEST_BODY = 65_536  # bytes

FIELDS = {
    "reference": re.compile(r".{1,200}"),
    "amount": re.compile(r"(?=.*[1-9])\d{1,12}(\.\d{1,3})?"),
    "currency": re.compile(r"[A-Z]{3}"),
    "payment_method": re.compile(r".{1,200}"),
}
"""What each field of a charge must look like; all are texts."""


class PaymentService(PythonServer):
    """The payment service as a child process."""

    name = "Payments"
    module = "workflow.servers.payments"
    probe_path = "/health"


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
                return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_key_reused")
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


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the ledger."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together
    timeout = 60  # seconds that a silent connection is kept

    def do_POST(self) -> None:
        """`POST /charges` and `POST /faults`."""
        path = urlsplit(self.path).path
        if path not in {"/charges", "/faults"}:
            self._send(_problem(HTTPStatus.NOT_FOUND, "no_such_page"))
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            self.close_connection = True  # the body was not read
            self._send(_problem(HTTPStatus.BAD_REQUEST, "body_missing_or_too_long"))
            return
        values = _json(self.rfile.read(int(length)))
        if path == "/charges":
            self._charge(values)
        else:
            self._plan(values)

    def do_DELETE(self) -> None:
        """`DELETE /faults`."""
        if urlsplit(self.path).path != "/faults":
            self._send(_problem(HTTPStatus.NOT_FOUND, "no_such_page"))
            return
        self._server.faults.forget()
        self._send(Answer(HTTPStatus.OK, {"status": "ok"}))

    def do_GET(self) -> None:
        """`GET /charges?reference=` and `GET /health`."""
        parts = urlsplit(self.path)
        if parts.path == "/charges":
            reference = parse_qs(parts.query).get("reference", [None])[0]
            charges = self._server.ledger.of(reference)
            self._send(Answer(HTTPStatus.OK, {"charges": charges}))
        elif parts.path == "/health":
            self._send(Answer(HTTPStatus.OK, {"status": "ok"}))
        else:
            self._send(_problem(HTTPStatus.NOT_FOUND, "no_such_page"))

    @property
    def _server(self) -> "Server":
        return cast(Server, self.server)

    def _charge(self, values: object) -> None:
        key = self.headers.get("Idempotency-Key", "")
        wanted = _wanted(values)
        if not key or wanted is None:
            code = "malformed_charge" if key else "idempotency_key_missing"
            self._send(_problem(HTTPStatus.BAD_REQUEST, code))
            return
        fault = self._server.faults.of(wanted)
        if fault is Fault.REFUSED:
            self.close_connection = True
            return
        answer = self._server.ledger.charge(key, wanted)
        if fault is None:
            self._send(answer)
        else:
            self._spoil(fault, answer)

    def _spoil(self, fault: Fault, answer: Answer) -> None:
        """Let the answer to a charge go wrong; the caller cannot know that it was made."""
        if fault is Fault.SERVER_ERROR:
            self._send(_problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error"))
            return
        if fault is Fault.GARBAGE:
            self._send_bytes(HTTPStatus.CREATED, b"<html>Service temporarily </html", {})
            return
        self.close_connection = True
        if fault is Fault.SLOW:
            select.select([self.connection], [], [], LONGEST_DELAY_SECONDS)
        elif fault is Fault.HALF_ANSWER:
            body = json.dumps(answer.body).encode()
            length = {"Content-Length": str(len(body))}
            self._send_bytes(answer.status, body[: len(body) // 2], length)

    def _plan(self, values: object) -> None:
        plan = read_plan(values)
        if plan is None:
            self._send(_problem(HTTPStatus.BAD_REQUEST, "malformed_fault"))
            return
        self._server.faults.plan(plan)
        self._send(Answer(HTTPStatus.OK, {"status": "ok"}))

    def _send(self, answer: Answer) -> None:
        headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
        self._send_bytes(answer.status, json.dumps(answer.body).encode(), headers)

    def _send_bytes(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the log for errors."""


class Server(ThreadingHTTPServer):
    """One thread for each connection, one ledger for all."""

    request_queue_size = 128

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.ledger = Ledger()
        self.faults = Faults()


def _json(body: bytes) -> object:
    """Read JSON; None if it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _wanted(values: object) -> dict[str, str] | None:
    """Read a charge; nothing if it is not exactly the fields, each as it must look."""
    if not isinstance(values, dict) or values.keys() != FIELDS.keys():
        return None
    fits = (isinstance(v, str) and FIELDS[name].fullmatch(v) for name, v in values.items())
    return values if all(fits) else None


def _problem(status: HTTPStatus, code: str) -> Answer:
    return Answer(status, {"status": "error", "code": code})


def main() -> None:
    """Serve on 127.0.0.1 until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    Server(parser.parse_args().port).serve_forever()


if __name__ == "__main__":
    main()
