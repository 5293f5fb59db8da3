"""The relay: from the outboxes to the bus, losing nothing and keeping each order.

Events go out in waves. Wave k holds the k-th pending event of every document, all in
flight at once. A document's next event goes out only after the confirm of the one before;
an event that is not confirmed holds back the later ones of its own document, and no other
document's. Several relays may do this at once: each begins with a document's oldest event,
so whichever delivers an event first has seen the earlier ones confirmed.
"""

import gc
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager

import msgspec
from msgspec import Struct, field

from carafe.contracts.integration_events import routing_key
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.port import EventBus, Message, Outcome
from carafe.infrastructure.identifiers import now

from .outbox import Envelope
from .store import OutboxStore, PendingDocument

log = logging.getLogger(__name__)

# A wave is not begun with less time than this left: its confirms could not be awaited.
SHORTEST_WAVE_SECONDS = 0.5

# Confirms come within milliseconds, or not at all: a queue that lost its leader answers no more.
LONGEST_WAVE_SECONDS = 5.0

# Kept back from the deadline for taking confirmed events out of the outboxes.
REMOVAL_SECONDS = 2.0

# Documents a sweep loads at once: the larger the wave, the less its confirms cost each event.
SWEEP_BATCH = 2_000


class Relayed(Struct):
    """What a relay did.

    Attributes:
        events: how many were confirmed by the bus and taken out of the outboxes.
        unfinished: collection and id of the documents that still have events.
        returned: how many the bus sent back, since no queue would keep them.
        parked: how many documents were set aside for a person.
        bus_failed: the broker could not be reached.
    """

    events: int = 0
    unfinished: set[tuple[str, str]] = field(default_factory=set)
    returned: int = 0
    parked: int = 0
    bus_failed: bool = False

    def __add__(self, other: "Relayed") -> "Relayed":
        return Relayed(
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

    def relay(self, nudged: Mapping[str, Sequence[str]], deadline: float) -> Relayed:
        """Relay the pending events of some documents.

        Args:
            nudged: ids by collection; unknown collections and documents have no events.
            deadline: on the clock of `time.monotonic`.
        """
        documents: list[PendingDocument] = []
        for collection, identifiers in nudged.items():
            if collection in self._stores:
                documents += self._stores[collection].pending(identifiers)
        relayed = self._publish(documents, deadline)
        self._remove_confirmed(documents)
        return relayed

    def sweep(self, older_than_seconds: float, deadline: float) -> Relayed:
        """Relay whatever waits for long, in batches, until none is left or time is up.

        Args:
            older_than_seconds: grace for the nudges to do it first.
            deadline: on the clock of `time.monotonic`.
        """
        total = Relayed()
        with collector_paused(), ThreadPoolExecutor(max_workers=1) as beside:
            for store in self._stores.values():
                if not total.bus_failed:
                    total += self._sweep(store, older_than_seconds, deadline, beside)
        return total

    def _sweep(
        self, store: OutboxStore, older_than_seconds: float, deadline: float, beside: Executor
    ) -> Relayed:
        """Sweep one store; it loads the next batch while the bus confirms the present one."""
        total = Relayed()
        removal: Future[None] | None = None
        batch = store.overdue(older_than_seconds, SWEEP_BATCH, None)
        while batch and not total.bus_failed and _time_for_a_wave(deadline - REMOVAL_SECONDS):
            following = beside.submit(store.overdue, older_than_seconds, SWEEP_BATCH, batch[-1])
            total += self._publish(batch, deadline)
            # Submitted before the earlier one is asked: an error there must not lose what is
            # confirmed here.
            earlier, removal = removal, beside.submit(self._remove_confirmed, batch)
            if earlier is not None:
                earlier.result()
            batch = following.result()
        if removal is not None:
            removal.result()
        return total

    def oldest_pending_seconds(self) -> float:
        """Return how long the event that waits longest has waited; 0 if none waits."""
        waiting = [since for store in self._stores.values() if (since := store.oldest_since())]
        return max(0.0, (now() - min(waiting)).total_seconds()) if waiting else 0.0

    def _publish(self, documents: Sequence[PendingDocument], deadline: float) -> Relayed:
        done = Relayed()
        try:
            self._publish_in_waves(documents, deadline - REMOVAL_SECONDS, done)
        except BusUnavailable as error:
            log.error("events wait, the bus cannot be reached: %s", error.message)  # noqa: TRY400 - expected
            done.bus_failed = True
        done.events = sum(len(document.confirmed) for document in documents)
        done.unfinished = {
            (each.collection, each.id) for each in documents if not (each.drained or each.parked)
        }
        return done

    def _publish_in_waves(
        self, documents: Sequence[PendingDocument], deadline: float, done: Relayed
    ) -> None:
        going = list(documents)
        while going and _time_for_a_wave(deadline):
            wave = self._next_wave(going, done)
            patience = min(deadline, time.monotonic() + LONGEST_WAVE_SECONDS)
            outcomes = self._bus.publish([message for _, message in wave], patience)
            for document, message in wave:
                outcome = outcomes[message.id]
                if outcome is Outcome.CONFIRMED:
                    document.confirmed.append(message.id)
                else:
                    document.held_back = True
                    done.returned += outcome is Outcome.RETURNED
            going = [each for each in going if each.next_event]

    def _next_wave(
        self, documents: Sequence[PendingDocument], done: Relayed
    ) -> list[tuple[PendingDocument, Message]]:
        """Return the next event of each document as a message; park what can never be one."""
        wave = []
        for document in documents:
            try:
                wave.append((document, _message(document.next_event or {})))
            except (KeyError, TypeError, ValueError) as error:
                names = {"collection": document.collection, "aggregate_id": document.id}
                log.error(  # noqa: TRY400 - a message may quote the event
                    "outbox parked: its oldest event cannot be published",
                    extra={**names, "reason": type(error).__name__},
                )
                document.parked = document.held_back = True
                done.parked += 1
                self._stores[document.collection].park(document.id)
        return wave

    def _remove_confirmed(self, documents: Sequence[PendingDocument]) -> None:
        for collection, store in self._stores.items():
            confirmed = {
                each.id: each.confirmed
                for each in documents
                if each.collection == collection and each.confirmed
            }
            if confirmed:
                store.remove(confirmed)


def _message(event: Envelope) -> Message:
    return Message(
        id=event["id"],
        type=event["type"],
        routing_key=routing_key(event["type"]),
        body=msgspec.json.encode(event),
    )


def _time_for_a_wave(deadline: float) -> bool:
    return deadline - time.monotonic() > SHORTEST_WAVE_SECONDS


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from walking through the loaded events.

    They are trees without cycles, freed when they are let go of. Thousands of them make it look
    again and again for what is not there: half of a sweep's own processor time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
