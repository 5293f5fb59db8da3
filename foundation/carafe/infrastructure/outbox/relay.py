"""The relay moves events and commands from the outboxes to where they go, without loss.

They are sent in waves. Wave k holds the k-th pending entry of every document; those with the same
destination are in flight at once. A document's next entry is sent only after the previous one is
confirmed, wherever it went; one that is not confirmed holds back the later ones of its own
document alone. Several relays may run at once: each begins with a document's oldest entry, so
whichever delivers an entry first has seen the earlier ones confirmed.
"""

import gc
import logging
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager

from carafe.contracts.integration_events import routing_key
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.port import Message, MessagePublisher, Outcome
from carafe.infrastructure.identifiers import now

from .outbox import (
    EVENTS,
    TO_ITSELF,
    TO_OTHERS,
    PendingEntry,
    body_of,
    destination_of,
    message_id_of,
)
from .own_commands import OwnCommands
from .relay_result import RelayResult
from .store import OutboxStore, PendingDocument

log = logging.getLogger(__name__)

Wave = Mapping[str, Sequence[tuple[PendingDocument, Message]]]
"""Messages by destination, each with the document that it is from."""

# No wave begins with less time left than this, since its confirms could not be awaited.
SHORTEST_WAVE_SECONDS = 0.5

# Confirms arrive within milliseconds or not at all: a queue without a leader never answers.
LONGEST_WAVE_SECONDS = 5.0

# Reserved before the deadline for removing confirmed events from the outboxes.
REMOVAL_SECONDS = 2.0

# Documents a sweep loads at once. The larger the wave, the lower the cost per event.
SWEEP_BATCH = 2_000


class Relay:
    """Relays pending events and commands.

    Args:
        stores: the outboxes, by collection.
        bus: where the events go, and the commands to other services.
        own_commands: where the service's commands to itself go; without it, they wait.
    """

    def __init__(
        self,
        stores: Mapping[str, OutboxStore],
        bus: MessagePublisher,
        own_commands: OwnCommands | None = None,
    ) -> None:
        self._stores = stores
        self._bus = bus
        self._own_commands = own_commands
        self._destinations = {EVENTS, TO_OTHERS, *((TO_ITSELF,) if own_commands else ())}

    def relay(self, ids_by_collection: Mapping[str, Sequence[str]], deadline: float) -> RelayResult:
        """Relay what is pending in some documents.

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
        """Relay what is overdue in batches, until nothing is left or time is up.

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
        """Return the age of the oldest pending entry; 0 if there is none."""
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
        result.unfinished = {
            (each.collection, each.id) for each in documents if not (each.drained or each.parked)
        }
        return result

    def _publish_in_waves(
        self, documents: Sequence[PendingDocument], deadline: float, result: RelayResult
    ) -> None:
        publishable = list(documents)
        while publishable and _has_time_for_a_wave(deadline):
            # The next event only after the confirm of the one before (model: step publish).
            wave = self._next_wave(publishable, result)
            for destination, part in wave.items():
                wave_deadline = min(deadline, time.monotonic() + LONGEST_WAVE_SECONDS)
                outcomes = self._send(destination, [each for _, each in part], wave_deadline)
                _note_outcomes(destination, part, outcomes, result)
            publishable = [each for each in publishable if each.next_event]

    def _send(
        self, destination: str, messages: Sequence[Message], deadline: float
    ) -> Mapping[str, Outcome]:
        if destination == TO_ITSELF and self._own_commands is not None:
            return self._own_commands.send(messages, deadline)
        if destination == TO_OTHERS:
            return self._bus.publish_commands(messages, deadline)
        return self._bus.publish(messages, deadline)

    def _next_wave(self, documents: Sequence[PendingDocument], result: RelayResult) -> Wave:
        """Return each document's next entry as a message; park documents whose entry is invalid."""
        wave = defaultdict(list)
        for document in documents:
            entry = document.next_event or {}
            try:
                destination = destination_of(entry)
                if destination in self._destinations:
                    wave[destination].append((document, _message(entry)))
                else:
                    _leave_to_newer_code(document)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                self._park(document, error)
                result.parked += 1
        return wave

    def _park(self, document: PendingDocument, error: Exception) -> None:
        ids = {"collection": document.collection, "aggregate_id": document.id}
        # Without the error's message, which may quote the event.
        log.error(
            "outbox parked: its oldest event or command cannot be sent",
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


def _note_outcomes(
    destination: str,
    sent: Sequence[tuple[PendingDocument, Message]],
    outcomes: Mapping[str, Outcome],
    result: RelayResult,
) -> None:
    confirmed = 0
    for document, message in sent:
        outcome = outcomes[message.id]
        if outcome is Outcome.CONFIRMED:
            document.confirmed_ids.append(document.events[len(document.confirmed_ids)]["id"])
            confirmed += 1
        else:
            document.held_back = True
            result.returned += outcome is Outcome.RETURNED
    result.count(destination, confirmed)


def _leave_to_newer_code(document: PendingDocument) -> None:
    """Hold a document back whose next entry is of a kind that only newer code knows.

    During a deployment newer code writes beside older code, and its relay takes the entry.
    """
    document.held_back = True
    log.warning(
        "an entry of a newer version waits",
        extra={"collection": document.collection, "aggregate_id": document.id},
    )


def _message(entry: PendingEntry) -> Message:
    return Message(
        id=message_id_of(entry),
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
