"""The processes of a resolved model, with the events that lead them and the commands they send."""

import re
from dataclasses import dataclass

from .aggregate_model import Aggregate, Attribute, Command, Subscription
from .durations import Duration
from .names import camel, snake
from .types import Type

END, FAIL = "end", "fail"
"""What may follow an answer in place of a step: the process ends, or the step failed."""


@dataclass(frozen=True)
class InboxEvent:
    """An event that comes to the inbox: another service's, or one of this service itself.

    Attributes:
        name: the class of its contract, with its version.
        wire_type: its name on the wire.
        attributes: what it tells; of an own event, the id of its aggregate first.
        is_own: this service publishes it.
    """

    name: str
    description: str
    wire_type: str
    attributes: tuple[Attribute, ...]
    is_own: bool

    @property
    def snake(self) -> str:
        """The name without its version, in snake_case: `letter_sent`."""
        return snake(self.plain_name)

    @property
    def plain_name(self) -> str:
        """The name without its version: `LetterSent`."""
        return re.sub(r"V\d+$", "", self.name)


@dataclass(frozen=True)
class SentCommand:
    """A command to another service.

    Attributes:
        name: the class of the domain: `SendLetter` for `post.letter.send.v1`.
        wire_type: its name on the wire, in the words of the receiver.
        attributes: what it says, taken from the process by name.
    """

    name: str
    description: str
    wire_type: str
    attributes: tuple[Attribute, ...]

    @property
    def contract(self) -> str:
        """The class of its contract, with its version."""
        return self.name + self.wire_type.rpartition(".")[2].upper()

    @property
    def receiver(self) -> str:
        """The service that is asked."""
        return self.wire_type.partition(".")[0]


@dataclass(frozen=True)
class OwnCommand:
    """A command of an aggregate of this service, sent by a process."""

    aggregate: Aggregate
    command: Command

    @property
    def name(self) -> str:
        """The name of the command, in the domain and in the contracts."""
        return self.command.name

    @property
    def description(self) -> str:
        """What it means."""
        return self.command.description

    @property
    def identifier(self) -> Attribute | None:
        """The process's attribute that holds the aggregate's id; None for a creation."""
        if self.command.behavior.creates:
            return None
        name = f"{self.aggregate.snake}_id"
        return Attribute(name, Type("identifier"), self.aggregate.name)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """What it says, taken from the process by name: first the id, unless it creates."""
        identifier = self.identifier
        return (*([identifier] if identifier else []), *self.command.takes)


@dataclass(frozen=True)
class Undoing:
    """What undoes a step.

    Attributes:
        sends: the command that undoes it.
        within: how long that may take; None if nothing confirms it.
        answer: the event that confirms it; None if nothing does.
    """

    sends: SentCommand | OwnCommand
    within: Duration | None = None
    answer: InboxEvent | None = None


@dataclass(frozen=True)
class Step:
    """A step of a process.

    Attributes:
        name: in snake_case.
        sends: the command that it begins with; None if it only waits.
        within: how long it waits for its answer; None for ever.
        answers: the events that answer it, and what follows: the name of a step, END or FAIL.
        undo: what undoes it; None if there is nothing to undo.
    """

    name: str
    description: str
    sends: SentCommand | OwnCommand | None
    within: Duration | None
    answers: tuple[tuple[InboxEvent, str], ...]
    undo: Undoing | None = None

    @property
    def commands(self) -> tuple[SentCommand | OwnCommand, ...]:
        """What it sends, and what undoes it."""
        commands = (self.sends, self.undo.sends if self.undo else None)
        return tuple(each for each in commands if each is not None)


@dataclass(frozen=True)
class Process:
    """A conversation over several aggregates and services, to its end or back.

    Attributes:
        collection: where it is stored.
        attributes: what it keeps of the event that begins it.
        correlation: the attributes that each of its events tells, and that make up its id.
        steps: the first one begins at once.
        undone_on: events that undo what was done so far.
        refuses_after_end: a message that comes after its end is refused, not ignored.
    """

    name: str
    description: str
    collection: str
    attributes: tuple[Attribute, ...]
    correlation: tuple[Attribute, ...]
    begins_on: InboxEvent
    steps: tuple[Step, ...]
    undone_on: tuple[InboxEvent, ...] = ()
    refuses_after_end: bool = False

    @property
    def snake(self) -> str:
        """The name in snake_case."""
        return snake(self.name)

    @property
    def plural(self) -> str:
        """The plural of the name, in CamelCase."""
        return camel(self.collection)

    @property
    def sends(self) -> tuple[SentCommand | OwnCommand, ...]:
        """The commands that it sends, each once."""
        return tuple(dict.fromkeys(each for step in self.steps for each in step.commands))

    @property
    def followed(self) -> tuple[InboxEvent, ...]:
        """The events that lead it, each with one meaning: first the one that begins it."""
        return (
            self.begins_on,
            *(event for step in self.steps for event, _ in step.answers),
            *self.undone_on,
            *(each.undo.answer for each in self.steps if each.undo and each.undo.answer),
        )

    @property
    def refusals(self) -> tuple[str, ...]:
        """The other services that may refuse its commands, each once."""
        return tuple(
            dict.fromkeys(each.receiver for each in self.sends if isinstance(each, SentCommand))
        )


def event_key(event: InboxEvent) -> str:
    """Return how a model names an event: its own by name, another service's by wire type."""
    return event.plain_name if event.is_own else event.wire_type


def event_of(subscription: Subscription) -> InboxEvent:
    """Return the event of a subscription."""
    return InboxEvent(
        name=subscription.name,
        description=subscription.description,
        wire_type=subscription.wire_type,
        attributes=subscription.attributes,
        is_own=subscription.is_own,
    )
