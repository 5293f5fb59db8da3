"""Commands of aggregates: what waits of them, and what is wrong with a declaration of them."""

import json
from typing import Any, ClassVar

import msgspec
import pytest

from carafe.contracts.base import Command
from carafe.contracts.envelope import QueuedCommand, ReceivedEvent
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import ReceivedCommand
from carafe.domain.model import DomainCommand
from carafe.infrastructure.errors import EventTooLarge
from carafe.infrastructure.outbox import outbox
from carafe.infrastructure.outbox.outbox import Outbox, body_of, envelope_of
from carafe.testing import stores
from carafe.testing.contexts import a_context
from tests.support.library import (
    CallBack,
    CallLoanBack,
    Loan,
    LoanOverdue,
    SendReminder,
    library_of,
)
from tests.support.post_office import post_of
from tests.support.two_services import contracts

TOLD = contracts("lending", "post")
SENT: dict[Any, Any] = {SendReminder: TOLD.outgoing, CallBack: CallLoanBack}


def entries(loan: Loan, **context: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any attribute
    made = Outbox("lending", {LoanOverdue: TOLD.overdue}, sent=SENT)
    return made.entries(loan, msgspec.structs.replace(a_context(), **context))


def a_loan(loan_id: str = "l-1") -> Loan:
    return Loan(id=loan_id, reader="maria")


def test_events_and_commands_wait_in_the_order_in_which_they_were_recorded() -> None:
    loan = a_loan()
    loan.remind(also="l-2")
    loan.remind()
    made = entries(loan)
    assert [(each["type"], each.get("to"), each.get("sequence")) for each in made] == [
        ("lending.loan.overdue.v1", None, 1),
        ("post.letter.send.v1", "commands", None),
        ("lending.call_loan_back", "queue", None),
        ("lending.loan.overdue.v1", None, 2),
        ("post.letter.send.v1", "commands", None),
    ]
    assert len({each["id"] for each in made}) == 5


@pytest.mark.parametrize("traceparent", [None, f"00-{'a' * 32}-{'b' * 16}-01"])
def test_a_command_to_another_service_is_a_cloud_event_without_a_sequence(
    traceparent: str | None,
) -> None:
    loan = a_loan()
    loan.remind("Hurry.")
    (_, entry) = entries(
        loan, traceparent=traceparent, causation_id="cause", correlation_id="conversation"
    )
    assert set(entry) == {"id", "type", "to", "body"}
    command = envelope_of(entry)
    received = msgspec.convert(command, ReceivedEvent)
    assert (received.id, received.source, received.type) == (
        entry["id"],
        "/lending",
        "post.letter.send.v1",
    )
    assert received.data == {"reader": "maria", "text": "Hurry."}
    assert (command["subject"], command["causationid"]) == ("l-1", "cause")
    assert command["correlationid"] == "conversation"
    assert command["time"].endswith("Z")
    assert command.get("traceparent") == traceparent
    assert "sequence" not in command


def test_a_command_to_the_service_itself_is_a_queued_command_in_its_own_name() -> None:
    loan = a_loan()
    loan.remind(also="l-2")
    entry = entries(loan)[2]
    queued = msgspec.json.decode(body_of(entry), type=QueuedCommand)
    assert (queued.id, queued.command, queued.subject, queued.scopes) == (
        entry["id"],
        "lending.call_loan_back",
        "/lending",
        ["loans:write"],
    )
    assert queued.data == {"loan_id": "l-2"}


@pytest.mark.parametrize("command", [CallBack(loan_id="l-2"), SendReminder(reader="", text="")])
def test_a_command_may_have_an_id_of_its_own(command: DomainCommand) -> None:
    loan = a_loan()
    loan.send(command, command_id="step-1")
    (entry,) = entries(loan)
    assert (entry["message_id"], envelope_of(entry)["id"]) == ("step-1", "step-1")


def test_a_command_that_is_sent_again_waits_under_an_id_of_its_own() -> None:
    """By which it is removed: the first one may have been confirmed already."""
    loan = a_loan()
    for _ in range(2):
        loan.send(CallBack(loan_id="l-2"), command_id="step-1")
    assert len({each["id"] for each in entries(loan)}) == 2


def test_a_queued_command_has_no_character_that_sqs_refuses() -> None:
    loan = a_loan()
    loan.send(CallBack(loan_id="a\ufffeb\uffff\u0000c"))
    text = entries(loan)[0]["body"]
    assert not set("\ufffe\uffff\x00") & set(text)
    assert json.loads(text)["data"]["loan_id"] == "a\ufffeb\uffff\u0000c"


@pytest.mark.parametrize("command", [SendReminder, CallBack])
def test_a_command_that_is_too_large_is_refused(command: type) -> None:
    loan = a_loan()
    text = "x" * outbox.LARGEST_EVENT
    loan.send(CallBack(loan_id=text) if command is CallBack else SendReminder(reader="", text=text))
    with pytest.raises(EventTooLarge, match="The command "):
        entries(loan)


def test_a_queued_command_leaves_room_for_the_attribute_that_counts_its_failures() -> None:
    """SQS counts names, types and values of attributes too."""
    assert len("failuresNumber9") <= outbox.LARGEST_EVENT - outbox.LARGEST_QUEUED


def test_the_sequence_counts_events_alone() -> None:
    store = stores.in_memory(Loan, library_of(TOLD, "lending"))
    loan = a_loan()
    loan.remind()
    store.repository.add(loan, a_context())
    assert (loan.version, loan.sequence, loan.recorded) == (1, 1, [])
    loan.remind()
    store.repository.save(loan, a_context())
    assert (loan.sequence, store.sequences("l-1")) == (2, [1, 2])
    assert [each["type"].split(".")[1] for each in store.pending("l-1")] == [
        *("loan", "letter"),
        *("loan", "letter"),
    ]
    assert store.nudged.nudges == [("loans", "l-1")] * 2


# Declarations


class Malformed(OutgoingCommand, frozen=True):
    """Has no version."""

    wire_type: ClassVar[str] = "post.letter.send"
    reader: str
    text: str


class ToItself(OutgoingCommand, frozen=True):
    """Goes over the bus to where it comes from."""

    wire_type: ClassVar[str] = "lending.loan.call_back.v1"
    loan_id: str


class Taken(OutgoingCommand, frozen=True):
    """Has the wire type of another contract."""

    wire_type: ClassVar[str] = "post.letter.send.v1"
    loan_id: str


class Nameless(OutgoingCommand, frozen=True):
    """Has no wire type at all."""

    reader: str
    text: str


class Announcement(IntegrationEvent, frozen=True):
    """Is no command."""

    wire_type: ClassVar[str] = "post.letter.sent.v1"
    reader: str
    text: str


FAULTS: list[tuple[dict[Any, Any], str]] = [
    ({CallBack: CallLoanBack}, "SendReminder has no contract in SENT"),
    (SENT | {SendReminder: Malformed}, "Malformed.wire_type is malformed: 'post.letter.send'"),
    (SENT | {SendReminder: Nameless}, "Nameless.wire_type is malformed: ''"),
    (SENT | {CallBack: ToItself}, "ToItself.wire_type names lending itself as the receiver"),
    (SENT | {CallBack: Taken}, "post.letter.send.v1 is taken by SendLetterV1 and Taken"),
    (
        SENT | {SendReminder: Announcement},
        "Announcement in SENT is no OutgoingCommand, and no Command",
    ),
]


@pytest.mark.parametrize(("sent", "fault"), FAULTS)
def test_a_wrong_table_of_sent_commands_ends_the_start(sent: dict[Any, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault.replace(".", r"\.")):
        library_of(TOLD, "lending", sent=sent)


class WithoutText(OutgoingCommand, frozen=True):
    """Forgets the text."""

    wire_type: ClassVar[str] = "post.letter.send.v1"
    reader: str


class CallBackByNumber(Command, frozen=True):
    """Has another type than the domain."""

    wire_name: ClassVar[str] = "lending.call_back_by_number"
    scope: ClassVar[str] = "loans:write"
    loan_id: int


class WithItsOwnWords(OutgoingCommand, frozen=True):
    """Outlives a change of the domain."""

    wire_type: ClassVar[str] = "post.letter.send.v1"
    to: str

    @classmethod
    def data_of(cls, command: Any) -> dict[str, Any]:  # noqa: ANN401 - its own command
        return {"to": command.reader}


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        (SENT, None),
        (SENT | {SendReminder: WithoutText}, "WithoutText lacks text of SendReminder"),
        (
            SENT | {CallBack: CallBackByNumber},
            "CallBackByNumber.loan_id is int, which str cannot become",
        ),
        (SENT | {SendReminder: WithItsOwnWords}, None),
    ],
)
def test_a_contract_that_differs_from_its_command_is_a_fault(
    sent: dict[Any, Any], fault: str | None
) -> None:
    faults = [each.partition(";")[0] for each in library_of(TOLD, "lending", sent=sent).faults()]
    assert faults == ([fault] if fault else [])


