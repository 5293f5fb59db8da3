"""A model's timers are set, call what can be called, and are warned of if they call in vain."""

from datetime import timedelta

import pytest

from carafe.development.discovery.durations import BadDuration, parse_duration
from carafe.development.discovery.model import Aggregate, Attribute, TimerSetting
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.discovery.timer_warnings import timer_warnings
from carafe.domain.recurrence import Recurrence
from tests.support.loan_model import edited, faults, line_of

MODEL = """\
context: lending
enumerations:
  State: {description: Where it stands, values: [open, overdue, closed]}
aggregates:
  Loan:
    description: A book in the hands of a member
    shared: true
    attributes:
      due_at: moment
      seen_at: moment?
      page_count: integer
      status: State
    events:
      LoanOpened: {description: It began}
      LoanChanged: {description: It went on}
    timers:
      DueBack:
        description: It should be back
        behavior: call_overdue
    behaviors:
      open_up:
        description: Begin
        creates: true
        takes: [due_at, page_count]
        becomes: open
        sets: {DueBack: 21 days}
        records: LoanOpened
      extend:
        description: Go on
        takes: [until: moment]
        when: [open]
        sets: {DueBack: until}
        records: LoanChanged
      call_overdue:
        description: Call it overdue
        when: [open]
        becomes: overdue
        records: LoanChanged
      close:
        description: End
        when: [open, overdue]
        becomes: closed
        cancels: [DueBack]
        records: LoanChanged
      forget:
        description: Remove
        deletes: true
        when: [closed]
        records: LoanChanged
    commands:
      ExtendLoan: {behavior: extend}
"""


def loan_of(text: str) -> Aggregate:
    """Return the only aggregate of a model."""
    (loan,) = resolve(Source(text, "model.yaml")).aggregates
    return loan


def warnings(text: str) -> list[tuple[int, str]]:
    """Return the line and the message of each warning."""
    source = Source(text, "model.yaml")
    found = timer_warnings(resolve(source))
    return [(source.line(location), message) for location, message in found]


def changed(*edits: tuple[str, str]) -> str:
    """Return the model with texts replaced that stand in it once."""
    return edited(MODEL, *edits)


def test_a_timer_knows_what_it_calls_and_when() -> None:
    text = changed(("21 days", '{cron: "0 3 * * *", zone: Europe/Berlin}'))
    loan = loan_of(text)
    (timer,) = loan.timers
    assert (timer.name, timer.description) == ("DueBack", "It should be back.")
    assert timer.behavior is next(each for each in loan.behaviors if each.name == "call_overdue")
    first, second, *_ = loan.behaviors
    assert first.timers == (
        TimerSetting("DueBack", Recurrence(cron="0 3 * * *", zone="Europe/Berlin")),
    )
    (moved,) = second.timers
    assert isinstance(moved.due, Attribute)
    assert moved.due.behavior == "extend"
    assert warnings(text) != []  # it recurs, and `call_overdue` leaves it set
    assert warnings(MODEL) == []


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30 minutes", timedelta(minutes=30)),
        ("1 day 12 hours", timedelta(days=1, hours=12)),
        ("90 minutes", timedelta(minutes=90)),
        ("2 weeks 1 second", timedelta(weeks=2, seconds=1)),
        ("36525 days", timedelta(days=36_525)),
    ],
)
def test_a_duration_is_read_as_people_write_it(text: str, length: timedelta) -> None:
    assert parse_duration(text).length == length


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("30", "examples: 30 minutes, 1 day 12 hours"),
        ("-1 days", "is not a duration"),
        ("1.5 hours", "is not a duration"),
        ("1  day", "is not a duration"),
        ("two days", "is not a duration"),
        ("1 month", "month has no fixed length"),
        ("1 year", "year has no fixed length: a duration has weeks, days, hours, minutes, seconds"),
        ("1 day 2 days", "has days twice"),
        ("0 seconds", "at least one second"),
        ("36525 days 1 second", "at most a hundred years"),
        ("9999999999 weeks", "at most a hundred years"),
    ],
)
def test_no_duration_is_refused_in_a_line(text: str, message: str) -> None:
    with pytest.raises(BadDuration, match=message):
        parse_duration(text)


@pytest.mark.parametrize(
    ("old", "new", "sign", "message"),
    [
        ("21 days", "0 days", "0 days", "at least one second"),
        ("21 days", "3 months", "3 months", "months has no fixed length"),
        ("21 days", "dueat", "dueat", "dueat is neither a duration, such as 21 days, nor a moment"),
        ("21 days", "page_count", "{DueBack: page_count", "page_count is no moment"),
        ("DueBack: until", "DueBack: seen_at", "DueBack: seen_at", "seen_at may be missing"),
        ("[until: moment]", '[until: "moment?"]', "DueBack: until", "until may be missing"),
        ("[until: moment]", "[until: list of moment]", "DueBack: until", "until is no moment"),
        ("21 days", '{cron: "0 3 * *", zone: UTC}', "cron:", "cron must have five fields"),
        ("21 days", '{cron: "0 3 30 2 *", zone: UTC}', "cron:", "cron has a bad day-of-month"),
        ("21 days", '{cron: "0 3 * * *", zone: Berlin}', "cron:", "zone must be a name of IANA"),
        ("21 days", '{cron: "0 3 * * *"}', "cron:", "a duration such as 21 days"),
        ("{DueBack: until}", "{Due: until}", "{Due:", "Loan has no timer Due: declare it"),
        ("[DueBack]", "[Due]", "[Due]", "Loan has no timer Due: declare it"),
        ("behavior: call_overdue", "behavior: call", "behavior: call", "no behaviour call"),
        ("        behavior: call_overdue\n", "", "DueBack:", "DueBack calls no behaviour"),
        ("behavior: call_overdue", "behavior: open_up", "behavior: open_up", "creates the aggr"),
        ("r: call_overdue", "r: extend", "        behavior: extend", "extend takes until"),
        (
            "[DueBack]",
            "[DueBack]\n        sets: {DueBack: 9 days}",
            "9 days",
            "sets and cancels Due",
        ),
        (
            "deletes: true",
            "deletes: true\n        sets: {DueBack: 9 days}",
            "9 days",
            "remove `sets`",
        ),
        ("deletes: true", "deletes: true\n        cancels: [ DueBack]", "[ Due", "and its timers"),
        (
            "creates: true",
            "creates: true\n        cancels: [ DueBack]",
            "[ Due",
            "remove `cancels`",
        ),
        ("DueBack:\n", "dueBack:\n", "dueBack:", "CamelCase"),
    ],
)
def test_each_fault_is_reported_with_its_line(old: str, new: str, sign: str, message: str) -> None:
    text = changed((old, new))
    actual = faults(text)
    assert line_of(text, sign) in [line for line, fault in actual if message in fault], actual


