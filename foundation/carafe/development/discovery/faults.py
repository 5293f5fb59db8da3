"""The faults of a model, collected while it is read."""

from .source import Fault, Location, Source


class Faults:
    """Collects faults with their lines.

    Args:
        source: the file that has them.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.items: list[Fault] = []

    def add(self, location: Location, message: str) -> None:
        """Add a fault at a location of the file."""
        self.items.append(Fault(self._source.line(location), message))
