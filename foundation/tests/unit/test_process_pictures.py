"""Processes are drawn as they behave: their real handlers are run, in every state."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, ClassVar

import pytest
from msgspec import Meta

from carafe.api.handlers import Handlers
from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.values import Amount, Identifier
from carafe.development.diagrams.command import all_documents
from carafe.development.diagrams.processes import exploration
from carafe.development.diagrams.processes.examples import examples_of
from carafe.development.diagrams.processes.exploration import explore
from carafe.development.diagrams.processes.machine import asides, ends_of, state_machines
from carafe.development.diagrams.processes.moves import (
    BEFORE,
    Arrival,
    Call,
    Exploration,
    Move,
)
from carafe.development.diagrams.processes.naming import label_of, state_of
from carafe.development.diagrams.processes.ways import ways_through
from carafe.development.diagrams.sequence import (
    EVENT,
    Alternatives,
    Item,
    Message,
    Note,
    Participant,
    sequence_diagram,
)
from carafe.development.diagrams.source import behaviours
from carafe.domain.process_state import ProcessStatus
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.processes import begin
from carafe.infrastructure.database.repository import Repository
from carafe.testing.examples import NOON
from tests.support.long_process import TRAVEL, Trip, trip_handlers
from tests.support.reminding import (
    Reminding,
    StepOverdue,
    a_reminding,
    reminding_id,
    waits_for_return,
)
from tests.support.reminding_library import OpenedLoan, handlers_of, library_of, told_by

TOLD = told_by("library", "members", "post")
LIBRARY = library_of(TOLD, "library")


def _handlers(container: Container[Any]) -> Handlers:
    return handlers_of(container.repository(Reminding), TOLD, container.clock)


@pytest.fixture(scope="module")
def found() -> Exploration:
    return explore(Reminding, LIBRARY, _handlers)


def _arrows(found: Exploration) -> set[tuple[str, str, str]]:
    """Return the start, the label and the end of each arrow in the pictures, less their spaces.

    Long names are folded there, also where they have no space.
    """
    arrows = set()
    for drawn in state_machines(found):
        lines = [line.strip() for line in drawn.splitlines()]
        names = {"[*]": "[*]"}
        for line in lines:
            if line.startswith("state "):
                name, _, number = line.removeprefix('state "').partition('" as ')
                names[number] = _squeezed(name)
        for line in lines:
            if "-->" in line:
                ends, _, label = line.partition(" : ")
                start, _, end = ends.partition(" --> ")
                arrows.add((names[start], _squeezed(label), names[end]))
    return arrows


def _squeezed(text: str) -> str:
    return text.replace("<br>", "").replace(" ", "")


def test_the_state_machine_is_what_the_process_does(found: Exploration) -> None:
    expected = {
        ("[*]", "LoanOpenedV1 / BlockCard", "blocking"),
        ("blocking", "MembersCardBlockedV1 / SendLetter", "sending"),
        ("blocking", "BlockCard is refused", "undone"),
        ("blocking", "blocking: no answer in time / UnblockCard", "undoing blocking"),
        ("sending", "PostLetterSentV1", "return"),
        (
            "sending",
            (
                "SendLetter is refused / UnblockCard "
                "sending: no answer in time / RecallLetter, UnblockCard"
            ),
            "undoing blocking",
        ),
        ("undoing blocking", "MembersCardUnblockedV1", "undone"),
        (
            "undoing blocking",
            "UnblockCard is refused blocking: no answer in time RecallLetter is refused",
            "stuck",
        ),
        ("return", "MembersBookReturnedV1", "completed"),
        ("undone", "RecallLetter is refused", "stuck"),
    }
    assert _arrows(found) == {tuple(map(_squeezed, each)) for each in expected}


def test_what_comes_late_or_is_only_noted_stands_in_a_table(found: Exploration) -> None:
    rows = asides(found)
    noted = "blocking, sending, undoing blocking, return, stuck"
    assert (noted, "MembersMemberCalledV1", "", "") in rows
    assert ("return", "SendLetter is refused", "UnblockCard", "undoing blocking") in rows
    assert ("stuck", "resumed", "UnblockCard", "undoing blocking") in rows


def test_a_process_that_counts_has_an_end_of_its_states(found: Exploration) -> None:
    assert found.is_complete
    assert max(each.calls for each in found.states if isinstance(each, Reminding)) > 1


def test_states_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exploration, "MOST_STATES", 5)
    assert not explore(Reminding, LIBRARY, _handlers).is_complete


def test_every_move_of_the_pictures_can_be_repeated(found: Exploration) -> None:
    """No state is drawn that the process did not reach: each follows from the one before."""
    reached = {BEFORE}
    for move in sorted(found.moves, key=lambda each: each.start):
        assert move.start in reached
        reached.add(move.end)
    assert reached == {BEFORE, *range(len(found.states))}


def test_a_handler_that_asks_for_something_else_is_told() -> None:
    def looking(container: Container[Any]) -> Handlers:
        loans, remindings = container.repository(OpenedLoan), container.repository(Reminding)

        def opened(event: Any, context: CommandContext) -> CommandResult:  # noqa: ANN401 - told
            loan = loans.get(event.loan_id)
            process = a_reminding(loan.id, at=container.clock())
            return begin(remindings, reminding_id(loan.id), context, lambda _: process)

        return Handlers(events=[{TOLD.opened: opened}])

    nothing = explore(Reminding, LIBRARY, looking)
    assert (nothing.states, state_machines(nothing)) == ([], [])
    assert nothing.untried == {TOLD.opened: "asks for OpenedLoan, and only the process was there"}


class LoanEvents:
    """Another part that follows the event, and is none of the process's business."""

    def __init__(self, loans: Repository[OpenedLoan]) -> None:
        self.loans = loans

    def opened(self, event: Any, _context: CommandContext) -> CommandResult:  # noqa: ANN401 - told
        loan = self.loans.get(event.loan_id)
        return CommandResult(id=loan.id, version=loan.version)


