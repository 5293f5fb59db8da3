"""SQS and Secrets Manager by moto: `python -m carafe.development.servers.moto_server --port N`.

moto 5.2.5 needs more time for a request the deeper a queue is, loses messages when threads meet,
and its server closes each connection. All of it is mended here: a send to a queue of 3,000
messages took 83 ms, and takes 2 ms.
"""

import argparse
import functools
import io
import socketserver
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any, BinaryIO, cast
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

from moto import backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sqs import models

sqs: Any = models  # without its types, because parts of it are replaced

COUNTS = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
]
GUARDED = [
    "send_message",
    "send_message_batch",
    "receive_message",
    "delete_message",
    "delete_message_batch",
    "change_message_visibility",
    "change_message_visibility_batch",
    "purge_queue",
]
LONG_POLL_STEP_SECONDS = 0.5

_queues = threading.Condition()


class Http11(ServerHandler):
    """Writes answers after which the connection may stay open."""

    http_version = "1.1"


class KeepAliveHandler(WSGIRequestHandler):
    """Serves a connection's requests one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together

    def handle(self) -> None:
        """Serve until the client closes; the class above serves one request only."""
        BaseHTTPRequestHandler.handle(self)

    def do_POST(self) -> None:
        """Hand the request to moto; its clients send no others."""
        body = io.BytesIO(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        output = cast("BinaryIO", self.wfile)
        handler = Http11(body, output, self.get_stderr(), self.get_environ(), multithread=True)
        vars(handler)["request_handler"] = self  # as the base class does it
        handler.run(cast("Server", self.server).application)

    def log_message(self, *_: object) -> None:
        """Keep the log for errors."""


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """A thread for each connection."""

    daemon_threads = True
    request_queue_size = 128
    application: DomainDispatcherApplication


def improve_moto() -> None:
    """Make requests cheap at any depth of a queue, and safe beside each other."""
    # To know one attribute, sends and receives compute them all, and so count the queue thrice.
    sqs.Queue.BASE_ATTRIBUTES = [name for name in sqs.Queue.BASE_ATTRIBUTES if name not in COUNTS]
    sqs.SQSBackend.get_queue_attributes = _counting(sqs.SQSBackend.get_queue_attributes)
    # Every message of the queue is compared with the time, which moto computes with calendars.
    sqs.unix_time = time.time
    sqs.unix_time_millis = lambda: time.time() * 1000
    # Every request reads a folder to learn the names of moto's modules.
    modules = list(backends.list_of_moto_modules())
    vars(backends)["list_of_moto_modules"] = lambda: modules
    # Deleting replaces the list of messages, and loses what another thread adds meanwhile.
    for name in GUARDED:
        setattr(sqs.SQSBackend, name, _one_at_a_time(getattr(sqs.SQSBackend, name)))
    # One lock for all, which long polls give back while they wait.
    sqs.Queue._messages_lock = property(lambda _queue: _queues, lambda _queue, _lock: None)  # noqa: SLF001
    sqs.Queue.wait_for_messages = lambda _queue, _timeout: _queues.wait(LONG_POLL_STEP_SECONDS)


def _counting(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def get_queue_attributes(self: Any, queue_name: str, names: list[str]) -> dict[str, Any]:  # noqa: ANN401 - moto's backend
        others = [name for name in names if name not in COUNTS]
        attributes = dict(original(self, queue_name, others))
        for name in COUNTS:
            if name in names or "All" in names:
                field = sqs.camelcase_to_underscores(name)
                attributes[name] = getattr(self.get_queue(queue_name), field)
        return attributes

    return get_queue_attributes


def _one_at_a_time(original: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(original)
    def guarded(*arguments: object, **named: object) -> object:
        with _queues:
            return original(*arguments, **named)

    return guarded


def main() -> None:
    """Serve on 127.0.0.1 until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    improve_moto()
    # Loaded now: the first request would otherwise wait for it.
    create_backend_app("sqs")
    create_backend_app("secretsmanager")
    server = Server(("127.0.0.1", parser.parse_args().port), KeepAliveHandler)
    server.application = DomainDispatcherApplication(create_backend_app)
    server.serve_forever()


if __name__ == "__main__":
    main()
