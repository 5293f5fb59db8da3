"""What templates need to know about a process: how it comes to each step, and back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from carafe.development.discovery.model import Attribute, Model
from carafe.development.discovery.names import camel
from carafe.development.discovery.process_model import (
    END,
    FAIL,
    InboxEvent,
    OwnCommand,
    Process,
    SentCommand,
    Step,
)

from .examples import Examples


@dataclass(frozen=True)
class Field:
    """A field of a command in the domain.

    Attributes:
        name: in the command.
        attribute: of the command, whose name is that of the process's attribute as well.
    """

    name: str
    attribute: Attribute


@dataclass(frozen=True)
class Answer:
    """An event that answers a step.

    Attributes:
        event: the answer.
        step: that is answered.
        following: the step that begins then; None if the step failed, or was the last one.
        is_failure: the step failed.
    """

    event: InboxEvent
    step: Step
    following: Step | None
    is_failure: bool

    @property
    def effect(self) -> str:
        """What it does, as a sentence."""
        if self.is_failure:
            return f"Note that the step {self.step.name} failed, and undo those before it."
        if self.following is None:
            return f"Complete the step {self.step.name}, the last one."
        return f"Complete the step {self.step.name}, and begin {self.following.name}."


@dataclass(frozen=True)
class Round:
    """What is sent while steps are undone, until something is waited for.

    Attributes:
        commands: in their order.
        step: whose undoing is to be confirmed; None when all is undone.
    """

    commands: tuple[SentCommand | OwnCommand, ...]
    step: Step | None


@dataclass(frozen=True)
class Way:
    """The shortest way to a step.

    Attributes:
        events: after the one that begins the process.
        steps: that have begun; the last one waits.
    """

    events: tuple[InboxEvent, ...]
    steps: tuple[Step, ...]

    @property
    def step(self) -> Step:
        """The step that it leads to."""
        return self.steps[-1]

    @property
    def undoing(self) -> list[Round]:
        """How everything is undone, the step that waits included."""
        return list(_undoing(self.steps))

    @property
    def undoing_before(self) -> list[Round]:
        """How everything before the step is undone."""
        return list(_undoing(self.steps[:-1]))


@dataclass(frozen=True)
class DetailedProcess(Process):
    """A process with the parts of its code.

    Attributes:
        answers: the events that answer its steps.
        ways: to each step.
        is_comparable: two commands of the same values are equal; an entity in one equals no other.
    """

    answers: tuple[Answer, ...] = ()
    ways: tuple[Way, ...] = ()
    is_comparable: bool = True

    @property
    def endings(self) -> list[Answer]:
        """The answers after which it ends."""
        return [each for each in self.answers if not (each.following or each.is_failure)]

    @property
    def asking_way(self) -> Way | None:
        """The way to a step that another service may refuse; None without one."""
        return next((each for each in self.ways if asks_others(each.step)), None)

    @property
    def limited_way(self) -> Way | None:
        """The way to a step that has a deadline; None without one."""
        return next((each for each in self.ways if each.step.within), None)

    @property
    def longest_way(self) -> Way:
        """The way to the step before which most others have begun."""
        return max(self.ways, key=lambda each: len(each.steps))

    @property
    def confirmed_undoings(self) -> list[tuple[Step, InboxEvent]]:
        """The steps whose undoing an event confirms, with that event."""
        return [(each, each.undo.answer) for each in self.steps if each.undo and each.undo.answer]

    def way(self, step: Step) -> Way:
        """Return the shortest way to a step."""
        return next(each for each in self.ways if each.step == step)


def detailed_process(process: Process, model: Model) -> DetailedProcess:
    """Return a process with the parts of its code."""
    by_name = {each.name: each for each in process.steps}
    answers = tuple(
        Answer(event, step, by_name.get(following), following == FAIL)
        for step in process.steps
        for event, following in step.answers
    )
    has_entity = Examples(model).has_entity
    return DetailedProcess(
        **vars(process),
        answers=answers,
        ways=tuple(_ways(process.steps, by_name)),
        is_comparable=not any(has_entity(each) for each in process.attributes),
    )


def asks_others(step: Step) -> bool:
    """Return whether a step sends a command to another service, which may refuse it."""
    return isinstance(step.sends, SentCommand)


def fields_of(command: SentCommand | OwnCommand) -> list[Field]:
    """Return the fields of a command in the domain; the id of its aggregate is `id`."""
    if isinstance(command, OwnCommand) and (identifier := command.identifier):
        takes = [Field(each.name, each) for each in command.command.takes]
        return [Field("id", identifier), *takes]
    return [Field(each.name, each) for each in command.attributes]


def refusal_of(service: str) -> str:
    """Return the class of the event by which a service refuses commands."""
    return f"{camel(service)}Refused"


def _ways(steps: Sequence[Step], by_name: dict[str, Step]) -> Iterator[Way]:
    """Yield the shortest way to each step, breadth first."""
    waiting = [Way((), (steps[0],))]
    found = {steps[0].name}
    for way in waiting:
        yield way
        for event, following in way.step.answers:
            if following not in {END, FAIL, *found}:
                found.add(following)
                step = by_name[following]
                waiting.append(Way((*way.events, event), (*way.steps, step)))


def _undoing(steps: Sequence[Step]) -> Iterator[Round]:
    commands: list[SentCommand | OwnCommand] = []
    for step in reversed(steps):
        if step.undo is not None:
            commands.append(step.undo.sends)
            if step.undo.answer is not None:
                yield Round(tuple(commands), step)
                commands = []
    yield Round(tuple(commands), None)
