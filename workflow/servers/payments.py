"""A payment service, as a provider would offer it: `python -m workflow.servers.payments --port N`.

It captures everything but the payment method `declined`, and keeps what it captured in memory.
"""

import argparse
import json
import re
import threading
import uuid
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

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
        """`POST /charges`."""
        if urlsplit(self.path).path != "/charges":
            self._send(_problem(HTTPStatus.NOT_FOUND, "no_such_page"))
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            self.close_connection = True  # the body was not read
            self._send(_problem(HTTPStatus.BAD_REQUEST, "body_missing_or_too_long"))
            return
        key = self.headers.get("Idempotency-Key", "")
        wanted = _wanted(self.rfile.read(int(length)))
        if not key or wanted is None:
            code = "malformed_charge" if key else "idempotency_key_missing"
            self._send(_problem(HTTPStatus.BAD_REQUEST, code))
            return
        self._send(cast(Server, self.server).ledger.charge(key, wanted))

    def do_GET(self) -> None:
        """`GET /charges?reference=` and `GET /health`."""
        parts = urlsplit(self.path)
        if parts.path == "/charges":
            reference = parse_qs(parts.query).get("reference", [None])[0]
            charges = cast(Server, self.server).ledger.of(reference)
            self._send(Answer(HTTPStatus.OK, {"charges": charges}))
        elif parts.path == "/health":
            self._send(Answer(HTTPStatus.OK, {"status": "ok"}))
        else:
            self._send(_problem(HTTPStatus.NOT_FOUND, "no_such_page"))

    def _send(self, answer: Answer) -> None:
        body = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if answer.replayed:
            self.send_header("Idempotent-Replayed", "true")
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


def _wanted(body: bytes) -> dict[str, str] | None:
    """Read a charge; nothing if it is not exactly the fields, each as it must look."""
    try:
        wanted = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(wanted, dict) or wanted.keys() != FIELDS.keys():
        return None
    fits = (isinstance(v, str) and FIELDS[name].fullmatch(v) for name, v in wanted.items())
    return wanted if all(fits) else None


def _problem(status: HTTPStatus, code: str) -> Answer:
    return Answer(status, {"status": "error", "code": code})


def main() -> None:
    """Serve on 127.0.0.1 until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    Server(parser.parse_args().port).serve_forever()


if __name__ == "__main__":
    main()
