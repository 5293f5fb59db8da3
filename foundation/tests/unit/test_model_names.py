"""A model's names are its own: no name twice, none of Python's, the foundation's or the tree's."""

import ast
import shutil
from pathlib import Path

import pytest

from carafe.development.discovery import reserved_names
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from tests.support.loan_model import MODEL, faults, line_of
from tests.support.places import ROOT


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
    shared: true
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
        ("Wire", "wiring", "chalicelib/api/wiring.py exists"),
        ("Delivery", "orders", "chalicelib/api/orders exists"),
        ("Payments", "payings", "chalicelib/domain/payments.py exists"),
        ("Token", "tokens", "tests/support/tokens.py exists"),
        ("Backup", "backups", "repositories/backup_repository.py exists"),
        ("Handling", "handlers", "chalicelib/api/wiring.py already uses the name handlers"),
        ("Clerk", "service", "chalicelib/api/wiring.py already uses the name service"),
        ("Moment", "moments", "taken by Python or by the foundation"),
        ("Settings", "settings", "taken by Python or by the foundation"),
        ("View", "views", "taken by Python or by the foundation"),
        ("Path", "paths", "the name Path is taken by Python or by the foundation"),
        ("Testimony", "testimonies", "pytest takes Testimony for tests"),
        ("Credit", "loans", "the name Loans is taken twice"),
        ("LoanView", "loan_views", "the name LoanView is taken twice"),
        ("LoanStateNote", "loan_notes", "the name LoanStateNote is taken twice"),
    ],
)
@pytest.mark.usefixtures("tree")
def test_an_aggregate_has_names_of_its_own(name: str, collection: str, message: str) -> None:
    text = MODEL + MORE.format(name=name, collection=collection)
    lines = {line for line, fault in faults(text) if message in fault}
    assert lines, faults(text)
    assert lines <= {line_of(text, "Loan:"), line_of(text, f"  {name}:")}


@pytest.mark.parametrize(
    ("name", "collection", "message"),
    [
        ("Range", "ranges", "Python needs the name range itself: call Range otherwise"),
        ("Event", "happenings", "the name Event is taken by Python or by the foundation"),
        ("Self", "selves", "the name Self is taken by Python or by the foundation"),
        ("ShownAs", "shown", "the name ShownAs is taken by Python or by the foundation"),
        ("Worth", "values", "the collection values is taken: choose another"),
    ],
)
def test_an_aggregate_leaves_the_generated_code_its_names(
    name: str, collection: str, message: str
) -> None:
    text = MODEL + MORE.format(name=name, collection=collection)
    assert message in {fault for _, fault in faults(text)}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "state_note: text(40)?",
            "datetime: moment?",
            "the name datetime is taken by Python or by the foundation",
        ),
        ("state_note: text", "page: text", "the name LoanPage is taken twice"),
        *(
            (
                "state_note: text",
                f"{name}: text",
                f"the name {name} is taken by Python or by the foundation",
            )
            for name in ("self", "cls", "each_text", "loan_id", "to_domain")
        ),
        *(
            (
                "description: End, when: [open]",
                f"description: End, takes: [{name}: text(9)], when: [open]",
                f"the name {name} is taken by Python or by the foundation",
            )
            for name in ("scope", "wire_name", "loan", "loan_id")
        ),
        (
            "description: End, when: [open]",
            "description: End, takes: [note: text(9)], when: [open]",
            "note of close looks like the attribute close_note in code: take that, or rename it",
        ),
        (
            "aggregates:",
            "values:\n  Remark: {description: It., attributes: {remark: text(9)}}\naggregates:",
            "Remark is the value itself: call the attribute something else",
        ),
    ],
)
def test_an_attribute_leaves_the_generated_code_its_names(old: str, new: str, message: str) -> None:
    text = MODEL.replace(old, new).replace("state_note", "close_note")
    assert [fault for _, fault in faults(text)] == [message]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("limit", "filters: [status]", "filters: [status, limit]"),
        ("cursor", "filters: [status]", "filters: [status, cursor]"),
        ("publisher", "tells: [book_id]", "tells: [book_id, publisher]"),
        ("wire_type", "tells: [book_id]", "tells: [book_id, wire_type]"),
    ],
)
def test_an_attribute_is_refused_only_where_it_would_hide_another(
    name: str, old: str, new: str
) -> None:
    text = MODEL.replace("state_note: text", f"{name}: text")
    resolve(Source(text, "model.yaml"))  # as an attribute it may have that name
    message = f"the name {name} is taken by Python or by the foundation"
    assert [fault for _, fault in faults(text.replace(old, new))] == [message]


