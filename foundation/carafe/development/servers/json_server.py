"""The base of local servers: small HTTP servers that speak JSON on 127.0.0.1."""

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar


class JsonHandler(BaseHTTPRequestHandler):
    """Handles one HTTP connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body are sent together
    timeout = 60  # seconds until a silent connection is closed

    longest_body: ClassVar[int]  # bytes

    def body(self) -> bytes | None:
        """Return the body; if it is missing or too long, return None and close the connection."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > self.longest_body:
            self.close_connection = True  # the body was not read
            return None
        return self.rfile.read(int(length))

    def answer(self, status: HTTPStatus, body: bytes, **headers: str) -> None:
        """Answer with JSON.

        Args:
            status: the HTTP status.
            body: the JSON.
            headers: more headers, with `_` for `-`; they may override Content-Length.
        """
        all_headers = {"Content-Length": str(len(body))}
        all_headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for name, value in all_headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log no requests: the log is for errors."""


class JsonServer(ThreadingHTTPServer):
    """An HTTP server with a thread for each connection.

    Args:
        port: on 127.0.0.1.
        handler: handles the connections.
    """

    request_queue_size = 128

    def __init__(self, port: int, handler: type[JsonHandler]) -> None:
        super().__init__(("127.0.0.1", port), handler)
