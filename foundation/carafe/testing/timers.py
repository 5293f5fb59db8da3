"""Timers in tests: nobody waits for them.

def test_a_loan_that_is_not_returned_is_overdue(http: Api, timers: Timers) -> None:
loan_id = lend(http)
timers.let_pass(timedelta(days=21))
assert http.get(f"/loans/{loan_id}").json["status"] == "overdue"
"""

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from carafe.domain.timers import next_timer
from carafe.infrastructure.timers.nudges import TimerNudge
from carafe.infrastructure.timers.store import DueDocument

from .clock import AdvanceableClock

if TYPE_CHECKING:
    from carafe.api.functions import Functions

CALL_SECONDS = 60.0
"""Time for calling the timers of a moment."""

MOST_CALLS = 10_000
"""More would be a timer that sets itself again and again."""


class Timers:
    """The timers of a service under test, and its time.

    Args:
        functions: the service's; they call its timers.
        clock: the service's.
    """

    def __init__(self, functions: "Functions", clock: AdvanceableClock) -> None:
        self._functions = functions
        self._clock = clock

    def let_pass(self, by: timedelta) -> int:
        """Let so much time pass; whatever is due meanwhile is called at its time, in order.

        Returns:
            How many documents were called.
        """
        end = self._clock() + by
        calls = 0
        while (due := self._next_due()) is not None and due[1].next_due <= end:
            collection, document = due
            self._clock.advance(max(document.next_due - self._clock(), timedelta()))
            self._call(collection, document)
            calls += 1
            if calls > MOST_CALLS:
                raise AssertionError("timers call without end")
        self._clock.advance(max(end - self._clock(), timedelta()))
        return calls

    def call_due(self) -> int:
        """Call what is due now, and return how many documents were called."""
        return self.let_pass(timedelta())

    def due_of(self, collection: str, identifier: str) -> datetime | None:
        """Return when the next timer of a document calls; None if there is none."""
        store = self._functions.service.container().timer_stores[collection]
        for document in store.with_timers([identifier]):
            timer = next_timer(document.timers)
            return timer.next_call if timer else None
        return None

    def _next_due(self) -> tuple[str, DueDocument] | None:
        """Return the document that is due first, whether a nudge is under way or not."""
        latest = datetime.max.replace(tzinfo=self._clock().tzinfo)
        stores = self._functions.service.container().timer_stores
        first = [
            (collection, document)
            for collection, store in stores.items()
            for document in store.due_until(latest, latest, 1, None)
        ]
        return min(first, key=lambda due: due[1].next_due, default=None)

    def _call(self, collection: str, document: DueDocument) -> None:
        nudge = TimerNudge([document.id], collection)
        self._functions.call_timers(nudge, time.monotonic() + CALL_SECONDS)
