"""A model's processes know the events that lead them and the commands that they send."""

from datetime import timedelta

from carafe.development.discovery.model import Model
from carafe.development.discovery.process_model import END, FAIL, OwnCommand, Process, SentCommand
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from tests.support.reminding_model import MODEL, changed, reaction


def model_of(text: str) -> Model:
    return resolve(Source(text, "model.yaml"))


def reminding(text: str = MODEL) -> Process:
    (process,) = model_of(text).processes
    return process


def test_a_process_is_stored_as_an_aggregate_is() -> None:
    process = reminding()
    assert (process.snake, process.collection, process.plural) == (
        *("reminding", "remindings"),
        "Remindings",
    )
    assert [each.name for each in process.attributes] == ["loan_id", "member_id"]
    assert process.correlation == process.attributes[:1]
    assert not process.refuses_after_end
    irregular = changed(
        ("    correlation:", "    collection: reminders\n    after_end: refuse\n    correlation:")
    )
    assert reminding(irregular).plural == "Reminders"
    assert reminding(irregular).refuses_after_end


def test_a_step_waits_for_its_answers_and_is_undone() -> None:
    loan, letter, note = reminding().steps
    assert (loan.sends, loan.within, loan.undo) == (None, None, None)
    assert [(event.name, following) for event, following in letter.answers] == [
        ("LetterSentV1", "note"),
        ("LetterReturnedV1", FAIL),
    ]
    assert note.answers[0][1] == END
    assert letter.within is not None
    assert letter.within.length == timedelta(days=7)
    undo = letter.undo
    assert undo is not None
    assert undo.within is not None
    assert undo.answer is not None
    assert (undo.sends.name, undo.within.length, undo.answer.snake) == (
        *("RecallLetter", timedelta(days=1)),
        "letter_recalled",
    )


def test_an_undoing_may_be_confirmed_by_nothing() -> None:
    text = changed(
        (", within: 1 day, answer: post.letter.recalled.v1", ""),
        (
            "  post.letter.recalled.v1: {description: It stays, attributes: {loan_id: identifier}}",
            "",
        ),
    )
    undo = reminding(text).steps[1].undo
    assert undo is not None
    assert (undo.within, undo.answer) == (None, None)


def test_a_command_goes_to_another_service_or_to_the_service_itself() -> None:
    send, recall, note = reminding().sends
    assert isinstance(send, SentCommand)
    assert (send.name, send.contract, send.receiver) == ("SendLetter", "SendLetterV1", "post")
    assert recall in model_of(MODEL).sent_commands
    assert isinstance(note, OwnCommand)
    assert (note.name, note.description) == ("NoteReminder", "Note it.")
    assert [each.name for each in note.attributes] == ["loan_id"]
    assert reminding().refusals == ("post",)


def test_a_command_that_creates_has_no_id() -> None:
    text = changed(
        ("sends: NoteReminder", "sends: AcquireBook"),
        ("      member_id: identifier\n    begins_on", "      title: text(40)\n    begins_on"),
        ("tells: [book_id, member_id, lent_at, remark]", "tells: [book_id, lent_at, title]"),
        ("takes: [book_id, member_id, lent_at]", "takes: [book_id, member_id, lent_at, title]"),
        ("{loan_id: identifier, member_id: identifier}", "{loan_id: identifier}"),
        ("      remark: text(40)?\n", "      title: text(40)\n"),
    )
    command = reminding(text).sends[2]
    assert isinstance(command, OwnCommand)
    assert command.identifier is None
    assert [each.name for each in command.attributes] == ["title"]


def test_an_event_that_leads_a_process_is_own_or_another_services() -> None:
    model = model_of(MODEL)
    (process,) = model.processes
    assert [(each.snake, each.is_own) for each in process.followed] == [
        ("loan_opened", True),
        ("loan_overdue", True),
        ("letter_sent", False),
        ("letter_returned", False),
        ("loan_reminded", True),
        ("loan_closed", True),
        ("letter_recalled", False),
    ]
    assert [each.name for each in process.begins_on.attributes] == [
        *("loan_id", "book_id", "member_id", "lent_at", "remark"),
    ]
    assert [each.name for each in model.inbox_events] == [
        *("LetterSentV1", "LetterReturnedV1", "LetterRecalledV1"),
    ]


def test_an_aggregate_and_a_process_may_follow_one_event() -> None:
    text = changed(reaction("Loan.close"))
    model = model_of(text)
    (subscription,) = model.aggregates[1].subscriptions
    assert not subscription.is_own
    assert [each.wire_type for each in model.inbox_events].count("post.letter.sent.v1") == 1


def test_an_aggregate_reacts_to_an_event_of_its_own_service() -> None:
    (subscription,) = model_of(MODEL).aggregates[0].subscriptions
    assert (subscription.name, subscription.is_own) == ("LoanOpenedV1", True)
    assert subscription.description == "It began."
    assert [each.name for each in subscription.attributes] == [
        *("loan_id", "book_id", "member_id", "lent_at", "remark"),
    ]