ANSWERING = """\
external_services:
  Post:
    description: Theirs
    operations: {{ask: {{description: Ask it, request: GET /it, returns: {{{name}: moment}}}}}}
"""


@pytest.mark.parametrize("name", ["class", "datetime"])
def test_an_answer_has_fields_that_a_class_can_have(name: str) -> None:
    assert resolve(Source(MODEL + ANSWERING.format(name="id"), "model.yaml")).external_services
    message = f"the name {name} is taken by Python or by the foundation"
    assert [each for _, each in faults(MODEL + ANSWERING.format(name=name))] == [message]


@pytest.mark.usefixtures("tree")
def test_a_folder_without_code_is_no_conflict() -> None:
    left = Path("chalicelib/api/keys/__pycache__/routes.cpython-311.pyc")
    left.parent.mkdir(parents=True)
    left.touch()
    text = MODEL + MORE.format(name="Key", collection="keys")
    assert resolve(Source(text, "model.yaml")).aggregates[1].collection == "keys"


@pytest.mark.usefixtures("tree")
def test_what_was_scaffolded_before_is_no_conflict() -> None:
    text = MODEL + MORE.format(name="Order", collection="orders")
    assert resolve(Source(text, "model.yaml")).aggregates[1].name == "Order"


def test_every_class_that_the_service_imports_is_reserved() -> None:
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
    assert imports - reserved_names.CLASSES - reserved_names.IMPORTED == set()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("CloseLoan: {", "Send: {", "the name send is taken"),
        ("CloseLoan: {", "Owner: {", "the name owner is taken"),
        ("GetLoan: {", "Pages: {", "taken by Python or by the foundation"),
        ("GetLoan: {", "Loans: {", "the name Loans is taken twice"),
    ],
)
def test_a_message_cannot_have_the_name_of_a_method_of_clients_or_handlers(
    old: str, new: str, message: str
) -> None:
    text = MODEL.replace(old, new)
    messages = [each for line, each in faults(text) if line == line_of(text, new)]
    assert any(message in each for each in messages), faults(text)


EXPIRED = """\
  {service}.loan.expired.v1:
    description: It ends
    attributes: {{loan_id: identifier}}
    behavior: Loan.close
    identifier: loan_id
"""


def test_two_subscriptions_have_two_classes() -> None:
    both = [EXPIRED.format(service=service) for service in ("desk", "post")]
    text = "".join([MODEL, "subscriptions:\n", *both])
    line = line_of(text, "post.loan.expired.v1")
    assert faults(text) == [(line, "the name LoanExpiredV1 is taken twice")]


def test_an_external_service_cannot_have_the_name_of_an_aggregate() -> None:
    operations = "operations: {send: {description: Send it, request: POST /letters}}"
    text = f"{MODEL}external_services:\n  Loans: {{description: Theirs, {operations}}}\n"
    assert [fault for _, fault in faults(text)] == ["the name Loans is taken twice"]


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Payments", "chalicelib/domain/payments.py exists and has no class Payments"),
        ("PaymentGateway", "external_services/payment_gateway.py exists"),
        ("Rabbitmq", "the service already has a setting RABBITMQ_URL"),
        ("AwsEndpoint", "the service already has a setting AWS_ENDPOINT_URL"),
    ],
)
def test_an_external_service_has_names_of_its_own(name: str, message: str) -> None:
    operations = "operations: {send: {description: Send it, request: POST /letters}}"
    text = f"{MODEL}external_services:\n  {name}: {{description: Theirs, {operations}}}\n"
    if name == "Rabbitmq":
        Path(".env.example").unlink()  # a setting of the foundation's all the same
    if name == "PaymentGateway":  # it has a domain's name for the port, but no file for it
        (Path("chalicelib/domain") / "payment_gateway.py").write_text("class PaymentGateway: ...")
        adapter = Path("chalicelib/infrastructure/external_services/payment_gateway.py")
        adapter.write_text("class SoapPaymentGateway: ...\n")
    line = line_of(text, f"  {name}:")
    assert any(message in fault for at, fault in faults(text) if at == line), faults(text)


@pytest.mark.usefixtures("tree")
def test_a_module_in_another_encoding_is_compared() -> None:
    Path("chalicelib/domain/loan.py").write_bytes(b"# \xff\n")
    assert "has no class Loan" in faults(MODEL)[0][1]
