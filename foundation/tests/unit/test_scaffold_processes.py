"""What the templates are told of a process: the way to each step, and back."""

import pytest

from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.scaffold.process_details import (
    DetailedProcess,
    Round,
    detailed_process,
    fields_of,
)

MODEL = """\
context: lending
aggregates:
  Loan:
    description: A loan.
    shared: true
    attributes: {title: text(9), remark: "text(9)?"}
    events:
      LoanOpened: {description: It began., tells: [title, remark]}
      LoanNoted: {description: Something was noted., tells: [remark]}
    behaviors:
      begin: {description: Begin., creates: true, takes: [title, remark], records: LoanOpened}
      note: {description: Note it., takes: [remark: "text(9)?"], records: LoanNoted}
    commands: {NoteLoan: {behavior: note}}
subscriptions:
  post.letter.sent.v1: {description: It went., attributes: {loan_id: identifier}}
  post.letter.kept.v1: {description: It stays., attributes: {loan_id: identifier}}
  post.letter.lost.v1: {description: It is lost., attributes: {loan_id: identifier}}
  post.letter.recalled.v1: {description: It came back., attributes: {loan_id: identifier}}
  post.parcel.sent.v1: {description: It went as well., attributes: {loan_id: identifier}}
  post.answer.came.v1: {description: Somebody answered., attributes: {loan_id: identifier}}
sent_commands:
  post.letter.send.v1: {description: Send it., attributes: {loan_id: identifier}}
  post.letter.recall.v1: {description: Recall it., attributes: {loan_id: identifier}}
  post.parcel.send.v1: {description: Send it as well., attributes: {loan_id: identifier}}
  post.parcel.recall.v1: {description: Recall it as well., attributes: {loan_id: identifier}}
processes:
  Reminding:
    description: Remind.
    correlation: [loan_id]
    attributes: {loan_id: identifier, remark: "text(9)?", title: text(9)}
    begins_on: LoanOpened
    steps:
      letter:
        description: A letter goes.
        sends: post.letter.send.v1
        within: 7 days
        answers:
          post.letter.sent.v1: parcel
          post.letter.kept.v1: answer
          post.letter.lost.v1: fail
        undo:
          sends: post.letter.recall.v1
          within: 1 day
          answer: post.letter.recalled.v1
      parcel:
        description: A parcel goes as well.
        sends: post.parcel.send.v1
        within: forever
        answers: {post.parcel.sent.v1: answer}
        undo: {sends: post.parcel.recall.v1}
      answer:
        description: Somebody answers.
        sends: NoteLoan
        within: forever
        answers: {post.answer.came.v1: end}
"""


@pytest.fixture(scope="module")
def reminding() -> DetailedProcess:
    model = resolve(Source(MODEL, "model.yaml"))
    return detailed_process(model.processes[0], model)


def test_the_way_to_a_step_is_the_shortest(reminding: DetailedProcess) -> None:
    ways = {
        way.step.name: ([each.snake for each in way.events], [each.name for each in way.steps])
        for way in reminding.ways
    }
    assert ways == {
        "letter": ([], ["letter"]),
        "parcel": (["letter_sent"], ["letter", "parcel"]),
        "answer": (["letter_kept"], ["letter", "answer"]),
    }


def test_what_follows_an_answer_is_known(reminding: DetailedProcess) -> None:
    following = {
        each.event.snake: each.following.name if each.following else each.is_failure
        for each in reminding.answers
    }
    assert following == {
        "letter_sent": "parcel",
        "letter_kept": "answer",
        "letter_lost": True,
        "parcel_sent": "answer",
        "answer_came": False,
    }
    assert [each.event.snake for each in reminding.endings] == ["answer_came"]


def test_steps_are_undone_in_reverse_until_one_waits(reminding: DetailedProcess) -> None:
    _, way, _ = reminding.ways
    assert told(way.undoing) == [(["RecallParcel", "RecallLetter"], "letter"), ([], None)]
    assert told(way.undoing_before) == [(["RecallLetter"], "letter"), ([], None)]


def told(rounds: list[Round]) -> list[tuple[list[str], str | None]]:
    return [
        ([each.name for each in one.commands], one.step.name if one.step else None)
        for one in rounds
    ]


def test_an_own_command_names_its_aggregate_by_its_id(reminding: DetailedProcess) -> None:
    commands = {each.name: each for each in reminding.sends}
    fields = {
        name: [(field.name, field.attribute.name) for field in fields_of(commands[name])]
        for name in ("NoteLoan", "SendLetter")
    }
    assert fields == {
        "NoteLoan": [("id", "loan_id"), ("remark", "remark")],
        "SendLetter": [("loan_id", "loan_id")],
    }
