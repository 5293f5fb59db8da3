"""`processes.md`: each process as a state machine and as sequences, drawn by running its code."""

from collections.abc import Iterator

from carafe.contracts.base import Command
from carafe.development.diagrams.documents import Document, Section
from carafe.development.diagrams.effects import effects_of
from carafe.development.diagrams.model import summary
from carafe.development.diagrams.sections import flatten, part_title
from carafe.development.diagrams.wiring import Handler, service
from carafe.development.timers.moments import length_text
from carafe.domain.process import Process
from carafe.domain.steps import Step, StepStatus

from .examples import examples_of
from .exploration import MOST_STATES, explorations
from .machine import asides, state_machines
from .moves import Exploration, cause_of
from .sequences import sequences
from .trial import THEME, Message

COLOURS = (
    "At an arrow: what comes, and behind the slash what the process sends. "
    "Yellow: steps that wait for their answers. Grey: a step that is being undone. "
    "Red: stuck, until a person or a late answer lets it go on. Green: an end."
)
MAIN_WAY = (
    "As it is expected: commands, and dashed the events that answer them. The event of another "
    "service stands before the own one that it may lead to."
)
OTHER_WAYS = (
    "What may lead off, from each state in which the process runs. What else may come while it is "
    "being undone, the state machine shows."
)
METHOD = (
    "The code was run: in every state that a process reaches, every message came, every command "
    "was refused, and every timer called. What is refused or changes nothing is not drawn, and "
    "states in which the same steps wait are drawn as one. "
    "Flags, enumerations and what may be left out were tried in every combination, but texts, "
    "numbers and moments are examples, and settings have their defaults: a way that only certain "
    "values open may be missing. Not drawn either: a person may undo a process that runs "
    "(`carafe processes undo`)."
)

NOT_SEEN = "not reached"

ASIDES = (
    "How it goes on when it was stuck, refusals of what it no longer waits for, and what it only "
    "notes. The pictures leave this out."
)
ASIDE_COLUMNS = ("in", "comes", "the process sends", "and comes to")
STEP_COLUMNS = ("step", "waits at most", "undone by", "confirmed within")


def document() -> Document:
    """Return the document; it has no sections without a process."""
    sections = flatten(map(_sections, explorations().values()))
    if sections:
        sections = (*sections, Section("How these pictures come about", METHOD))
    return Document("processes.md", "Processes", sections, is_optional=True)


def _sections(found: Exploration) -> list[Section]:
    name = found.process.__name__
    texts = [summary(found.process), *_gaps(found)]
    machines = state_machines(found)
    steps = (STEP_COLUMNS, *(_step_row(each, found) for each in found.process.STEPS))
    main, others = sequences(found)
    return [
        Section(name, "\n\n".join(texts), table=steps),
        *(
            Section(part_title(f"{name}: its states", number, len(machines)), COLOURS, each)
            for number, each in enumerate(machines, start=1)
        ),
        *([Section(f"{name}: the way to its end", MAIN_WAY, main)] if main else []),
        *(
            Section(part_title(f"{name}: other ways", number, len(others)), OTHER_WAYS, each)
            for number, each in enumerate(others, start=1)
        ),
        *_asides(found),
    ]


def _asides(found: Exploration) -> Iterator[Section]:
    if rows := asides(found):
        title = f"{found.process.__name__}: what else may come"
        yield Section(title, ASIDES, table=(ASIDE_COLUMNS, *rows))


def _gaps(found: Exploration) -> Iterator[str]:
    """Yield what is known to be missing in the pictures."""
    if not found.states:
        yield "**Nothing is drawn:** no message that could be tried begins it."
    followed = _followed(found.process)
    for cause, reason in found.untried.items():
        yield f"**Not all is drawn** of what `{cause.__name__}` leads to: its handler {reason}."
    drawn = {cause_of(each.trigger) for each in found.moves}
    for contract in followed:
        if contract not in drawn and contract not in found.untried:
            reason = "it changed nothing in any state"
            if not any(examples_of(contract, THEME)):
                reason = "a field of it has rules, but no example"
            yield f"**Not drawn** is `{contract.__name__}`: {reason}."
    if not found.is_complete:
        yield (
            f"**Not all is drawn:** there are more than {MOST_STATES} states, since the process "
            "counts or collects something."
        )


def _followed(process: type[Process]) -> list[type[Message]]:
    """Return the messages whose handlers use a process, as their code says."""
    handlers: list[tuple[type[Message], Handler]] = [
        *((event, each) for event, several in service().reactions.items() for each in several),
        *(
            (command, handler)
            for command, handler in service().handlers.items()
            if issubclass(command, Command)
        ),
    ]
    return list(
        dict.fromkeys(
            message for message, each in handlers if process in effects_of(each).aggregates
        )
    )


def _step_row(step: Step, found: Exploration) -> tuple[str, ...]:
    confirmed_within = length_text(step.undo_within) if step.undo_within else ""
    return step.name, _longest_wait(step, found), _undone_by(step, found), confirmed_within


def _longest_wait(step: Step, found: Exploration) -> str:
    """Return how long a step waits, as an instance was seen to."""
    for process in found.states:
        record = process.step(step.name)
        if record is not None and record.status is StepStatus.WAITING:
            timer = process.timer(process.DEADLINE, step.name)
            return length_text(timer.due - record.since) if timer else "for ever"
    return NOT_SEEN


def _undone_by(step: Step, found: Exploration) -> str:
    """Return the command that undoes a step."""
    if step.undo is None:
        return "nothing"
    for process in found.states:
        if process.step(step.name) is not None:
            return type(step.undo(process)).__name__
    return NOT_SEEN
