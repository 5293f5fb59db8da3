"""A TCP proxy whose server falls silent, as when the network drops its packets."""

import socket
import threading
from contextlib import suppress

from carafe.testing.listener import Listener, hang_up

CHUNK_BYTES = 1 << 16


class SilentProxy(Listener):
    """Forwards connections, until it withholds what the server answers on them.

    Args:
        target: the port of the server on 127.0.0.1.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._silences: list[threading.Event] = []
        self._sockets: list[socket.socket] = []
        super().__init__()

    def silence(self) -> None:
        """Withhold all answers on the present connections; later ones are served."""
        for each in self._silences:
            each.set()

    def close(self) -> None:
        """Hang up on everybody."""
        super().close()
        hang_up(*self._sockets)

    def serve(self, connection: socket.socket) -> None:
        """Forward in both directions."""
        server = socket.create_connection(("127.0.0.1", self._target))
        silent, never = threading.Event(), threading.Event()
        self._silences.append(silent)
        self._sockets += connection, server
        requests = threading.Thread(target=_forward, args=(connection, server, never), daemon=True)
        requests.start()
        _forward(server, connection, silent)


def _forward(source: socket.socket, target: socket.socket, silent: threading.Event) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK_BYTES):
            if not silent.is_set():
                target.sendall(data)
    hang_up(source, target)
