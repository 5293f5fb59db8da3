"""Notices events that come again, late, or after one that is missing."""

from collections import OrderedDict

from carafe.contracts.envelope import CloudEvent

MOST_SUBJECTS = 10_000


class Sequences:
    """The latest `sequence` of each source and subject; those seen least recently are forgotten."""

    def __init__(self) -> None:
        self._latest: OrderedDict[tuple[str, str], int] = OrderedDict()

    def latest_if_unexpected(self, event: CloudEvent) -> int | None:
        """Return the latest sequence if the event's is not the one after it."""
        latest = self._latest.get((event.source, event.subject))
        return None if latest is None or event.sequence == latest + 1 else latest

    def record(self, event: CloudEvent) -> None:
        """Record that an event was handled."""
        key = event.source, event.subject
        self._latest[key] = max(event.sequence, self._latest.get(key, 0))
        self._latest.move_to_end(key)
        if len(self._latest) > MOST_SUBJECTS:
            self._latest.popitem(last=False)
