"""What every server and proxy of the tests is made of: a port, and a thread for each connection."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class Listener:
    """Accepts connections on a port of this machine until its `with` block ends.

    A subclass serves them; what that needs is set before this constructor is called.

    Attributes:
        port: on 127.0.0.1.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        """Serve a connection; called in a thread of its own."""
        raise NotImplementedError

    def close(self) -> None:
        """Accept no further connections."""
        hang_up(self._listener)

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
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()


def hang_up(*sockets: socket.socket) -> None:
    """Close sockets, and wake the threads that wait for them."""
    for each in sockets:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
