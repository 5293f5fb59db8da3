"""A shipping service, as a carrier would offer it: `python -m local.shipping --port N`.

It receives commands from RabbitMQ (`RABBITMQ_URL`; without it, none), dispatches each parcel, and
publishes what becomes of it. It keeps all of it in memory: `GET /parcels?order_id=` shows it.
It fails on demand: `POST /faults` lets commands fail from now on, as in
`{"fault": "silent", "command": "dispatch", "order_id": "…"}`, of which `order_id` is optional. The
faults are `silent`, `refused`, `late` and `twice`, the commands `dispatch` and `recall`.
`DELETE /faults` ends that, and tells what is late.
"""

import argparse
import json
import os
import threading
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from carafe.development.servers.json_server import JsonHandler, JsonServer

from .parcels import DISPATCH, RECALL, Fault, Parcels, Plan
from .shipping_bus import ShippingBus

SENDER = "ordering"
COMMANDS = {"dispatch": DISPATCH, "recall": RECALL}
OK = {"status": "ok"}


class Handler(JsonHandler):
    """Speaks HTTP about the parcels."""

    longest_body = 65_536

    def do_GET(self) -> None:
        """`GET /parcels?order_id=`, and `GET /health`."""
        parts = urlsplit(self.path)
        if parts.path == "/parcels":
            order_id = parse_qs(parts.query).get("order_id", [None])[0]
            self._send(HTTPStatus.OK, {"parcels": self._parcels.of(order_id)})
        elif parts.path == "/health":
            self._send(HTTPStatus.OK, OK)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "no_such_page")

    def do_POST(self) -> None:
        """`POST /faults`."""
        body = self.body()
        if urlsplit(self.path).path != "/faults":
            self._refuse(HTTPStatus.NOT_FOUND, "no_such_page")
        elif (plan := read_plan(body or b"")) is None:
            self._refuse(HTTPStatus.BAD_REQUEST, "malformed_fault")
        else:
            self._parcels.plan(plan)
            self._send(HTTPStatus.OK, OK)

    def do_DELETE(self) -> None:
        """`DELETE /faults`."""
        if urlsplit(self.path).path != "/faults":
            self._refuse(HTTPStatus.NOT_FOUND, "no_such_page")
            return
        self._parcels.forget_faults()
        self._send(HTTPStatus.OK, OK)

    @property
    def _parcels(self) -> Parcels:
        return cast(Server, self.server).parcels

    def _refuse(self, status: HTTPStatus, code: str) -> None:
        self._send(status, {"status": "error", "code": code})

    def _send(self, status: HTTPStatus, body: dict[str, Any]) -> None:
        self.answer(status, json.dumps(body).encode())


class Server(JsonServer):
    """The parcels, for all connections."""

    def __init__(self, port: int) -> None:
        super().__init__(port, Handler)
        self.parcels = Parcels()


def read_plan(body: bytes) -> Plan | None:
    """Read a fault; return None in another form."""
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict) or values.keys() - {"fault", "command", "order_id"}:
        return None
    fault = next((each for each in Fault if each.value == values.get("fault")), None)
    name, order_id = values.get("command"), values.get("order_id")
    command = COMMANDS.get(name) if isinstance(name, str) else None
    if fault is None or command is None or not isinstance(order_id, str | None):
        return None
    return Plan(fault, command, order_id)


def main() -> None:
    """Serve on 127.0.0.1 until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    server = Server(parser.parse_args().port)
    if url := os.environ.get("RABBITMQ_URL"):
        bus = ShippingBus(url, os.environ.get("SERVICE_NAME", SENDER), server.parcels)
        threading.Thread(target=bus.run, daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