def test_another_follower_of_an_event_is_not_missed() -> None:
    def following(container: Container[Any]) -> Handlers:
        own = _handlers(container)
        loans = LoanEvents(container.repository(OpenedLoan))
        return Handlers(events=[{TOLD.opened: loans.opened}, *own.events], timers=own.timers)

    both = explore(Reminding, LIBRARY, following)
    assert both.untried == {}
    assert _arrows(both) == _arrows(explore(Reminding, LIBRARY, _handlers))


def test_a_handler_that_fails_is_told() -> None:
    def failing(_container: Container[Any]) -> Handlers:
        def opened(event: Any, _context: CommandContext) -> CommandResult:  # noqa: ANN401 - told
            raise KeyError(event.loan_id)

        return Handlers(events=[{TOLD.opened: opened}])

    assert explore(Reminding, LIBRARY, failing).untried == {TOLD.opened: "failed with KeyError"}


# Ways


def test_the_main_way_leads_to_the_end_by_events_alone(found: Exploration) -> None:
    main = ways_through(found)[0]
    assert [label_of(Reminding, each.trigger) for each in main.moves] == [
        "LoanOpenedV1",
        "MembersCardBlockedV1",
        "PostLetterSentV1",
        "MembersBookReturnedV1",
    ]
    assert found.states[main.moves[-1].end].status is ProcessStatus.COMPLETED


def test_a_longer_way_of_events_is_preferred_to_a_deadline() -> None:
    begun, waiting = a_reminding(at=NOON), waits_for_return(at=NOON)
    ended = waits_for_return(at=NOON)
    ended.book_returned(at=NOON)
    moves = [
        Move(BEFORE, Arrival(TOLD.opened), (), 0),
        Move(0, Call(StepOverdue, "blocking"), (), 2),
        Move(0, Arrival(TOLD.sent), (), 1),
        Move(1, Arrival(TOLD.returned), (), 2),
    ]
    found = Exploration(Reminding, LIBRARY, [begun, waiting, ended], moves)
    main, other = ways_through(found)
    assert main.moves == (moves[0], moves[2], moves[3])
    assert other.moves == (moves[1],)


@pytest.mark.parametrize("process", ["reminding", "trip"])
def test_the_ways_tell_of_all_that_leads_off_and_end_or_join(
    process: str, found: Exploration
) -> None:
    if process == "trip":
        found = explore(Trip, TRAVEL, trip_handlers)
    ways = ways_through(found)
    told = {tuple(map(_squeezed, ends_of(each, found))) for way in ways for each in way.moves}
    running = {
        _squeezed(state_of(each).name)
        for each in found.states
        if each.status is ProcessStatus.RUNNING
    }
    assert {(start, end) for start, _, end in _arrows(found) if start in running} <= told
    for way in ways:
        assert way.joins or found.states[way.moves[-1].end].has_ended
        for before, after in zip(way.moves, way.moves[1:], strict=False):
            assert before.end == after.start


