"""What is wrong with a model, collected while it is read."""

from .source import Fault, Source, Way


class Faults:
    """Collects mistakes with their lines.

    Args:
        source: the file they are in.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.found: list[Fault] = []

    def add(self, way: Way, message: str) -> None:
        """Note a mistake at a place of the file."""
        self.found.append(Fault(self._source.line(way), message))
