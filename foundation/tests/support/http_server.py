"""A small HTTP server of a test: says what it was told to say, and remembers who asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from types import TracebackType
from typing import Any, Self, cast

POLL_SECONDS = 0.01
"""Between two looks whether a server shall end: half a second by default."""


@contextmanager
def serving(server: BaseServer) -> Iterator[None]:
    """Let a server serve while the block runs."""
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class LocalServer(ThreadingHTTPServer):
    """Serves on a free port of 127.0.0.1; `with` starts and stops it.

    Args:
        handler: answers the requests.

    Attributes:
        url: its address.
    """

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(POLL_SECONDS,)).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()


class TestServer(LocalServer):
    """Serves pages.

    Attributes:
        pages: what is answered, by path: status, headers, and a body as bytes or as JSON.
        hits: the paths that were asked for.
    """

    __test__ = False

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.pages: dict[str, tuple[int, dict[str, str], Any]] = {}
        self.hits: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = cast(TestServer, self.server)
        server.hits.append(self.path)
        status, headers, body = server.pages.get(self.path, (404, {}, b""))
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
