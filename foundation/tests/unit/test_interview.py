"""The interview writes a model from the answers; a wrong answer is asked for again."""

import shutil
from pathlib import Path

import pytest

from carafe.development.discovery import source
from carafe.development.scaffold.pictures import CODE
from tests.support.interviews import ask, make_service, model
from tests.support.places import ROOT
from tests.support.rental_model import AGGREGATE, RIGHT, WHOLE

FILE = Path("model.yaml")


@pytest.fixture(autouse=True)
def _service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_service(tmp_path)


def test_an_interview_writes_a_whole_model() -> None:
    assert model(ask(WHOLE, "--dry-run").output) == RIGHT
    assert not FILE.exists()


def test_the_model_of_an_interview_has_no_faults() -> None:
    """In the tree of this service: pictures are drawn from its code."""
    for part in CODE:
        shutil.rmtree(part)
    for part in (*CODE, "pyproject.toml", ".env.example"):
        Path(part).symlink_to(ROOT / part)
    result = ask(WHOLE)
    assert result.exit_code == 0, result.output
    assert "nothing sets notes: let a behaviour of Rental do so" in result.output
    assert "model.yaml: 1 aggregate, no faults" in result.output
    assert "| call_overdue | Note that it lasts." in Path("diagrams/behaviors.md").read_text()


def test_an_editor_finds_the_schema_of_a_foundation_installed_in_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / ".venv/lib/carafe/model.schema.json"
    installed.parent.mkdir(parents=True)
    installed.write_bytes(source.SCHEMA.read_bytes())
    monkeypatch.setattr(source, "SCHEMA", installed)
    Path("models").mkdir()
    for file in (FILE, Path("models/model.yaml")):
        ask(WHOLE, str(file))
        mark, _, schema = file.read_text().splitlines()[0].partition("=")
        assert mark == "# yaml-language-server: $schema"
        assert (file.parent / schema).samefile(installed)


def test_a_schema_elsewhere_on_this_machine_is_not_named() -> None:
    ask(WHOLE)
    assert FILE.read_text().startswith("context: lending\n")


@pytest.mark.parametrize(
    ("before", "wrong", "message"),
    [
        ("Rental", ["rental"], "'rental' does not fit; needed: a name in CamelCase"),
        ("Rental", ["Money"], "The name Money is taken by Python or by the foundation."),
        ("Rental", ["Rental2"], "letters only"),
        (
            "a book in the hands of a member",
            [""],
            "An empty answer does not fit; needed: a sentence of 3",
        ),
        ("a book in the hands of a member", ['a "book"'], "without quotation marks"),
        ("a book in the hands of a member", ["a" * 80], "needed: a sentence of 3 to 80"),
        ("book_id", [""], "An empty answer does not fit; needed: a name in snake_case"),
        ("book_id", ["bookId"], "'bookId' does not fit; needed: a name in snake_case"),
        ("book_id", ["id"], "The name id is taken"),
        ("book_id", ["rental"], "The name rental is taken"),
        ("identifier", ["text(1..2)"], "a text has one bound"),
        ("identifier", ["int"], "There is no type int; there are text, integer"),
        ("identifier", ["Rental"], "Rental is an aggregate: hold its id, an identifier."),
        ("identifier", ["GetRental"], "The name GetRental is taken in this model."),
        ("identifier", ["Statsu", ""], "Statsu is new"),
        ("shelf", ["book_id"], "There is book_id already."),
        ("value", ["class"], "There is no class; there are enumeration, value, entity."),
        ("Side", ["Shelf"], "Shelf would contain itself."),
        ("left right", [""], "An enumeration has at least one value."),
        ("left right", ["Left"], "'Left' does not fit; needed: lowercase letters"),
        ("status lent overdue", ["condition"], "There is no condition; there are status."),
        ("status lent overdue", ["status gone"], "There is no gone; there are lent, overdue, back"),
        ("status lent overdue", ["status"], "Add some, not all, of the values of status: lent"),
        ("status lent overdue", ["status lent overdue back"], "Add some, not all, of the values"),
        ("rent", [""], "An empty answer does not fit; needed: lowercase letters"),
        ("rent", ["status"], "The name status is taken"),
        ("call_overdue", ["rent"], "There is rent already."),
        ("RentalOpened", ["Shelf"], "The name Shelf is taken in this model."),
        ("RentalOpened", ["RentalOpened2"], "letters only"),
        ("RentBook", ["RentalOpened"], "The name RentalOpened is taken in this model."),
        ("RentalOverdue", ["rental overdue"], "needed: a name in CamelCase"),
        ("lent overdue", ["back"], "There is no back; there are lent, overdue."),
        ("overdue", ["late"], "There is no late; there are lent, overdue, back."),
        ("ReturnDue", ["RentBook"], "The name RentBook is taken in this model."),
        ("the book should be back", [""], "An empty answer does not fit; needed: a sentence"),
        ("21 days", [""], "An empty answer is no duration, such as 21 days."),
        ("21 days", ["soon"], "'soon' is not a duration; examples: 30 minutes, 1 day 12 hours."),
        ("21 days", ["3 months"], "months has no fixed length: a duration has weeks, days"),
        ("21 days", ["3 dyas"], "minutes, seconds; did you mean 'days'?\n"),
        ("-book_id", ["shelf"], "There is no shelf; there are book_id."),
        ("-book_id", ["-book_id book_id"], "An order has one direction"),
        ("Couriers", ["Rental"], "The name Rental is taken in this model."),
        ("send", [""], "An empty answer does not fit; needed: lowercase letters"),
        ("send", ["key"], "The name key is taken"),
        ("POST /letters", ["/letters"], "needed: a method and a path, such as POST /letters"),
        ("post.parcel.arrived.v1", ["parcel"], "needed: a wire type"),
        ("post.parcel.arrived.v1", ["lending.rental.opened.v1"], "an event of this service itself"),
        (
            "Rental.close",
            ["Rental.rent"],
            "There is no Rental.rent; there are Rental.call_overdue, Rental.",
        ),
        ("sender", ["rental_id"], "There is rental_id already."),
    ],
)
def test_a_wrong_answer_is_asked_for_again(before: str, wrong: list[str], message: str) -> None:
    at = WHOLE.index(before)
    output = ask([*WHOLE[:at], *wrong, *WHOLE[at:]], "--dry-run").output
    assert message in output
    assert model(output) == RIGHT


def test_a_request_without_a_body_takes_nothing() -> None:
    services = ["Couriers", "sends letters", "ping", "ask", "GET /ping", "", "", ""]
    parsed = model(ask([*AGGREGATE, *services, ""], "--dry-run").output)
    (operation,) = parsed.external_services[0].operations
    assert (operation.method, operation.takes, operation.returns) == ("GET", (), ())


def test_what_stands_in_the_path_of_a_request_is_taken() -> None:
    request = ["GET /letters/{letter_id}", "identifier", "", "", ""]
    services = ["Couriers", "sends letters", "find", "ask", *request]
    parsed = model(ask([*AGGREGATE, *services, ""], "--dry-run").output)
    (operation,) = parsed.external_services[0].operations
    assert [(each.name, each.type.name) for each in operation.takes] == [
        ("letter_id", "identifier")
    ]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("book_id", "This leaves shelf open: add it."),
        ("book_id, shelv", "There is no shelv; there are book_id, shelf, notes, condition."),
    ],
)
def test_a_creation_takes_all_required_attributes(wrong: str, message: str) -> None:
    at = WHOLE.index("rent") + 2
    output = ask([*WHOLE[:at], wrong, *WHOLE[at:]], "--dry-run").output
    assert message in output
    assert model(output) == RIGHT
