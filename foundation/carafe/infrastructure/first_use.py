"""An object that is made when it is used for the first time."""

import functools
from collections.abc import Callable
from typing import Any


class FirstUse:
    """Stands for an object until somebody asks for one of its attributes.

    Args:
        make: makes the object; called once.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the object's own
        """Return the object's attribute."""
        return getattr(self._object, name)

    @functools.cached_property
    def _object(self) -> Any:  # noqa: ANN401 - any object
        return self._make()
