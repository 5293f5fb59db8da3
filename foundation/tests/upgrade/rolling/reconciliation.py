"""What was sent, answered, stored and published, held against each other by id."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from carafe.infrastructure.identifiers import command_id, event_command_id
from chalicelib.domain.fulfilment import fulfilment_id

from .load import SUBJECT, Fate, Ledger
from .messages import Event

Document = Mapping[str, Any]

# The events that tell an aggregate's end, each once.
ENDS = {
    Fate.COMPLETED: ("ordering.order.paid.v1", "ordering.order.delivered.v1"),
    Fate.UNDONE: (
        "ordering.order.paid.v1",
        "ordering.order.cancelled.v1",
        "ordering.order.refunded.v1",
    ),
    Fate.TIMED_OUT: ("ordering.order.cancelled.v1",),
}
# What every version finds in the bookkeeping of a document.
KEYS = {
    "pending": {"id", "type", "body"},
    "handled": {"id", "digest", "version", "at"},
    "timers": {"id", "due", "version", "correlation_id", "causation_id"},
}

PROCESS_ENDS = {Fate.COMPLETED: "completed", Fate.UNDONE: "undone", Fate.TIMED_OUT: None}
PARCELS = {Fate.COMPLETED: ["dispatched", "delivered"], Fate.UNDONE: ["recalled"]}


class Reconciliation:
    """Everything that is known in the end.

    Args:
        documents: of each collection.
        arrived: all published events, in the order of their arrival.
        ledger: what the callers sent and were told.
        parcels: what was done at another service, by aggregate.
    """

    def __init__(
        self,
        documents: Mapping[str, Iterable[Document]],
        arrived: Iterable[Event],
        ledger: Ledger,
        parcels: Mapping[str, list[str]],
    ) -> None:
        self.documents = {
            name: {each["_id"]: each for each in found} for name, found in documents.items()
        }
        self.arrived = list(arrived)
        self._events: dict[str, list[Event]] = defaultdict(list)
        for event in self.arrived:
            self._events[event["subject"]].append(event)
        self._ledger = ledger
        self._parcels = parcels
        self.fates = ledger.fates | {
            command_id(SUBJECT, each): Fate.TIMED_OUT for each in ledger.queued
        }

    def faults(self) -> list[str]:
        """Return a sentence for each thing that is wrong, each once."""
        found = [
            *self._ledger.faults,
            *self.missing_keys(),
            *self._of_documents(),
            *self._of_events(),
            *self._of_commands(),
            *self._of_aggregates(),
        ]
        return list(dict.fromkeys(found))

    @property
    def timer_calls(self) -> list[Event]:
        """The events of aggregates and processes that a timer ended."""
        return [
            each
            for each in self.arrived
            if each["type"] == ENDS[Fate.TIMED_OUT][0] or each["type"] == ENDS[Fate.UNDONE][2]
        ]

    @property
    def notes_of_the_new_version(self) -> int:
        """How many entries have what only the new version notes."""
        return sum(
            "newer" in each
            for documents in self.documents.values()
            for document in documents.values()
            for each in document["handled"]
        )

    def missing_keys(self) -> list[str]:
        """Return a sentence for each key that entries of documents should have, and have not."""
        return [
            f"refused: an entry of {name} has no `{key}`, but {', '.join(sorted(entry))}"
            for documents in self.documents.values()
            for document in documents.values()
            for name, keys in KEYS.items()
            for entry in document.get(name, ())
            for key in sorted(keys - entry.keys())
        ]

    def _of_documents(self) -> Iterator[str]:
        for name, documents in self.documents.items():
            for identifier, document in documents.items():
                if document["pending"]:
                    yield f"lost: {name} {identifier} still has {len(document['pending'])} pending"
                if document.get("timers"):
                    yield f"lost: a timer of {name} {identifier} was never called"
                counts = Counter(each["id"] for each in document["handled"])
                yield from (
                    f"doubled: {name} {identifier} handled the command {each} {count} times"
                    for each, count in counts.items()
                    if count > 1
                )

    def _of_events(self) -> Iterator[str]:
        """Each event of each aggregate arrived, first in its order, and no other."""
        known = {key: each for found in self.documents.values() for key, each in found.items()}
        for subject in self._events.keys() - known.keys():
            yield f"doubled: events came of {subject}, which nobody stored"
        for identifier, document in known.items():
            numbers = [each["sequence"] for each in self._events[identifier]]
            first = list(dict.fromkeys(numbers))
            lost = set(range(1, document["sequence"] + 1)) - set(first)
            yield from (
                f"lost: event {each} of {identifier} never arrived" for each in sorted(lost)
            )
            yield from (
                f"reordered: event {later} of {identifier} came before event {earlier}"
                for later, earlier in pairwise(first)
                if earlier < later
            )
            ids = {(each["sequence"], each["id"]) for each in self._events[identifier]}
            if len(ids) != len(first):
                yield f"doubled: several events of {identifier} have one number"

    def _of_commands(self) -> Iterator[str]:
        """What was answered is stored, by the id that the command has in every version."""
        handled = {
            each["id"]: (identifier, each["version"])
            for documents in self.documents.values()
            for identifier, document in documents.items()
            for each in document["handled"]
        }
        for key, answer in self._ledger.answers.items():
            if handled.get(command_id(SUBJECT, key)) != tuple(answer):
                yield f"lost: no document knows the command with the key {key}, which was answered"
        for event, identifier in self._ledger.announced:
            wanted = event_command_id(event["source"], event["id"])
            if handled.get(wanted, ("",))[0] != identifier:
                yield f"lost: the event {event['id']} about {identifier} was never handled"

    def _of_aggregates(self) -> Iterator[str]:
        """Each had the end that it was to have, and its process, once."""
        stored = self.documents["orders"]
        yield from (
            f"doubled: {each} was made, and nobody wanted it"
            for each in stored.keys() - self.fates.keys()
        )
        for identifier, fate in self.fates.items():
            if identifier not in stored:
                yield f"lost: the command that makes {identifier} took no effect"
                continue
            ids = {(each["type"], each["id"]) for each in self._events[identifier]}
            counts = Counter(wire_type for wire_type, _ in ids)
            yield from (
                f"{'doubled' if counts[each] else 'lost'}: {identifier}, to be {fate.value}, told "
                f"{each} {counts[each]} times"
                for each in ENDS[fate]
                if counts[each] != 1
            )
            process = self.documents["fulfilments"].get(fulfilment_id(identifier), {})
            if process.get("status") != PROCESS_ENDS[fate]:
                yield (
                    f"lost: the process of {identifier}, to be {fate.value}, is "
                    f"{process.get('status')}"
                )
            effects = self._parcels.get(identifier, [])
            if effects != PARCELS.get(fate, []):
                yield f"doubled: {identifier}, to be {fate.value}, has had the effects {effects}"
