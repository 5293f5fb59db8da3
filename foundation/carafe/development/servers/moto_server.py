"""AWS by moto, as far as a service needs it.

Run as `python -m carafe.development.servers.moto_server --port N`.

moto's own server, of 5.2.5, closes each connection, and spends a quarter of its time in Flask.
Connections are kept here, and requests take a shorter way.
"""

import argparse
import io
import socketserver
from collections.abc import Callable, Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, BinaryIO, cast
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

from moto.core import request, responses
from moto.secretsmanager.responses import SecretsManagerResponse
from moto.sqs.responses import SQSResponse
from moto.sts.responses import TokenResponse

from .moto_improvements import improve_moto

SERVICES: dict[str, type[responses.BaseResponse]] = {
    "sqs": SQSResponse,
    "secretsmanager": SecretsManagerResponse,
    "sts": TokenResponse,
}
"""By the name in a request's signature; `sts` is for `carafe preflight` alone."""


class Http11(ServerHandler):
    """Writes answers that keep the connection open."""

    http_version = "1.1"


class Request(request.Request):
    """A request that a server received: moto leaves the header Date to it."""

    from_wsgi_server = True


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Pass a request straight to the service that it is signed for, as moto's `mock_aws` does."""
    # Named fourth, after the id of the key, the day and the region.
    scope = environ.get("HTTP_AUTHORIZATION", "").split("/")
    service = SERVICES.get(scope[3]) if len(scope) > 3 else None  # noqa: PLR2004 - as above
    if service is None:
        start_response("403 Forbidden", [("Content-Length", "0")])
        return []
    received = Request(environ)
    status, headers, body = service.dispatch(received, received.raw_url, dict(received.headers))
    content = body.encode() if isinstance(body, str) else body
    headers["Content-Length"] = len(content)
    phrase = HTTPStatus(status).phrase
    start_response(f"{status} {phrase}", [(name, str(text)) for name, text in headers.items()])
    return [content]


class KeepAliveHandler(WSGIRequestHandler):
    """Serves all requests of a connection, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body are sent together

    def handle(self) -> None:
        """Serve until the client closes the connection; the base class serves one request only."""
        BaseHTTPRequestHandler.handle(self)

    def do_POST(self) -> None:
        """Pass the request to moto, whose clients send nothing but POST."""
        body = io.BytesIO(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        output = cast("BinaryIO", self.wfile)
        handler = Http11(body, output, self.get_stderr(), self.get_environ(), multithread=True)
        vars(handler)["request_handler"] = self  # as the base class does
        handler.run(application)

    def log_message(self, *_: object) -> None:
        """Log no requests: the log is for errors."""


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """A WSGI server with a thread for each connection."""

    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    """Serve on 127.0.0.1 until the process ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    improve_moto()
    server = Server(("127.0.0.1", parser.parse_args().port), KeepAliveHandler)
    server.serve_forever()


if __name__ == "__main__":
    main()
