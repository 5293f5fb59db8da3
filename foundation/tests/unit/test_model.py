"""A model is right, or each of its mistakes is named by its line."""

import ast
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from carafe.development.cli import main
from carafe.development.discovery import words
from carafe.development.discovery.reading import read_model
from carafe.development.discovery.resolving import model_in
from carafe.development.discovery.source import SCHEMA, BadModel, Source

ROOT = Path(__file__).parents[3]
LENDING = ROOT / "foundation/carafe/development/pages/lending.yaml"

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
        ("order: [book_id]", "order: [book_id, -book_id]", "ListLoans", "in one direction"),
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


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory is a service with code and tests of its own."""
    shutil.copytree(ROOT / "chalicelib", tmp_path / "chalicelib")
    shutil.copy2(ROOT / ".env.example", tmp_path)
    for name in (
        "tests/support/tokens.py",
        "chalicelib/infrastructure/repositories/backup_repository.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('"""Something else."""\n')
    monkeypatch.chdir(tmp_path)


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
        ("Wire", "wiring", "chalicelib/api/wiring.py is there already"),
        ("Delivery", "orders", "chalicelib/api/orders is there already"),
        ("Payments", "payings", "chalicelib/domain/payments.py is there already"),
        ("Token", "tokens", "tests/support/tokens.py is there already"),
        ("Backup", "backups", "repositories/backup_repository.py is there already"),
        ("Handling", "handlers", "chalicelib/api/wiring.py has handlers already"),
        ("Clerk", "service", "chalicelib/api/wiring.py has service already"),
        ("Moment", "moments", "taken by Python or by the foundation"),
        ("Settings", "settings", "taken by Python or by the foundation"),
        ("View", "views", "taken by Python or by the foundation"),
        ("Credit", "loans", "the name Loans is taken twice"),
        ("LoanView", "loan_views", "the name LoanView is taken twice"),
        ("LoanStateNote", "loan_notes", "the name LoanStateNote is taken twice"),
    ],
)
@pytest.mark.usefixtures("tree")
def test_an_aggregate_has_names_of_its_own(name: str, collection: str, message: str) -> None:
    text = RIGHT + MORE.format(name=name, collection=collection)
    lines = {line for line, told in faults(text) if message in told}
    assert lines, faults(text)
    assert lines <= {line_of(text, "Loan:"), line_of(text, f"  {name}:")}


@pytest.mark.usefixtures("tree")
def test_a_folder_from_which_code_was_taken_out_is_free() -> None:
    left = Path("chalicelib/api/keys/__pycache__/routes.cpython-311.pyc")
    left.parent.mkdir(parents=True)
    left.touch()
    text = RIGHT + MORE.format(name="Key", collection="keys")
    assert model_in(Source(text, "model.yaml")).aggregates[1].collection == "keys"


@pytest.mark.usefixtures("tree")
def test_what_was_scaffolded_before_is_the_models_own() -> None:
    text = RIGHT + MORE.format(name="Order", collection="orders")
    assert model_in(Source(text, "model.yaml")).aggregates[1].name == "Order"


def test_no_class_is_called_as_one_that_the_service_imports() -> None:
    places = [*ROOT.glob("chalicelib/contracts/*.py"), *ROOT.glob("chalicelib/api/*.py")]
    places += ROOT.glob("chalicelib/infrastructure/*.py")
    imports = {
        name
        for place in places
        for node in ast.walk(ast.parse(place.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("carafe")
        for name in (alias.name for alias in node.names)
        if name[0].isupper()
    }
    assert {"Moment", "Operation", "Published", "Service", "Upcaster"} <= imports
    assert imports - words.CLASSES - words.IMPORTED == set()


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


def test_a_request_without_a_body_takes_nothing() -> None:
    operations = "{ping: {description: Ask it, request: GET /ping, takes: {loan_id: identifier}}}"
    text = f"{RIGHT}external_services:\n  Post: {{description: Theirs, operations: {operations}}}\n"
    told = "a GET has no body: ping takes nothing, or is a POST"
    assert faults(text) == [(line_of(text, "Post:"), told)]


def test_a_service_of_others_is_called_as_no_aggregate_is() -> None:
    operations = "operations: {send: {description: Send it, request: POST /letters}}"
    text = f"{RIGHT}external_services:\n  Loans: {{description: Theirs, {operations}}}\n"
    assert [told for _, told in faults(text)] == ["the name Loans is taken twice"]


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Payments", "chalicelib/domain/payments.py is there already and has no class Payments"),
        ("PaymentGateway", "external_services/payment_gateway.py is there already"),
        ("Rabbitmq", "the service has a setting RABBITMQ_URL already"),
        ("AwsEndpoint", "the service has a setting AWS_ENDPOINT_URL already"),
    ],
)
def test_a_service_of_others_has_names_of_its_own(name: str, message: str) -> None:
    operations = "operations: {send: {description: Send it, request: POST /letters}}"
    text = f"{RIGHT}external_services:\n  {name}: {{description: Theirs, {operations}}}\n"
    if name == "Rabbitmq":
        Path(".env.example").unlink()  # a setting of the foundation's all the same
    if name == "PaymentGateway":  # it has a domain's name for the port, but no file for it
        (Path("chalicelib/domain") / "payment_gateway.py").write_text("class PaymentGateway: ...")
        adapter = Path("chalicelib/infrastructure/external_services/payment_gateway.py")
        adapter.write_text("class SoapPaymentGateway: ...\n")
    line = line_of(text, f"  {name}:")
    assert any(message in told for at, told in faults(text) if at == line), faults(text)


def test_a_model_of_another_service_is_looked_at_but_not_built(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(BadModel, match="this tree is the service 'ordering'"):
        read_model(LENDING)
    assert read_model(LENDING, of_any_service=True).context == "lending"
    assert (
        capsys.readouterr().out == "warning: this tree is the service 'ordering', not 'lending'\n"
    )


def test_the_example_is_one_of_the_service_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    printed = CliRunner().invoke(main, ["discover", "--example"])
    schema, _, text = printed.output.partition("\n")
    assert Path(schema.removeprefix("# yaml-language-server: $schema=")).samefile(SCHEMA)
    model = model_in(Source(text, "model.yaml"))
    assert model.context == "ordering"
    assert [each.name for each in model.aggregates] == ["Book", "Member", "Loan"]


@pytest.mark.parametrize(
    "words", [["scaffold", "aggregate", "Loan", "--model", str(LENDING)], ["discover", "--ask"]]
)
def test_outside_of_a_services_folder_one_line_says_so(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(main, words)
    assert ended.exit_code == 1
    assert ended.output.startswith("error: this is no service's folder")
    assert len(ended.output.splitlines()) == 1