def test_a_timer_that_nothing_sets_is_refused() -> None:
    unset = changed(("        sets: {DueBack: 21 days}\n", ""), ("{DueBack: until}", "{}"))
    message = "nothing sets DueBack: let a behaviour do so, such as `sets: {DueBack: 30 days}`"
    assert (line_of(unset, "DueBack:"), message) in faults(unset)
    by_itself = unset.replace(
        "becomes: overdue", "becomes: overdue\n        sets: {DueBack: 1 day}"
    )
    assert (line_of(unset, "DueBack:"), message) in faults(by_itself)


def test_timers_have_names_of_their_own() -> None:
    second = "      {}: {{description: Another, behavior: call_overdue}}\n    behaviors:\n"
    for name, message in (
        ("LoanOpened", "the name LoanOpened is taken twice"),
        ("DUEBack", "the name DUEBack is taken twice"),
        ("LoanTimers", "the name LoanTimers is taken twice"),
        ("Handlers", "the name Handlers is taken by Python or by the foundation"),
        ("Clock", "the name Clock is taken by Python or by the foundation"),
        ("Timer", "the name Timer is taken by Python or by the foundation"),
        ("Import", "the name import is taken by Python or by the foundation"),
    ):
        text = changed(("    behaviors:\n", second.format(name)))
        text = text.replace("{DueBack: 21 days}", f"{{DueBack: 21 days, {name}: 1 day}}")
        assert message in [fault for _, fault in faults(text)], name


@pytest.mark.parametrize("name", ["timer", "set_timer", "cancel_timer", "send", "record"])
def test_a_behaviour_hides_none_of_the_foundations(name: str) -> None:
    text = changed(("      close:\n", f"      {name}:\n"))
    assert f"the name {name} is taken by Python or by the foundation" in dict(faults(text)).values()


def test_what_leaves_a_timer_set_that_calls_in_vain_is_warned_of() -> None:
    text = changed(("        cancels: [DueBack]\n", ""))
    message = (
        "close leaves DueBack set, and call_overdue is refused in closed: add `cancels: [DueBack]`"
    )
    assert warnings(text) == [(line_of(text, "      close:"), message)]


def test_what_a_timer_calls_leaves_it_set_only_if_others_call_it_too() -> None:
    text = changed(("    commands:\n", "    commands:\n      CallLoan: {behavior: call_overdue}\n"))
    ((line, message),) = warnings(text)
    assert line == line_of(text, "      call_overdue:")
    assert message.startswith("call_overdue leaves DueBack set")


def test_a_timer_that_recurs_is_still_set_when_it_has_called() -> None:
    text = changed(("21 days", '{cron: "0 3 * * *", zone: UTC}'))
    ((line, message),) = warnings(text)
    assert line == line_of(text, "      call_overdue:")
    assert "add `cancels: [DueBack]`" in message


def test_a_timer_set_where_its_behaviour_is_never_allowed_again_is_warned_of() -> None:
    text = changed(("takes: [until: moment]\n        when: [open]", "when: [closed]"))
    text = text.replace("{DueBack: until}", "{DueBack: 3 days}")
    message = "DueBack calls in vain: call_overdue is refused in closed"
    assert warnings(text) == [(line_of(text, "3 days"), message)]
    reopening = text.replace("when: [closed]\n", "when: [closed]\n        becomes: open\n")
    assert warnings(reopening) == []


def test_what_cancels_a_timer_that_is_never_set_by_then_is_warned_of() -> None:
    text = changed(("when: [open, overdue]", "when: [overdue]"))
    message = "DueBack is never set when close is called: do not cancel it"
    assert warnings(text) == [(line_of(text, "cancels:"), message)]


def test_what_a_timer_sets_to_a_moment_that_may_be_over_is_warned_of() -> None:
    text = changed(
        ("becomes: overdue", "sets: {DueBack: due_at}"), ("[open, overdue,", "[open, overdue,")
    )
    text = text.replace("values: [open, overdue, closed]", "values: [open, closed]")
    text = text.replace("when: [open, overdue]", "when: [open]")
    message = (
        "due_at may be over when DueBack calls call_overdue, and then DueBack cannot be set: "
        "write a duration"
    )
    assert (line_of(text, "due_at}"), message) in warnings(text)


def test_a_parameter_that_a_timer_waits_for_is_not_lost() -> None:
    assert not any("until" in message for _, message in warnings(MODEL))
