"""What the local servers of ours share: small HTTP servers that speak JSON on 127.0.0.1."""

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar


class JsonHandler(BaseHTTPRequestHandler):
    """Speaks HTTP; one instance for each connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together
    timeout = 60  # seconds that a silent connection is kept

    longest_body: ClassVar[int]  # bytes

    def body(self) -> bytes | None:
        """Return what was sent; None, with which the connection ends, if it is missing or long."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > self.longest_body:
            self.close_connection = True  # the body was not read
            return None
        return self.rfile.read(int(length))

    def answer(self, status: HTTPStatus, body: bytes, **headers: str) -> None:
        """Answer with JSON.

        Args:
            status: of the answer.
            body: the JSON.
            headers: further ones, `_` for `-`; one may replace the length.
        """
        named = {"Content-Length": str(len(body))}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for name, value in named.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the log for errors."""


class JsonServer(ThreadingHTTPServer):
    """One thread for each connection.

    Args:
        port: on 127.0.0.1.
        handler: what answers.
    """

    request_queue_size = 128

    def __init__(self, port: int, handler: type[JsonHandler]) -> None:
        super().__init__(("127.0.0.1", port), handler)
