"""Resolves an aggregate with its behaviours and events."""

from dataclasses import dataclass, replace

from .message_resolution import MessageResolver
from .model import Aggregate, Attribute, Behavior, Event
from .names import plural, sentence, snake
from .rule_resolution import RuleResolver, Scope
from .source import Location
from .suggestions import did_you_mean
from .timer_resolution import TimerResolver
from .type_resolution import Entries, TypeResolver
from .unique_model import combinations


@dataclass(frozen=True)
class AggregateResolver:
    """Resolves one aggregate.

    Attributes:
        context: of the service.
        name: of the aggregate.
        entries: of the aggregate in the file.
        types: for its attributes.
        rules: for its rules.
    """

    context: str
    name: str
    entries: Entries
    types: TypeResolver
    rules: RuleResolver

    def resolve(self) -> Aggregate:
        """Return the aggregate, without its subscriptions."""
        location: Location = ("aggregates", self.name)
        collection = str(self.entries.get("collection", plural(snake(self.name))))
        attributes = self._attributes(location)
        by_name = {each.name: each for each in attributes}
        behaviors = tuple(
            self._behavior(name, (*location, "behaviors", name), by_name)
            for name in self.entries["behaviors"]
        )
        messages = MessageResolver(
            self.context, self.name, collection, self.entries, self.types.faults
        )
        return Aggregate(
            name=self.name,
            description=sentence(self.entries["description"]),
            collection=collection,
            attributes=attributes,
            behaviors=behaviors,
            events=tuple(self._event(name, behaviors, by_name) for name in self.entries["events"]),
            commands=tuple(messages.commands({each.name: each for each in behaviors})),
            queries=tuple(messages.queries(by_name)),
            timers=tuple(self._timers.timers({each.name: each for each in behaviors})),
            owner=by_name.get(self._owner),
            is_shared="shared" in self.entries,
            unique=tuple(combinations(self.entries)),
            rules=tuple(self.rules.rules(self.entries, location, Scope(self.name, by_name))),
        )

    @property
    def _timers(self) -> TimerResolver:
        return TimerResolver(self.name, self.entries, self.types.faults)

    @property
    def _owner(self) -> str:
        return str(self.entries.get("owner", ""))

    def _attributes(self, location: Location) -> tuple[Attribute, ...]:
        """Return the attributes; whoever creates the aggregate is its owner."""
        attributes = self.types.attributes(
            self.entries["attributes"], (*location, "attributes"), self.name
        )
        names = {each.name for each in attributes}
        if self._owner and self._owner not in names:
            near = did_you_mean(self._owner, names)
            message = f"{self.name} has no attribute {self._owner}{near}"
            self.types.faults.add((*location, "owner"), message)
        return tuple(
            replace(each, from_caller=each.from_caller or each.name == self._owner)
            for each in attributes
        )

    def _behavior(
        self, name: str, location: Location, attributes: dict[str, Attribute]
    ) -> Behavior:
        entries = self.entries["behaviors"][name]
        takes = tuple(
            self.types.parameters(entries.get("takes", ()), (*location, "takes"), attributes)
        )
        if "creates" not in entries:
            takes = tuple(replace(each, default=None) for each in takes)
        parameters = {each.name: each for each in takes}
        # Before it is created, an aggregate has nothing but what it is created with.
        known = {} if "creates" in entries else attributes
        scope = Scope(name, known, parameters, has_now=True)
        return Behavior(
            name=name,
            description=sentence(entries["description"]),
            takes=takes,
            records=entries["records"],
            creates="creates" in entries,
            deletes="deletes" in entries,
            when=tuple(entries.get("when", ())),
            becomes=entries.get("becomes", ""),
            clears=tuple(entries.get("clears", ())),
            timers=tuple(self._timers.settings(name, takes, attributes)),
            cancels=tuple(self._timers.cancels(name)),
            rules=tuple(self.rules.rules(entries, location, scope)),
            adds=tuple(entries.get("adds", {}).items()),
            removes=tuple(entries.get("removes", {}).items()),
        )

    def _event(
        self, name: str, behaviors: tuple[Behavior, ...], attributes: dict[str, Attribute]
    ) -> Event:
        entries = self.entries["events"][name]
        recorders = [each for each in behaviors if each.records == name]
        tells = []
        for position, word in enumerate(entries.get("tells", ())):
            attribute = _told_attribute(word, recorders, attributes)
            if attribute is not None:
                tells.append(attribute)
                continue
            location: Location = ("aggregates", self.name, "events", name, "tells", position)
            known = {*attributes, *(each.name for by in recorders for each in by.takes)}
            message = f"{name} tells {word}, which is neither an attribute nor taken"
            self.types.faults.add(location, message + did_you_mean(word, known))
        return Event(
            name, sentence(entries["description"]), tuple(tells), self._wire_type(name, entries)
        )

    def _wire_type(self, event: str, entries: Entries) -> str:
        aggregate = snake(self.name)
        word = entries.get("publish_as", snake(event).removeprefix(f"{aggregate}_"))
        return f"{self.context}.{aggregate}.{word}.v1"


def _told_attribute(
    name: str, recorders: list[Behavior], attributes: dict[str, Attribute]
) -> Attribute | None:
    """Return an attribute of an event as a parameter of the behaviours that record it.

    It may be missing if one of them need not take it. If one does not take it at all, return the
    aggregate's attribute; None if there is none.
    """
    parameters = [each for behavior in recorders for each in behavior.takes if each.name == name]
    if parameters and len(parameters) == len(recorders):
        return max(parameters, key=lambda each: each.type.optional)
    return attributes.get(name)
