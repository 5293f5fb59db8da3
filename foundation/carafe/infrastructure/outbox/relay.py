"""The relay moves events from the outboxes to the bus, in order and without loss.

Events are published in waves. Wave k holds the k-th pending event of every document, all in
flight at once. A document's next event is published only after the previous one is confirmed; an
event that is not confirmed holds back the later ones of its own document alone. Several relays
may run at once: each begins with a document's oldest event, so whichever delivers an event first
has seen the earlier ones confirmed.
"""

import gc
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager

from msgspec import Struct, field

from carafe.contracts.integration_events import routing_key
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.port import EventBus, Message, Outcome
from carafe.infrastructure.identifiers import now

from .outbox import PendingEntry, body_of
from .store import OutboxStore, PendingDocument

log = logging.getLogger(__name__)

# No wave begins with less time left than this, since its confirms could not be awaited.
SHORTEST_WAVE_SECONDS = 0.5

# Confirms arrive within milliseconds or not at all: a queue without a leader never answers.
LONGEST_WAVE_SECONDS = 5.0

# Reserved before the deadline for removing confirmed events from the outboxes.
REMOVAL_SECONDS = 2.0

# Documents a sweep loads at once. The larger the wave, the lower the cost per event.
SWEEP_BATCH = 2_000


class RelayResult(Struct):
    """The result of a relay or a sweep.

    Attributes:
        events: number of events confirmed by the bus.
        unfinished: collection and id of the documents that still have events.
        returned: number of events that the bus returned, since no queue accepted them.
        parked: number of documents set aside for a person.
        bus_failed: whether the broker could not be reached.
    """

    events: int = 0
    unfinished: set[tuple[str, str]] = field(default_factory=set)
    returned: int = 0
    parked: int = 0
    bus_failed: bool = False

    def __add__(self, other: "RelayResult") -> "RelayResult":
        return RelayResult(
            self.events + other.events,
            self.unfinished | other.unfinished,
            self.returned + other.returned,
            self.parked + other.parked,
            self.bus_failed or other.bus_failed,
        )


class Relay:
    """Relays pending events.

    Args:
        stores: the outboxes, by collection.
        bus: where the events go.
    """

    def __init__(self, stores: Mapping[str, OutboxStore], bus: EventBus) -> None:
        self._stores = stores
        self._bus = bus

    def relay(self, ids_by_collection: Mapping[str, Sequence[str]], deadline: float) -> RelayResult:
        """Relay the pending events of some documents.

        Args:
            ids_by_collection: of the documents; unknown collections and ids are ignored.
            deadline: on the clock of `time.monotonic`.
        """
        documents: list[PendingDocument] = []
        for collection, identifiers in ids_by_collection.items():
            if collection in self._stores:
                documents += self._stores[collection].pending(identifiers)
        result = self._publish(documents, deadline)
        self._remove_confirmed(documents)
        return result

    def sweep(self, older_than_seconds: float, deadline: float) -> RelayResult:
        """Relay overdue events in batches, until none is left or time is up.

        Args:
            older_than_seconds: grace period for the nudges.
            deadline: on the clock of `time.monotonic`.
        """
        total = RelayResult()
        with collector_paused(), ThreadPoolExecutor(max_workers=1) as executor:
            for store in self._stores.values():
                if not total.bus_failed:
                    total += self._sweep_store(store, older_than_seconds, deadline, executor)
        return total

    def oldest_pending_seconds(self) -> float:
        """Return the age of the oldest pending event; 0 if there is none."""
        oldest = [
            since for store in self._stores.values() if (since := store.oldest_pending_since())
        ]
        return max(0.0, (now() - min(oldest)).total_seconds()) if oldest else 0.0

    def _sweep_store(
        self, store: OutboxStore, older_than_seconds: float, deadline: float, executor: Executor
    ) -> RelayResult:
        """Sweep one store; load the next batch while the bus confirms the current one."""
        total = RelayResult()
        removal: Future[None] | None = None
        batch = store.overdue(older_than_seconds, SWEEP_BATCH, None)
        while batch and not total.bus_failed and _has_time_for_a_wave(deadline - REMOVAL_SECONDS):
            next_batch = executor.submit(store.overdue, older_than_seconds, SWEEP_BATCH, batch[-1])
            total += self._publish(batch, deadline)
            # Submitted before the previous removal is checked: its failure must not prevent the
            # removal of what is confirmed here.
            previous, removal = removal, executor.submit(self._remove_confirmed, batch)
            if previous is not None:
                previous.result()
            batch = next_batch.result()
        if removal is not None:
            removal.result()
        return total

    def _publish(self, documents: Sequence[PendingDocument], deadline: float) -> RelayResult:
        result = RelayResult()
        try:
            self._publish_in_waves(documents, deadline - REMOVAL_SECONDS, result)
        except BusUnavailable as error:
            log.error("events wait, the bus cannot be reached: %s", error.message)  # noqa: TRY400 - expected
            result.bus_failed = True
        result.events = sum(len(document.confirmed_ids) for document in documents)
        result.unfinished = {
            (each.collection, each.id) for each in documents if not (each.drained or each.parked)
        }
        return result

    def _publish_in_waves(
        self, documents: Sequence[PendingDocument], deadline: float, result: RelayResult
    ) -> None:
        publishable = list(documents)
        while publishable and _has_time_for_a_wave(deadline):
            wave = self._next_wave(publishable, result)
            wave_deadline = min(deadline, time.monotonic() + LONGEST_WAVE_SECONDS)
            outcomes = self._bus.publish([message for _, message in wave], wave_deadline)
            for document, message in wave:
                outcome = outcomes[message.id]
                if outcome is Outcome.CONFIRMED:
                    document.confirmed_ids.append(message.id)
                else:
                    document.held_back = True
                    result.returned += outcome is Outcome.RETURNED
            publishable = [each for each in publishable if each.next_event]

    def _next_wave(
        self, documents: Sequence[PendingDocument], result: RelayResult
    ) -> list[tuple[PendingDocument, Message]]:
        """Return each document's next event as a message; park documents whose event is invalid."""
        wave = []
        for document in documents:
            try:
                wave.append((document, _message(document.next_event or {})))
            except (KeyError, TypeError, ValueError) as error:
                self._park(document, error)
                result.parked += 1
        return wave

    def _park(self, document: PendingDocument, error: Exception) -> None:
        ids = {"collection": document.collection, "aggregate_id": document.id}
        # Without the error's message, which may quote the event.
        log.error(
            "outbox parked: its oldest event cannot be published",
            extra={**ids, "reason": type(error).__name__},
        )
        document.parked = document.held_back = True
        self._stores[document.collection].park(document.id)

    def _remove_confirmed(self, documents: Sequence[PendingDocument]) -> None:
        for collection, store in self._stores.items():
            event_ids = {
                each.id: each.confirmed_ids
                for each in documents
                if each.collection == collection and each.confirmed_ids
            }
            if event_ids:
                store.remove(event_ids)


def _message(entry: PendingEntry) -> Message:
    return Message(
        id=entry["id"],
        type=entry["type"],
        routing_key=routing_key(entry["type"]),
        body=body_of(entry),
    )


def _has_time_for_a_wave(deadline: float) -> bool:
    return deadline - time.monotonic() > SHORTEST_WAVE_SECONDS


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from traversing the loaded events.

    They are trees without cycles and are freed by reference counting. With thousands of them, the
    collector's search for cycles takes half of a sweep's own processor time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
