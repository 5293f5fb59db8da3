"""Publisher confirms: which message each of the broker's answers is about.

Answers arrive out of order, and for several tags at once (`multiple`). A message that no queue
accepts is returned first, and then acknowledged all the same.
https://www.rabbitmq.com/docs/confirms
"""

from collections.abc import Iterator

from .port import Outcome


class Confirms:
    """Keeps track of the delivery tags of one channel in confirm mode."""

    def __init__(self) -> None:
        self._last_tag = 0
        # Ordered by tag, since messages are added as they are sent.
        self._unanswered: dict[int, str] = {}
        self._returned: set[str] = set()
        self._outcomes: dict[str, Outcome] = {}

    @property
    def is_complete(self) -> bool:
        """Whether every message that was sent has been answered."""
        return not self._unanswered

    def begin(self, message_ids: list[str]) -> None:
        """Begin a wave of messages, whose outcome is UNKNOWN until they are answered."""
        self._outcomes = dict.fromkeys(message_ids, Outcome.UNKNOWN)
        self._returned.clear()

    def record_sent(self, message_id: str) -> None:
        """Record that a message was sent; the broker numbers them from 1."""
        self._last_tag += 1
        self._unanswered[self._last_tag] = message_id

    def record_returned(self, message_id: str) -> None:
        """Record that no queue accepted a message."""
        self._returned.add(message_id)

    def record_answer(self, tag: int, *, multiple: bool, nacked: bool) -> None:
        """Record an answer, about one tag or all tags up to it."""
        for each in list(self._up_to(tag)) if multiple else [tag]:
            message_id = self._unanswered.pop(each, None)
            if message_id is not None:
                self._outcomes[message_id] = self._outcome(message_id, nacked=nacked)

    def outcomes(self) -> dict[str, Outcome]:
        """Return the outcome of each message in the wave."""
        return self._outcomes

    def _up_to(self, last: int) -> Iterator[int]:
        for tag in self._unanswered:
            if tag > last:
                return
            yield tag

    def _outcome(self, message_id: str, *, nacked: bool) -> Outcome:
        if nacked:
            return Outcome.NACKED
        return Outcome.RETURNED if message_id in self._returned else Outcome.CONFIRMED
