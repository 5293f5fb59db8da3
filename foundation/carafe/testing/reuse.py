"""What services under test need on a server, made once for many tests.

To make collections and indexes, or exchanges and queues, costs the servers ten times what most
tests do with them.
"""

import secrets
from abc import ABC, abstractmethod
from collections import deque
from typing import Any

from carafe.infrastructure.container import Container

RESTING = 4
"""A name is not used again before so many others: what a killed process had begun is over."""


def a_name() -> str:
    """Return a name that nobody has."""
    return f"test-{secrets.token_hex(4)}"


class Reuse(ABC):
    """Names whose things on a server one test has after the other; `close` removes them."""

    def __init__(self) -> None:
        self._states: dict[str, object] = {}
        self._free: deque[str] = deque()

    def name(self) -> str:
        """Return the name for one test: what it stands for is ready and empty, or will be made."""
        if len(self._free) > RESTING:
            return self._free.popleft()
        return a_name()

    def prepare(self, container: Container[Any]) -> None:
        """Make what a service needs, unless it is there; then it is empty."""
        name = self._name_of(container)
        if name in self._states:
            self._refresh(name)
        else:
            self._make(container)
            self._states[name] = self._state_of(name)

    def give_back(self, container: Container[Any]) -> None:
        """Keep what a test had for a later one; remove it if the test has changed its form.

        What cannot be emptied is left alone until the end.
        """
        name = self._name_of(container)
        if self._state_of(name) != self._states[name]:
            self._remove(name)
            del self._states[name]
        elif self._is_emptied(name):
            self._free.append(name)

    def close(self) -> None:
        """Remove everything."""
        for name in self._states:
            self._remove(name)

    @staticmethod
    @abstractmethod
    def _name_of(container: Container[Any]) -> str:
        """Return the name that a service uses."""

    @abstractmethod
    def _make(self, container: Container[Any]) -> None:
        """Make what a service needs."""

    @abstractmethod
    def _state_of(self, name: str) -> object:
        """Return what must be as it was made, so that another test can have it."""

    @abstractmethod
    def _remove(self, name: str) -> None:
        """Remove all that a name stands for."""

    @abstractmethod
    def _is_emptied(self, name: str) -> bool:
        """Take out what a test has put in; return whether that was possible."""

    @abstractmethod
    def _refresh(self, name: str) -> None:
        """Take out what has come after a test, before the next one begins."""
