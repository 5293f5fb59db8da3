"""Serves the HTTP functions: `python -m carafe.development.api_server --port N --processes M`.

It is the server of `chalice local`, with four differences. An answer leaves in one send, without
Nagle's algorithm: its delay against delayed acknowledgements would hold one connection to some
twenty requests a second. More than five connections may arrive at once. Several processes can share
the port, as Lambda has an environment for each concurrent request. And a request is one line in the
log, the service's own.
"""

import argparse
import functools
import json
import os
import signal
import sys
import threading
import time
from types import FrameType

from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    LocalDevServer,
    ThreadedHTTPServer,
    create_local_server,
)

from carafe.development.project import project
from carafe.infrastructure import logs
from carafe.infrastructure.settings import LOCAL_STAGE

from .servers.child import end_with_parent
from .servers.ports import is_free

CONFIG = ".chalice/config.json"
HOST = "127.0.0.1"
CONNECTIONS_AT_ONCE = 128
WRITE_BUFFER = 1 << 16  # bytes

WAIT_SECONDS = 120.0
"""How long a process that takes over waits for its predecessor to end."""

POLL_SECONDS = 0.02
STOP_SECONDS = 0.1
"""How long a server that is told to stop goes on at most, besides current requests."""

# How many processes serve the API, unless --processes says so.
PROCESSES = "API_PROCESSES"
MOST_PROCESSES = 64


class RequestHandler(ChaliceRequestHandler):
    """Serves the requests of a connection."""

    disable_nagle_algorithm = True
    wbufsize = WRITE_BUFFER

    def handle_expect_100(self) -> bool:
        """Tell the client to send the body, and do not hold this back with the answer."""
        is_expected: bool = super().handle_expect_100()
        self.wfile.flush()
        return is_expected

    def log_message(self, *_: object) -> None:
        """Log nothing: the service does."""


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description="Serve the HTTP functions.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--processes", type=_count, default=os.environ.get(PROCESSES) or "1")
    parser.add_argument("--takes-over", action="store_true", help="wait for the port")
    arguments = parser.parse_args()
    logs.configure()
    server = _server(arguments.port, WAIT_SECONDS if arguments.takes_over else 0.0)
    children = [_fork(server) for _ in range(1, arguments.processes)]
    try:
        _serve(server)
    finally:
        for child in children:
            os.kill(child, signal.SIGTERM)
        for child in children:
            os.waitpid(child, 0)


def _server(port: int, wait_seconds: float) -> LocalDevServer:
    """Load the service, and listen; while the port is in use, wait so long for it."""
    ThreadedHTTPServer.request_queue_size = CONNECTIONS_AT_ONCE
    app = project().app
    # Without Chalice's command line, which imports all that a deployment needs.
    settings = json.loads((project().root / CONFIG).read_text("utf-8"))
    config = Config(LOCAL_STAGE, config_from_disk=settings)
    deadline = time.monotonic() + wait_seconds
    while not is_free(port) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    server = create_local_server(app, config, HOST, port)
    # Of processes that share it, all wake for a connection, and one gets it: others must not wait
    # in `accept`, where they would not hear that they are to stop.
    server.server.socket.settimeout(0)
    server.server.RequestHandlerClass = functools.partial(
        RequestHandler,
        app_object=app,
        config=config,
    )
    return server


def _fork(server: LocalDevServer) -> int:
    """Serve in another process too, which shares the listening socket; return its id.

    Nothing is connected and no thread runs yet: connections are made with the first request.
    """
    parent = str(os.getpid())
    child = os.fork()
    if child == 0:
        end_with_parent(parent)
        _serve(server)
        sys.exit(0)
    return child


def _serve(server: LocalDevServer) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.server.serve_forever(STOP_SECONDS)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_PROCESSES:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {MOST_PROCESSES}: {text!r}")
    return int(text)


if __name__ == "__main__":
    main()