def test_a_contract_may_tell_a_command_in_its_own_words() -> None:
    loan = a_loan()
    loan.send(SendReminder(reader="maria", text=""))
    made = Outbox("lending", {}, sent={SendReminder: WithItsOwnWords}).entries(loan, a_context())
    assert envelope_of(made[0])["data"] == {"to": "maria"}


class ForSomebodyElse(ReceivedCommand, frozen=True):
    """Is addressed to another service."""

    wire_type: ClassVar[str] = "elsewhere.letter.send.v1"
    sender: ClassVar[str] = "lending"


class FromNobody(ReceivedCommand, frozen=True):
    """Does not say who sends it."""

    wire_type: ClassVar[str] = "post.letter.send.v1"


class Unversioned(ReceivedCommand, frozen=True):
    """Has no version."""

    wire_type: ClassVar[str] = "post.letter.send"
    sender: ClassVar[str] = "lending"


@pytest.mark.parametrize(
    ("received", "fault"),
    [
        (ForSomebodyElse, "ForSomebodyElse.wire_type must begin with post"),
        (FromNobody, "FromNobody.sender must name the service that sends it"),
        (Unversioned, "Unversioned.wire_type is malformed"),
    ],
)
def test_a_command_that_cannot_be_received_ends_the_start(
    received: type[ReceivedCommand], fault: str
) -> None:
    told = contracts("lending", "post")
    told.received = received
    with pytest.raises(ValueError, match=fault):
        post_of(told, "post")
