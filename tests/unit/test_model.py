"""A model is right, or each of its mistakes is named by its line."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from workflow.cli import main
from workflow.discovery.reading import read_model
from workflow.discovery.resolving import model_in
from workflow.discovery.source import BadModel, Source

LENDING = Path(__file__).parents[2] / "docs/workflow/lending.yaml"

RIGHT = """\
context: lending
enumerations:
  State: {description: Where it stands, values: [open, closed]}
aggregates:
  Loan:
    description: A book in the hands of a member
    attributes:
      book_id: identifier
      state_note: text(40)?
      status: State
    events:
      LoanOpened: {description: It began, tells: [book_id]}
      LoanClosed: {description: It is over}
    behaviors:
      open_up:
        {description: Begin, creates: true, takes: [book_id], becomes: open, records: LoanOpened}
      close: {description: End, when: [open], becomes: closed, records: LoanClosed}
    commands:
      OpenLoan: {behavior: open_up}
      CloseLoan: {behavior: close}
    queries:
      GetLoan: {returns: one}
      ListLoans: {returns: page, filters: [status], order: [book_id]}
"""


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(BadModel) as refusal:
        model_in(Source(text, "model.yaml"))
    return [(fault.line, fault.message) for fault in refusal.value.faults]


def line_of(text: str, sign: str) -> int:
    return next(at for at, line in enumerate(text.splitlines(), 1) if sign in line)


def test_the_example_is_right() -> None:
    model = model_in(Source(LENDING.read_text(), "lending.yaml"))
    assert [each.name for each in model.aggregates] == ["Book", "Member", "Loan"]


def test_a_short_model_is_enough() -> None:
    (loan,) = model_in(Source(RIGHT, "model.yaml")).aggregates
    assert [(each.method, each.path) for each in loan.commands] == [
        ("POST", "/loans"),
        ("POST", "/loans/{id}/close"),
    ]
    assert [each.wire_type for each in loan.events] == [
        "lending.loan.opened.v1",
        "lending.loan.closed.v1",
    ]


@pytest.mark.parametrize(
    ("old", "new", "sign", "message"),
    [
        ("records: LoanClosed", "records: LoanOpened", "LoanClosed:", "nobody raises LoanClosed"),
        ("records: LoanClosed", "records: LoanLost", "LoanLost", "has no event LoanLost"),
        ("CloseLoan: {behavior: close}", "CloseLoan: {}", "CloseLoan:", "has no behaviour"),
        ("{behavior: close}", "{behavior: shut}", "shut", "no behaviour shut"),
        ("text(40)?", "string", "string", "unknown type string"),
        ("text(40)?", "text(0)", "text(0)", "one bound"),
        ("text(40)?", "text(40)", "state_note", "leaves state_note open"),
        ("[open, closed]", "[open, open]", "values:", "non-unique"),
        ("when: [open]", "when: [closed]", "when: [closed]", "no behaviour leads to closed"),
        ("when: [open]", "when: [lost]", "when: [lost]", "State has no value lost"),
        ("creates: true, ", "", "behaviors:", "no behaviour creates Loan"),
        ("tells: [book_id]", "tells: [colour]", "colour", "neither an attribute nor taken"),
        ("order: [book_id]", "order: [state_note]", "ListLoans", "always there"),
        ("filters: [status]", "filters: [colour]", "colour", "Loan has no colour"),
        ("CloseLoan:", "closeLoan:", "closeLoan", "CamelCase"),
        ("state_note: text", "version: text", "version:", "taken by Python or by the"),
        ("close: {desc", "open_up: {desc", "open_up: {description: End", "stands here twice"),
        ("queries:", "querys:", "querys", "knows no 'querys'"),
        ("{returns: one}", "{returns: two}", "two", "one or page"),
        ("context: lending", "context: Lending Desk", "context", "one word of small letters"),
        ("    events:", "   events:", "   events:", "no YAML"),
        ("[open, closed]", "[open, text(4)?]", "text(4)?", '(inside braces, quote it: "text(4)?")'),
        ("{behavior: close}", "{behavior: close?}", "close?", 'quote it: "close?")'),
    ],
)
def test_each_mistake_is_named_by_its_line(old: str, new: str, sign: str, message: str) -> None:
    text = RIGHT.replace(old, new)
    assert text != RIGHT
    found = faults(text)
    assert any(message in told for _, told in found), found
    assert line_of(text, sign) in [line for line, told in found if message in told], found


@pytest.mark.parametrize("text", ["", "- a\n- b", "context: [", "a: &x [*x]", "\t"])
def test_what_is_no_model_is_refused_in_a_line(text: str) -> None:
    assert faults(text)


MORE = """\
  {name}:
    description: Another
    collection: {collection}
    attributes: {{note: text(40)}}
    events:
      {name}Noted: {{description: It is noted, tells: [note]}}
    behaviors:
      note_down: {{description: Note it, creates: true, takes: [note], records: {name}Noted}}
    commands:
      Note{name}: {{behavior: note_down}}
