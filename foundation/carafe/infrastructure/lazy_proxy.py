"""A proxy for an object that is created on first use."""

import threading
from collections.abc import Callable
from typing import Any


class LazyProxy:
    """Creates an object when one of its attributes is first used.

    Args:
        make: creates the object; called once, by one thread, and again only if it raised.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._creation = threading.RLock()  # reentrant: a loop raises rather than hangs

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the object's own
        """Return the object's attribute.

        Raises:
            AttributeError: the object has no such attribute, or it is private.
        """
        if name.startswith("_"):
            raise AttributeError(name)
        if "_target" not in vars(self):
            with self._creation:
                if "_target" not in vars(self):
                    self._target = self._make()
        return getattr(self._target, name)
