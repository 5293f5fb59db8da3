"""A small HTTP server that stands for another service on a developer's machine.

`local/stubs/insurance.py` says what it answers, `python -m local.stubs.insurance --port N` runs it:

    OPERATIONS = (
        Stubbed(
            "check", "GET", "/policies/{policy_id}",
            answer={"is_covered": True}, refusals={"policy_unknown": 404},
        ),
    )

It fails on demand, in the ways of `Fault`, and with each refusal of an operation:

- if something that it is sent has the name of one as its value: `GET /policies/policy_unknown`;
- `POST /_stub/faults` lets requests fail until `DELETE /_stub/faults`, or only the next ones:
  `{"fault": "server_error", "operation": "check", "times": 2}`; only the fault is required.

`GET /_stub/requests` shows the last requests.
"""

import argparse
import json
import select
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

from carafe.development.servers.json_server import JsonHandler, JsonServer

from .script import Fault, Script, Stubbed, read_plan

FAULTS = "/_stub/faults"
REQUESTS = "/_stub/requests"

LONGEST_DELAY_SECONDS = 30.0


class Handler(JsonHandler):
    """Answers the requests of one connection."""

    longest_body = 1 << 20

    def do_GET(self) -> None:
        """Answer an operation, or show the requests."""
        if self.path == REQUESTS:
            self._send(HTTPStatus.OK, {"requests": self._script.requests()})
        else:
            self._operate(self._json())

    def do_POST(self) -> None:
        """Answer an operation, or plan faults."""
        body = self._json()
        if self.path != FAULTS:
            self._operate(body)
        elif plan := read_plan(body, self._script.operations):
            self._script.plan(plan)
            self._send(HTTPStatus.OK, {})
        else:
            self._send(HTTPStatus.BAD_REQUEST, {"code": "no_such_fault"})

    def do_PUT(self) -> None:  # noqa: N802 - the base class's name
        """Answer an operation."""
        self._operate(self._json())

    def do_DELETE(self) -> None:
        """Answer an operation, or cancel the faults."""
        if self.path == FAULTS:
            self._script.forget()
            self._send(HTTPStatus.OK, {})
        else:
            self._operate(self._json())

    def _json(self) -> Any:  # noqa: ANN401 - any JSON
        """Return the body; None if there is none, or none that is JSON."""
        if "Content-Length" not in self.headers:
            return None
        try:
            return json.loads(self.body() or b"null")
        except (ValueError, RecursionError):
            return None

    @property
    def _script(self) -> Script:
        return cast("Server", self.server).script

    def _operate(self, body: Any) -> None:  # noqa: ANN401 - any JSON
        path = urlsplit(self.path).path
        for operation in self._script.operations:
            parameters = operation.parameters(self.command, path)
            if parameters is not None:
                self._answer(operation, parameters, body)
                return
        self._send(HTTPStatus.NOT_FOUND, {"code": "no_such_operation"})

    def _answer(self, operation: Stubbed, parameters: Mapping[str, str], body: Any) -> None:  # noqa: ANN401 - any JSON
        key = self.headers.get("Idempotency-Key")
        self._script.note(
            {"operation": operation.name, "path": self.path, "body": body, "key": key}
        )
        fields = body if isinstance(body, dict) else {}
        fault = self._script.fault(operation, [*parameters.values(), *fields.values()])
        if fault in operation.refusals:
            self._send(operation.refusals[fault], {"code": fault})
        elif fault:
            self._fail(Fault(fault), operation)
        else:
            self._send(HTTPStatus.OK, operation.answer)

    def _fail(self, fault: Fault, operation: Stubbed) -> None:
        """Fail in one of the ways in which services fail."""
        if fault is Fault.SERVER_ERROR:
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, {"code": "internal_error"})
            return
        if fault is Fault.GARBAGE:
            self.answer(HTTPStatus.OK, b"<html>Service temporarily </html")
            return
        self.close_connection = True
        if fault is Fault.SLOW:
            select.select([self.connection], [], [], LONGEST_DELAY_SECONDS)
        elif fault is Fault.HALF_ANSWER:
            text = json.dumps(operation.answer).encode()
            self.answer(HTTPStatus.OK, text[: len(text) // 2], Content_Length=str(len(text)))

    def _send(self, status: int, body: Mapping[str, Any]) -> None:
        self.answer(HTTPStatus(status), json.dumps(body).encode())


class Server(JsonServer):
    """One script for all connections."""

    def __init__(self, port: int, operations: Sequence[Stubbed]) -> None:
        super().__init__(port, Handler)
        self.script = Script(operations)


def serve(operations: Sequence[Stubbed]) -> None:
    """Serve on 127.0.0.1, on the port in the option `--port`, until the process is ended.

    Args:
        operations: of the service that this one stands for.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    Server(parser.parse_args().port, operations).serve_forever()