"""


@pytest.mark.parametrize(
    ("name", "collection", "message"),
    [
        ("Request", "requests", "chalicelib/api/requests.py is there already"),
        ("Problem", "problems", "chalicelib/api/problems.py is there already"),
        ("Doc", "docs", "chalicelib/api/docs is there already"),
        ("Model", "models", "chalicelib/domain/model.py is there already"),
        ("Token", "tokens", "tests/support/tokens.py is there already"),
        ("Mongo", "mongos", "mongo/mongo_repository.py is there already"),
        ("Setting", "settings", "the service has settings already"),
        ("Secret", "cursor_secret", "the service has cursor_secret already"),
        ("View", "views", "taken by Python or by the foundation"),
        ("Credit", "loans", "the name Loans is taken twice"),
        ("LoanView", "loan_views", "the name LoanView is taken twice"),
        ("LoanStateNote", "loan_notes", "the name LoanStateNote is taken twice"),
    ],
)
def test_an_aggregate_has_names_of_its_own(name: str, collection: str, message: str) -> None:
    text = RIGHT + MORE.format(name=name, collection=collection)
    lines = {line for line, told in faults(text) if message in told}
    assert lines, faults(text)
    assert lines <= {line_of(text, "Loan:"), line_of(text, f"  {name}:")}


def test_what_was_scaffolded_before_is_the_models_own() -> None:
    text = RIGHT + MORE.format(name="Order", collection="orders")
    assert model_in(Source(text, "model.yaml")).aggregates[1].name == "Order"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("CloseLoan: {", "Send: {", "the name send is taken"),
        ("GetLoan: {", "Pages: {", "taken by Python or by the foundation"),
        ("GetLoan: {", "Loans: {", "the name Loans is taken twice"),
    ],
)
def test_a_message_has_a_name_that_client_and_handlers_lack(
    old: str, new: str, message: str
) -> None:
    text = RIGHT.replace(old, new)
    told = [each for line, each in faults(text) if line == line_of(text, new)]
    assert any(message in each for each in told), faults(text)


EXPIRED = """\
  {service}.loan.expired.v1:
    description: It ends
    attributes: {{loan_id: identifier}}
    behavior: Loan.close
    identifier: loan_id
"""


def test_two_subscriptions_have_two_classes() -> None:
    both = [EXPIRED.format(service=service) for service in ("desk", "calendar")]
    text = "".join([RIGHT, "subscriptions:\n", *both])
    told = (line_of(text, "calendar.loan.expired.v1"), "the name LoanExpiredV1 is taken twice")
    assert faults(text) == [told]


def test_a_service_of_others_is_called_as_no_aggregate_is() -> None:
    operations = "operations: {send: {description: Send it, request: POST /letters}}"
    text = f"{RIGHT}external_services:\n  Loans: {{description: Theirs, {operations}}}\n"
    assert [told for _, told in faults(text)] == ["the name Loans is taken twice"]


def test_a_model_of_another_service_is_looked_at_but_not_built(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(LENDING.parents[2])
    with pytest.raises(BadModel, match="this tree is the service 'ordering'"):
        read_model(LENDING)
    assert read_model(LENDING, of_any_service=True).context == "lending"
    assert (
        capsys.readouterr().out == "warning: this tree is the service 'ordering', not 'lending'\n"
    )


@pytest.mark.parametrize(
    "words", [["scaffold", "aggregate", "Loan", "--model", str(LENDING)], ["discover", "--ask"]]
)
def test_outside_of_a_services_folder_one_line_says_so(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(main, words)
    assert ended.exit_code == 1
    assert ended.output.startswith("error: .chalice/config.json cannot be read")
    assert len(ended.output.splitlines()) == 1
