"""Resolves the events that come to the inbox, and the aggregates that follow them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .model import Aggregate, Attribute, Event, Subscription
from .names import camel, sentence
from .process_model import InboxEvent
from .source import Location
from .suggestions import did_you_mean
from .type_resolution import Entries, TypeResolver
from .types import Type

KNOWN = ("description", "attributes")
"""What the model says of an own event already, and an entry says of another service's."""

REACTION = ("behavior", "identifier")
"""What an entry says of the aggregate that follows the event."""

FOLLOWING = (*REACTION, "takes", "attributes")
"""What an entry does not say of an event that nothing follows."""


@dataclass(frozen=True)
class EventResolver:
    """Resolves the events that come to the inbox.

    Attributes:
        context: of the service.
        aggregates: of the model.
        entries: the subscriptions in the file, by wire type.
        types: for the attributes of the events.
    """

    context: str
    aggregates: Sequence[Aggregate]
    entries: Entries
    types: TypeResolver

    def events(self) -> Mapping[str, InboxEvent]:
        """Return all events by wire type: the service's own, and those that it subscribes to."""
        own = {
            each.wire_type: _own_event(aggregate, each)
            for aggregate in self.aggregates
            for each in aggregate.events
        }
        return own | {
            wire_type: self._foreign_event(wire_type, entries)
            for wire_type, entries in self.entries.items()
            if not (self._is_own(wire_type) or "ignored" in entries)
        }

    def with_subscriptions(self, events: Mapping[str, InboxEvent]) -> Iterator[Aggregate]:
        """Yield the aggregates with the subscriptions that trigger their behaviours.

        Args:
            events: by wire type.
        """
        subscriptions: dict[str, list[Subscription]] = {each.name: [] for each in self.aggregates}
        for wire_type, entries in self.entries.items():
            self._check_form(wire_type, entries, events)
            if "behavior" in entries and wire_type in events:
                owner, _, verb = entries["behavior"].partition(".")
                if subscription := self._subscription(events[wire_type], entries, owner, verb):
                    subscriptions[owner].append(subscription)
        for aggregate in self.aggregates:
            yield replace(aggregate, subscriptions=tuple(subscriptions[aggregate.name]))

    def _is_own(self, wire_type: str) -> bool:
        return wire_type.startswith(f"{self.context}.")

    def _foreign_event(self, wire_type: str, entries: Entries) -> InboxEvent:
        name = _contract_name(wire_type)
        location: Location = ("subscriptions", wire_type, "attributes")
        return InboxEvent(
            name=name,
            description=sentence(entries.get("description", "")),
            wire_type=wire_type,
            attributes=self.types.attributes(entries.get("attributes", {}), location, name),
            is_own=False,
        )

    def _check_form(
        self, wire_type: str, entries: Entries, events: Mapping[str, InboxEvent]
    ) -> None:
        """Add a fault for what an entry has too much, or too little."""
        location: Location = ("subscriptions", wire_type)
        if "ignored" in entries:
            self._check_ignored(wire_type, entries)
            return
        if not self._is_own(wire_type):
            needed = (*KNOWN, *(REACTION if entries.keys() & set(REACTION) else ()))
            self._require(wire_type, entries, needed)
            return
        self._require(wire_type, entries, REACTION)
        for name in (each for each in KNOWN if each in entries):
            message = f"remove `{name}`: the aggregate says it of its own event"
            self.types.faults.add((*location, name), message)
        if wire_type not in events:
            own = [each.wire_type for each in events.values() if each.is_own]
            known = ", ".join(own) or "nothing"
            message = f"this service publishes no {wire_type}; it publishes {known}"
            self.types.faults.add(location, message + did_you_mean(wire_type, own))

    def _check_ignored(self, wire_type: str, entries: Entries) -> None:
        location: Location = ("subscriptions", wire_type)
        if self._is_own(wire_type):
            message = "an own event that nothing follows does not come here: remove this"
            self.types.faults.add(location, message)
        for name in (each for each in FOLLOWING if each in entries):
            self.types.faults.add((*location, name), f"nothing follows it: remove `{name}`")

    def _require(self, wire_type: str, entries: Entries, names: Sequence[str]) -> None:
        missing = [each for each in names if each not in entries]
        if missing:
            message = f"subscriptions.{wire_type} needs {', '.join(missing)}"
            self.types.faults.add(("subscriptions", wire_type), message)

    def _subscription(
        self, event: InboxEvent, entries: Entries, owner: str, verb: str
    ) -> Subscription | None:
        location: Location = ("subscriptions", event.wire_type, "behavior")
        aggregates = {each.name: each for each in self.aggregates}
        if owner not in aggregates:
            message = f"there is no aggregate {owner}{did_you_mean(owner, aggregates)}"
            self.types.faults.add(location, message)
            return None
        behaviors = {each.name: each for each in aggregates[owner].behaviors}
        if verb not in behaviors:
            message = f"{owner} has no behaviour {verb}{did_you_mean(verb, behaviors)}"
            self.types.faults.add(location, message)
            return None
        return Subscription(
            name=event.name,
            description=event.description,
            wire_type=event.wire_type,
            attributes=event.attributes,
            behavior=behaviors[verb],
            identifier=entries.get("identifier", ""),
            is_own=event.is_own,
            takes=entries.get("takes", {}),
        )


def _own_event(aggregate: Aggregate, event: Event) -> InboxEvent:
    identifier = Attribute(f"{aggregate.snake}_id", Type("identifier"), aggregate.name)
    return InboxEvent(
        name=f"{event.name}V1",
        description=event.description,
        wire_type=event.wire_type,
        attributes=(identifier, *event.tells),
        is_own=True,
    )


def _contract_name(wire_type: str) -> str:
    """Return `LoanExpiredV1` for `lending.loan.expired.v1`."""
    _, subject, event = wire_type.split(".", 2)
    word, _, version = event.rpartition(".")
    return f"{camel(subject)}{camel(word)}{version.upper()}"
