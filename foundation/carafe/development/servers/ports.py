"""Finds free ports, and listens on them."""

import random
import socket

ADDRESS = "127.0.0.1"

# Below the range from which Linux takes the ports of outgoing connections (32768 and up): there, a
# client's connection may occupy the port before the server does, and a client that calls a server
# between two starts may even connect to itself.
CANDIDATES = range(20_000, 32_000)

CONNECTIONS_AT_ONCE = 128
"""How many connections wait in a listening socket at most."""

_chosen_ports: set[int] = set()


def choose_port(preferred: int | None = None) -> int:
    """Return a free port of 127.0.0.1: the preferred one, if it is free."""
    if preferred is not None and is_free(preferred):
        return preferred
    while (port := random.choice(CANDIDATES)) in _chosen_ports or not is_free(port):  # noqa: S311
        pass
    _chosen_ports.add(port)  # two servers may choose before either of them listens
    return port


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as candidate:
        # As servers do, so that closing connections of an earlier server (TIME_WAIT) do not matter.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((ADDRESS, port))
        except OSError:
            return False
    return True


def listen(port: int) -> socket.socket:
    """Return a socket that listens on this port of 127.0.0.1.

    Raises:
        OSError: the port is not free.
    """
    return socket.create_server((ADDRESS, port), backlog=CONNECTIONS_AT_ONCE)
