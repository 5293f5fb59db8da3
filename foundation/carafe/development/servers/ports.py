"""Finds ports that are free."""

import random
import socket

ADDRESS = "127.0.0.1"

# Below the range from which the kernel takes the ports of outgoing connections (32768 and up on
# Linux): there, a client's connection may sit on the port before the server does, and a client
# that calls a server between two starts may even reach itself.
CANDIDATES = range(20_000, 32_000)

_given: set[int] = set()


def choose_port(preferred: int | None = None) -> int:
    """Choose a port of 127.0.0.1: the preferred one if it is free, otherwise any free one."""
    if preferred is not None and is_free(preferred):
        return preferred
    while (port := random.choice(CANDIDATES)) in _given or not is_free(port):  # noqa: S311
        pass
    _given.add(port)  # two servers of one process choose before either of them listens
    return port


def is_free(port: int) -> bool:
    """Say whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as candidate:
        # As servers do: connections of an earlier server that still fade away are no obstacle.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((ADDRESS, port))
        except OSError:
            return False
    return True
