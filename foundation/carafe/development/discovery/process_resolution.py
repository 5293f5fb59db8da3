"""Resolves the processes of a model, and the commands that they send."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .durations import BadDuration, Duration, parse_duration
from .model import Aggregate, Attribute
from .names import camel, plural, sentence, snake
from .process_model import InboxEvent, OwnCommand, Process, SentCommand, Step, Undoing, event_key
from .source import Location
from .suggestions import did_you_mean
from .type_resolution import Entries, TypeResolver

FOREVER = "forever"


def resolve_command(wire_type: str, entries: Entries, types: TypeResolver) -> SentCommand:
    """Return a command to another service."""
    _, subject, verb, _ = wire_type.split(".")
    name = f"{camel(verb)}{camel(subject)}"
    location: Location = ("sent_commands", wire_type, "attributes")
    return SentCommand(
        name=name,
        description=sentence(entries["description"]),
        wire_type=wire_type,
        attributes=types.attributes(entries["attributes"], location, name),
    )


@dataclass(frozen=True)
class Messages:
    """What comes to a service, and what it sends, by the names that processes use.

    Attributes:
        events: the service's own by name, others by wire type.
        commands: to the service itself by name, to others by wire type.
    """

    events: Mapping[str, InboxEvent]
    commands: Mapping[str, SentCommand | OwnCommand]

    @classmethod
    def of(
        cls,
        events: Sequence[InboxEvent],
        sent: Sequence[SentCommand],
        aggregates: Sequence[Aggregate],
    ) -> "Messages":
        """Return that of a model."""
        own = [OwnCommand(by, each) for by in aggregates for each in by.commands]
        return cls(
            events={event_key(each): each for each in events},
            commands={each.wire_type: each for each in sent} | {each.name: each for each in own},
        )


@dataclass(frozen=True)
class ProcessResolver:
    """Resolves one process.

    Attributes:
        name: of the process.
        entries: of the process in the file.
        types: for its attributes.
        messages: that it may follow and send.
    """

    name: str
    entries: Entries
    types: TypeResolver
    messages: Messages

    def resolve(self) -> Process | None:
        """Return the process; None, and a fault, if nothing can begin it."""
        attributes = self.types.attributes(
            self.entries["attributes"], (*self._location, "attributes"), self.name
        )
        begins_on = self._event(self.entries["begins_on"], (*self._location, "begins_on"))
        correlation = tuple(self._correlation({each.name: each for each in attributes}))
        steps = tuple(self._step(each) for each in self.entries["steps"])
        undone_on = tuple(self._undone_on())
        if begins_on is None:
            return None
        return Process(
            name=self.name,
            description=sentence(self.entries["description"]),
            collection=self.entries.get("collection", plural(snake(self.name))),
            attributes=attributes,
            correlation=correlation,
            begins_on=begins_on,
            steps=steps,
            undone_on=undone_on,
            refuses_after_end=self.entries.get("after_end") == "refuse",
        )

    @property
    def _location(self) -> Location:
        return ("processes", self.name)

    def _correlation(self, attributes: Mapping[str, Attribute]) -> Iterator[Attribute]:
        for position, name in enumerate(self.entries["correlation"]):
            if name in attributes:
                yield attributes[name]
            else:
                message = f"{self.name} has no attribute {name}: add it to attributes"
                place: Location = (*self._location, "correlation", position)
                self.types.faults.add(place, message + did_you_mean(name, attributes))

    def _step(self, name: str) -> Step:
        entries = self.entries["steps"][name]
        location: Location = (*self._location, "steps", name)
        is_forever = entries["within"] == FOREVER
        return Step(
            name=name,
            description=sentence(entries["description"]),
            sends=self._command(entries["sends"], (*location, "sends"))
            if "sends" in entries
            else None,
            within=None if is_forever else self._duration(entries, location),
            answers=tuple(self._answers(entries.get("answers", {}), (*location, "answers"))),
            undo=self._undoing(entries["undo"], (*location, "undo")) if "undo" in entries else None,
        )

    def _answers(self, entries: Entries, location: Location) -> Iterator[tuple[InboxEvent, str]]:
        for key, following in entries.items():
            if event := self._event(key, (*location, key)):
                yield event, following

    def _undoing(self, entries: Entries, location: Location) -> Undoing | None:
        command = self._command(entries["sends"], (*location, "sends"))
        within = self._duration(entries, location) if "within" in entries else None
        answer = (
            self._event(entries["answer"], (*location, "answer")) if "answer" in entries else None
        )
        return Undoing(command, within, answer) if command else None

    def _undone_on(self) -> Iterator[InboxEvent]:
        for position, key in enumerate(self.entries.get("undone_on", ())):
            if event := self._event(key, (*self._location, "undone_on", position)):
                yield event

    def _duration(self, entries: Entries, location: Location) -> Duration | None:
        try:
            return parse_duration(entries["within"])
        except BadDuration as error:
            self.types.faults.add((*location, "within"), str(error))
            return None

    def _event(self, key: str, location: Location) -> InboxEvent | None:
        event = self.messages.events.get(key)
        if event is None:
            message = self._unknown_event(key) + did_you_mean(key, self.messages.events)
            self.types.faults.add(location, message)
        return event

    def _unknown_event(self, key: str) -> str:
        if "." not in key:
            return f"no aggregate has an event {key}"
        own = [name for name, each in self.messages.events.items() if each.wire_type == key]
        if own:
            return f"{key} is an event of this service itself: write {own[0]}"
        return f"{key} is no subscription: declare it there, with its attributes"

    def _command(self, key: str, location: Location) -> SentCommand | OwnCommand | None:
        command = self.messages.commands.get(key)
        if command is None:
            message = (
                f"{key} is not declared: add it to sent_commands"
                if "." in key
                else f"no aggregate has a command {key}"
            )
            near = did_you_mean(key, self.messages.commands)
            self.types.faults.add(location, message + near)
        return command
