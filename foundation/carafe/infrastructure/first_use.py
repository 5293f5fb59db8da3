"""An object that is made when it is used for the first time."""

from collections.abc import Callable
from typing import Any


class FirstUse:
    """Stands for an object until somebody asks for one of its attributes.

    Args:
        make: makes the object; called once, and again only if it raised.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the object's own
        """Return the object's attribute.

        Raises:
            AttributeError: it has none of that name, or it belongs to nobody outside.
        """
        if name.startswith("_"):
            raise AttributeError(name)
        if "_made" not in vars(self):
            self._made = self._make()
        return getattr(self._made, name)
