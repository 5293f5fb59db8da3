"""Serves the HTTP functions: `python -m carafe.development.api_server --port N`.

It is the server of `chalice local`, without Nagle's algorithm, which together with delayed
acknowledgements would limit a connection to some twenty requests per second, and with a longer
queue of incoming connections than five.
"""

import argparse
import signal
import threading
from types import FrameType

from chalice.cli.factory import CLIFactory
from chalice.local import ChaliceRequestHandler, ThreadedHTTPServer, create_local_server

from carafe.development.project import project
from carafe.infrastructure import logs

HOST = "127.0.0.1"
CONNECTION_QUEUE_SIZE = 128


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description="Serve the HTTP functions.")
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    logs.configure()
    ChaliceRequestHandler.disable_nagle_algorithm = True
    ThreadedHTTPServer.request_queue_size = CONNECTION_QUEUE_SIZE
    factory = CLIFactory(str(project().root), environ={})
    config = factory.create_config_obj("local")
    server = create_local_server(factory.load_chalice_app(), config, HOST, port)

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever()


if __name__ == "__main__":
    main()
