"""The sweep of timers: it looks ahead, and sends nudges for what no commit has nudged.

A commit nudges only what is due within the longest delay of SQS. All else is found here, somewhat
ahead of its time, so that the nudge arrives on the second; and so is what is overdue, since its
nudge was lost or its call cut off. Timers are called by `execute`: no code of the domain runs here.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from .grace import BACKLOG_GRACE, LOOK_AHEAD, NUDGE_GRACE
from .nudges import MOST_DOCUMENTS, Delayed, TimerNudges, delay_until
from .store import DueDocument, TimerStore

BATCH = 1_000
"""Documents that are looked up at once: in ids and times, some 100 kB."""

MOST_NUDGED = 20_000
"""Documents that one sweep nudges. After an outage, commands wait behind no more than these."""

SHORTEST_BATCH_SECONDS = 1.0
"""No batch begins with less time left."""


class SweptTimers(Struct):
    """The result of a sweep.

    Attributes:
        nudged: number of documents for which a nudge was sent.
        overdue_seconds: for how long the timer had been due that waited longest; 0 if none had.
        parked: number of documents with a timer that needs a person.
        is_finished: whether nothing was left to nudge.
    """

    nudged: int = 0
    overdue_seconds: float = 0.0
    parked: int = 0
    is_finished: bool = True


class TimerSweep:
    """Sends the nudges of timers that are due soon, or overdue.

    Args:
        stores: the timers, by collection.
        nudges: sends nudges.
        clock: returns the present.
    """

    def __init__(
        self,
        stores: Mapping[str, TimerStore],
        nudges: TimerNudges,
        clock: Callable[[], datetime],
    ) -> None:
        self._stores = stores
        self._nudges = nudges
        self._clock = clock

    def sweep(self, deadline: float, most: int = MOST_NUDGED) -> SweptTimers:
        """Nudge in order of due time, collection by collection in turns.

        Args:
            deadline: on the clock of `time.monotonic`.
            most: documents to nudge.
        """
        parked = sum(store.parked_count() for store in self._stores.values())
        result = SweptTimers(overdue_seconds=self.overdue_seconds(), parked=parked)
        last: dict[str, DueDocument | None] = dict.fromkeys(self._stores)
        while last and result.nudged < most and _has_time(deadline):
            for collection, after in list(last.items()):
                batch, is_accepted = self._nudge_batch(collection, after)
                result.nudged += len(batch)
                if not is_accepted:
                    result.is_finished = False
                    return result
                if len(batch) < BATCH:
                    del last[collection]
                else:
                    last[collection] = batch[-1]
        result.is_finished = not last
        return result

    def overdue_seconds(self) -> float:
        """Return for how long the timer is due that is due first; 0 if none is."""
        dues = [due for store in self._stores.values() if (due := store.oldest_due())]
        return max(0.0, (self._clock() - min(dues)).total_seconds()) if dues else 0.0

    def _nudge_batch(
        self, collection: str, after: DueDocument | None
    ) -> tuple[Sequence[DueDocument], bool]:
        """Nudge one batch; return it, and whether all nudges were accepted.

        First sent, then claimed: a crash in between doubles nudges, and delays none.
        """
        store, at = self._stores[collection], self._clock()
        # What is due soon and not claimed (model: step find).
        batch = store.due_until(at + LOOK_AHEAD, at, BATCH, after)
        nudges = _nudges_for(collection, batch, at)
        # First sent (model: step nudge),
        accepted = {identifier for nudge in self._nudges.send(nudges) for identifier in nudge.ids}
        claims = {each: _claimed_until(each, at) for each in batch if each.id in accepted}
        # then claimed (model: step claim).
        if claims:
            store.claim(claims)
        return [each for each in batch if each.id in accepted], len(accepted) == len(batch)


def _nudges_for(collection: str, batch: Sequence[DueDocument], at: datetime) -> list[Delayed]:
    """Return the nudges for a batch, those that are due first in front."""
    by_delay: dict[int, list[DueDocument]] = defaultdict(list)
    for each in batch:
        by_delay[delay_until(each.next_due, at)].append(each)
    return [
        _nudge_for(collection, documents[start : start + MOST_DOCUMENTS], delay)
        for delay, documents in by_delay.items()
        for start in range(0, len(documents), MOST_DOCUMENTS)
    ]


def _nudge_for(collection: str, documents: Sequence[DueDocument], delay_seconds: int) -> Delayed:
    ids = tuple(each.id for each in documents)
    return Delayed(collection, ids, documents[-1].next_due, delay_seconds)


def _claimed_until(document: DueDocument, at: datetime) -> datetime:
    if document.next_due > at:
        return document.next_due + NUDGE_GRACE
    return at + BACKLOG_GRACE


def _has_time(deadline: float) -> bool:
    return deadline - time.monotonic() > SHORTEST_BATCH_SECONDS
