"""A TCP proxy that loses replies to writes, as a broken network does.

In front of MongoDB, or of anything that speaks HTTP.
"""

import re
import socket
import threading
from types import TracebackType
from typing import Self

CHUNK = 1 << 16
WRITES = (b"\x02insert\x00", b"\x02update\x00")


class ReplyDroppingProxy:
    """Forwards everything; armed, it cuts a connection where a write's reply would go back.

    Args:
        target: port of the server on 127.0.0.1.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._armed = 0
        self.dropped = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def drop_replies(self, count: int) -> None:
        """Lose the replies to the next so many writes; the server has applied them."""
        with self._lock:
            self._armed = count
            self.dropped = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            server = socket.create_connection(("127.0.0.1", self._target))
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(client, server), daemon=True).start()

    def _serve(self, client: socket.socket, server: socket.socket) -> None:
        """Take requests and replies in turn, as the wire protocol has them."""
        with client, server:
            try:
                while request := self._message(client):
                    server.sendall(request)
                    reply = self._message(server)
                    if not reply or self._drops(request):
                        return
                    client.sendall(reply)
            except OSError:
                return  # one of them hung up

    def _drops(self, request: bytes) -> bool:
        with self._lock:
            if self._armed and self._writes(request):
                self._armed -= 1
                self.dropped += 1
                return True
            return False

    def _writes(self, request: bytes) -> bool:
        return any(name in request[:64] for name in WRITES)

    def _message(self, source: socket.socket) -> bytes:
        """Return one message of MongoDB's wire protocol: its first four bytes are its length."""
        head = _exactly(source, 4)
        if not head:
            return b""
        return head + _exactly(source, int.from_bytes(head, "little") - 4)


class HttpReplyDroppingProxy(ReplyDroppingProxy):
    """The same in front of HTTP; what is not GET is a write."""

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self.port}"

    def _writes(self, request: bytes) -> bool:
        return not request.startswith(b"GET ")

    def _message(self, source: socket.socket) -> bytes:
        """Return one message: its head, and the body as long as the head says."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = source.recv(1)
            if not byte:
                return b""
            head += byte
        length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
        return head + (_exactly(source, int(length[1])) if length else b"")


def _exactly(source: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = source.recv(min(CHUNK, count - len(data)))
        if not more:
            return b""
        data += more
    return data