# Messages to try


class Speed(Enum):
    """How a letter goes."""

    SLOW = "slow"
    FAST = "fast"


class LetterWanted(IntegrationEvent, frozen=True):
    """Every kind of a choice."""

    wire_type: ClassVar[str] = "post.letter.wanted.v1"

    loan_id: Identifier
    is_registered: bool
    speed: Speed
    price: Amount
    remark: str | None = None


def test_every_choice_of_a_contract_is_tried_about_the_same_thing() -> None:
    messages = list(examples_of(LetterWanted, "theme"))
    assert len(messages) == 8
    assert {(each.is_registered, each.speed, each.remark) for each in messages} == {
        (registered, speed, remark)
        for registered in (True, False)
        for speed in Speed
        for remark in ("theme", None)
    }
    assert {(each.loan_id, each.price) for each in messages} == {("theme", "12.50")}


class LetterSent(IntegrationEvent, frozen=True):
    """Fields with rules, and without examples."""

    wire_type: ClassVar[str] = "post.letter.sent.v1"

    sent_at: datetime
    day: date
    weight: Annotated[int, Meta(ge=20)]
    code: Annotated[str, Meta(max_length=2)]


class LetterCounted(IntegrationEvent, frozen=True):
    """What nobody can guess."""

    wire_type: ClassVar[str] = "post.letter.counted.v1"

    serial: Annotated[str, Meta(pattern="^[A-Z]{3}-[0-9]{7}$")]


def test_what_has_no_example_is_guessed_if_that_can_be() -> None:
    (message,) = examples_of(LetterSent, "theme")
    assert (message.day, message.weight, message.code) == (date(2026, 3, 1), 20, "A")
    assert message.sent_at.tzinfo is not None
    assert list(examples_of(LetterCounted, "theme")) == []


# Source


def test_what_a_process_does_with_its_steps_is_read_from_its_source() -> None:
    changes: Mapping[str, tuple[str, ...]] = {
        each.name: each.changes for each in behaviours(Reminding)
    }
    assert changes["of"] == ("begins blocking",)
    assert changes["card_blocked"] == ("completes blocking", "begins sending")
    assert changes["book_returned"] == ("completes return", "ends")


def test_the_commands_that_begin_steps_are_read_from_the_source() -> None:
    sent = {each.name: [one.__name__ for one in each.commands] for each in behaviours(Reminding)}
    assert (sent["of"], sent["card_blocked"]) == (["BlockCard"], ["SendLetter"])


# The page of the reference service


def _page() -> str:
    return next(each.text for each in all_documents() if each.name == "processes.md")


def test_waits_are_listed_as_they_were_seen() -> None:
    assert "| delivery | for ever | nothing |  |" in _page()


def test_own_aggregates_and_other_services_take_part_in_a_sequence() -> None:
    page = _page()
    for line in (
        "box transparent ordering",
        "participant p1 as Order",
        "participant p3 as shipping",
        "p3--)p1: ParcelDispatchedV1",
        "p3--xp2: DispatchParcel is refused",
    ):
        assert f"    {line}\n" in page


# Sequence diagrams


def test_a_sequence_with_alternatives_is_written_for_mermaid() -> None:
    items: list[Item] = [
        Message("end", "box", "a: b"),
        Alternatives((("c", (Note("end", "d\ne"),)), ("f", (Message("box", "end", "g", EVENT),)))),
        Alternatives((("h", ()),)),
    ]
    drawn = sequence_diagram([Participant("end", "red"), Participant("box")], items)
    assert drawn.partition("sequenceDiagram\n")[2].splitlines() == [
        "    box transparent red",
        "        participant p1 as end",
        "    end",
        "    participant p2 as box",
        "    p1-)p2: a: b",
        "    alt c",
        "        Note over p1: d<br>e",
        "    else f",
        "        p2--)p1: g",
        "    end",
        "    opt h",
        "    end",
    ]
