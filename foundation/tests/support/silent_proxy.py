"""A TCP proxy whose server falls silent, as when the network drops its packets."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

CHUNK_BYTES = 1 << 16


class SilentProxy:
    """Forwards connections, until it withholds what the server answers on them.

    Args:
        target: the port of the server on 127.0.0.1.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._silences: list[threading.Event] = []
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def silence(self) -> None:
        """Withhold all answers on the present connections; later ones are served."""
        for each in self._silences:
            each.set()

    def close(self) -> None:
        """Hang up on everybody."""
        _hang_up(self._listener, *self._sockets)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            server = socket.create_connection(("127.0.0.1", self._target))
            silent, never = threading.Event(), threading.Event()
            self._silences.append(silent)
            self._sockets += client, server
            for arguments in ((client, server, never), (server, client, silent)):
                threading.Thread(target=_forward, args=arguments, daemon=True).start()


def _forward(source: socket.socket, target: socket.socket, silent: threading.Event) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK_BYTES):
            if not silent.is_set():
                target.sendall(data)
    _hang_up(source, target)


def _hang_up(*sockets: socket.socket) -> None:
    for each in sockets:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for it
        each.close()
