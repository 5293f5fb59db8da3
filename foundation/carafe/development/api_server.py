"""Serves the HTTP functions: `python -m carafe.development.api_server --port N --processes M`.

It is the server of `chalice local`, with six differences. An answer leaves in one send, without
Nagle's algorithm: its delay against delayed acknowledgements would hold one connection to some
twenty requests a second. More than five connections may arrive at once. Several processes can share
the port, as Lambda has an environment for each concurrent request. A request is one line in the
log, the service's own. A request is executed only if it has come whole. And with `--fd` and
`--standby`, no client notices that a process takes the place of another: connections wait for it in
the socket that both listen on.
"""

import argparse
import functools
import json
import os
import signal
import socket
import sys
import threading

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import LocalChalice

from carafe.development.project import project
from carafe.infrastructure import logs
from carafe.infrastructure.settings import LOCAL_STAGE

from .draining_server import DrainingServer, RequestHandler
from .servers.child import end_with_parent
from .servers.ports import listen
from .termination import await_termination, hold_back_termination

CONFIG = ".chalice/config.json"

STOP_SECONDS = 0.1
"""How long a server that is told to stop goes on to accept connections at most."""

SERVED = "HTTP is served."
"""What a process says as soon as it answers requests."""

# How many processes serve the API, unless --processes says so.
PROCESSES = "API_PROCESSES"
MOST_PROCESSES = 64


def main() -> None:
    """Serve until SIGTERM or SIGINT, and then answer the requests that have come."""
    parser = argparse.ArgumentParser(description="Serve the HTTP functions.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--fd", type=int, help="serve this listening socket in place of a port")
    parser.add_argument(
        "--standby", action="store_true", help="serve once standard input has ended"
    )
    parser.add_argument("--processes", type=_count, default=os.environ.get(PROCESSES) or "1")
    arguments = parser.parse_args()
    logs.configure()
    handler = _handler()  # loads the service
    if arguments.standby:
        sys.stdin.buffer.read()
    hold_back_termination()
    listening = (
        listen(arguments.port) if arguments.fd is None else socket.socket(fileno=arguments.fd)
    )
    server = DrainingServer(listening, handler)
    children = [_fork(server) for _ in range(1, arguments.processes)]
    print(SERVED, flush=True)
    try:
        _serve(server)
    finally:
        for child in children:
            os.kill(child, signal.SIGTERM)
        server.drain()
        for child in children:
            os.waitpid(child, 0)


def _handler() -> functools.partial[RequestHandler]:
    """Load the service, and return what serves a connection to it."""
    app = project().app
    _keep_requests_apart(app)
    # Without Chalice's command line, which imports all that a deployment needs.
    settings = json.loads((project().root / CONFIG).read_text("utf-8"))
    config = Config(LOCAL_STAGE, config_from_disk=settings)
    return functools.partial(RequestHandler, app_object=app, config=config)


def _keep_requests_apart(app: Chalice) -> None:
    """Give each thread a current request of its own, as Chalice's own local server does."""
    app.__class__ = type("LocalApp", (LocalChalice, type(app)), {})


def _fork(server: DrainingServer) -> int:
    """Serve in another process too, which shares the listening socket; return its id.

    Nothing is connected and no thread runs yet: connections are made with the first request.
    """
    parent = str(os.getpid())
    child = os.fork()
    if child == 0:
        end_with_parent(parent)
        _serve(server)
        server.drain()
        sys.exit(0)
    return child


def _serve(server: DrainingServer) -> None:
    serving = threading.Thread(target=server.serve_forever, args=(STOP_SECONDS,))
    serving.start()
    await_termination()
    server.shutdown()
    serving.join()


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_PROCESSES:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {MOST_PROCESSES}: {text!r}")
    return int(text)


if __name__ == "__main__":
    main()
