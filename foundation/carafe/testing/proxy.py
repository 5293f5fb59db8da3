"""A TCP proxy that drops replies to writes, like a broken network.

It serves in front of MongoDB, or of an HTTP server.
"""

import re
import socket
import struct
import threading

from .listener import Listener, hang_up

CHUNK = 1 << 16
WRITES = (b"\x02insert\x00", b"\x02update\x00")
OP_MSG = 2013
EXHAUST_ALLOWED = 1 << 16  # of the flags of OP_MSG: answer this once, and then as often as you like


class ReplyDroppingProxy(Listener):
    """Forwards all messages; when armed, it closes a connection instead of replying to a write.

    With it, it closes the connections by which drivers watch the server. A driver that has lost
    any connection waits for the next word of its watch, and looks up only twice a second.

    Args:
        target: the port of the server on 127.0.0.1.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._armed = 0
        self._watches: set[tuple[socket.socket, socket.socket]] = set()
        self.dropped = 0
        super().__init__()

    def drop_replies(self, count: int) -> None:
        """Drop the replies to the next `count` writes, which the server applies."""
        with self._lock:
            self._armed = count
            self.dropped = 0

    def serve(self, connection: socket.socket) -> None:
        """Forward requests and replies in turn, as in the wire protocol."""
        server = socket.create_connection(("127.0.0.1", self._target))
        for each in (connection, server):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, server:
            try:
                while request := self._message(connection):
                    if _is_watch(request):
                        self._watches.add((connection, server))
                    server.sendall(request)
                    reply = self._message(server)
                    if not reply or self._should_drop(request):
                        return
                    connection.sendall(reply)
            except OSError:
                return  # one side closed the connection
            finally:
                self._watches.discard((connection, server))

    def _should_drop(self, request: bytes) -> bool:
        with self._lock:
            if self._armed and self._is_write(request):
                self._armed -= 1
                self.dropped += 1
                for watch in self._watches.copy():
                    hang_up(*watch)
                return True
            return False

    def _is_write(self, request: bytes) -> bool:
        return any(name in request[:64] for name in WRITES)

    def _message(self, source: socket.socket) -> bytes:
        """Return a message of MongoDB's wire protocol, whose first four bytes are its length."""
        head = _read_exactly(source, 4)
        if not head:
            return b""
        return head + _read_exactly(source, int.from_bytes(head, "little") - 4)


class HttpReplyDroppingProxy(ReplyDroppingProxy):
    """The same in front of HTTP; every request but GET is a write."""

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"http://127.0.0.1:{self.port}"

    def _is_write(self, request: bytes) -> bool:
        return not request.startswith(b"GET ")

    def _message(self, source: socket.socket) -> bytes:
        """Return a message: its head, and a body of the length stated there."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = source.recv(1)
            if not byte:
                return b""
            head += byte
        length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
        return head + (_read_exactly(source, int(length[1])) if length else b"")


def _is_watch(message: bytes) -> bool:
    _, operation, flags = struct.unpack_from("<12sII", message.ljust(20, b"\x00"))
    return operation == OP_MSG and bool(flags & EXHAUST_ALLOWED)


def _read_exactly(source: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = source.recv(min(CHUNK, count - len(data)))
        if not more:
            return b""
        data += more
    return data
