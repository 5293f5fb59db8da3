"""The part of AWS Lambda's Runtime API that a function's runtime uses.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import queue
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

Answer = tuple[str, Any]
"""`response` or `error`, and the JSON that the function returned."""

NEXT = "/2018-06-01/runtime/invocation/next"
ARN = "arn:aws:lambda:us-east-1:000000000000:function:"


class RuntimeApi(ThreadingHTTPServer):
    """Passes events to one environment and receives its answers; serves in a thread of its own.

    Args:
        function: its name in AWS.

    Attributes:
        deadline: of the current event, on the clock of `time.time`; None until it is fetched.
    """

    daemon_threads = True

    def __init__(self, function: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.function = function
        self.events: queue.Queue[tuple[str, float]] = queue.Queue()
        self.answers: queue.Queue[Answer] = queue.Queue()
        self.deadline: float | None = None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """The address that the runtime calls."""
        return f"127.0.0.1:{self.server_address[1]}"

    def submit(self, event: object, timeout_seconds: float) -> None:
        """Queue an event; its timeout starts when the environment fetches it."""
        self.deadline = None
        self.events.put((json.dumps(event), timeout_seconds))

    def next_event(self) -> tuple[str, float]:
        """Wait for an event, and return it with its deadline."""
        event, timeout_seconds = self.events.get()
        self.deadline = time.time() + timeout_seconds
        return event, self.deadline


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        api = cast("RuntimeApi", self.server)
        if self.path != NEXT:
            self._answer(404, b"{}", {})
            return
        event, deadline = api.next_event()
        identifier = str(uuid.uuid4())
        self._answer(
            200,
            event.encode(),
            {
                "Lambda-Runtime-Aws-Request-Id": identifier,
                "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": ARN + api.function,
                "Lambda-Runtime-Trace-Id": f"Root={identifier}",
                "Content-Type": "application/json",
            },
        )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        outcome = "response" if self.path.endswith("/response") else "error"
        api = cast("RuntimeApi", self.server)
        api.answers.put((outcome, json.loads(body or b"null")))
        self._answer(202, b'{"status":"OK"}', {})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""
