"""A model says whose each aggregate is, and what it takes from the caller."""

import json
from pathlib import Path

import pytest

from carafe.development.discovery.model import Aggregate
from carafe.development.discovery.reading import model_of
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.scaffold.details import detailed
from tests.support.loan_model import MODEL, faults, line_of

MEMBERS = "book_id: identifier\n      member_id: identifier"
OWNED = (
    MODEL.replace("shared: true", "owner: member_id")
    .replace("book_id: identifier", MEMBERS)
    .replace("takes: [book_id]", "takes: [book_id, member_id]")
)
CLOSED_BY = 'member_id: identifier\n      closed_by: {type: "identifier?", from: caller}'
CLOSED = OWNED.replace("member_id: identifier", CLOSED_BY).replace(
    "description: End,", "description: End, takes: [closed_by],"
)


def loan(text: str) -> Aggregate:
    (aggregate,) = resolve(Source(text, "model.yaml")).aggregates
    return aggregate


def test_an_aggregate_is_owned_or_shared() -> None:
    owned, shared = loan(OWNED), loan(MODEL)
    assert owned.owner is not None
    assert (owned.owner.name, owned.is_shared) == ("member_id", False)
    assert (shared.owner, shared.is_shared) == (None, True)


def test_no_command_has_the_caller_as_a_field() -> None:
    open_loan, close_loan = loan(CLOSED).commands
    assert [each.name for each in open_loan.takes] == ["book_id"]
    assert [each.name for each in open_loan.behavior.takes] == ["book_id", "member_id"]
    assert [each.name for each in close_loan.takes] == []
    assert [each.name for each in close_loan.behavior.takes] == ["closed_by"]


def test_an_owner_that_is_taken_with_its_type_is_still_the_caller() -> None:
    text = OWNED.replace("[book_id, member_id]", "[book_id, member_id: identifier]")
    assert [each.name for each in loan(text).commands[0].takes] == ["book_id"]


@pytest.mark.parametrize(
    ("text", "sign", "message"),
    [
        (MODEL.replace("    shared: true\n", ""), "Loan:", "whose is Loan? Write `owner: ` and"),
        (OWNED + "    shared: true\n", "owner:", "owned or shared, not both: remove one"),
        (OWNED.replace("owner: member_id", "owner: member"), "owner:", "Loan has no attribute mem"),
        (OWNED.replace("owner: member_id", "owner: status"), "status:", "status cannot hold the"),
        (
            OWNED.replace("member_id: identifier", "member_id: list of identifier"),
            "member_id:",
            "member_id cannot hold the caller: its type must be a single identifier",
        ),
        (
            OWNED.replace("member_id: identifier", 'member_id: "identifier?"'),
            "owner:",
            "member_id cannot be the owner: it must be always there, and not unique",
        ),
        (
            OWNED.replace("member_id: identifier", "member_id: {type: identifier, unique: true}"),
            "owner:",
            "member_id cannot be the owner",
        ),
        (
            OWNED.replace("description: End,", "description: End, takes: [member_id],"),
            "close:",
            "close takes member_id, but the owner is whoever created the Loan, for good",
        ),
        (CLOSED.replace("identifier?", "text(9)?"), "closed_by:", "closed_by cannot hold"),
        (CLOSED.replace("from: caller", "from: token"), "closed_by:", "from: caller"),
        (OWNED.replace("owner: member_id", "shared: false"), "shared:", "True was expected"),
    ],
)
def test_each_fault_is_reported_with_its_line(text: str, sign: str, message: str) -> None:
    assert [line for line, fault in faults(text) if message in fault] == [line_of(text, sign)]


def test_what_nobody_calls_is_nobodys() -> None:
    text = MODEL.replace("    shared: true\n", "")
    assert loan(text[: text.index("    commands:")]).owner is None


def test_pages_have_indexes_for_owners_and_for_operators() -> None:
    model = resolve(Source(OWNED.replace("[status]", "[status, member_id]"), "model.yaml"))
    assert [each.fields for each in detailed(model.aggregates[0], model).indexes] == [
        ("member_id", "book_id", "id"),
        ("book_id", "id"),
        ("status", "book_id", "id"),
    ]


@pytest.fixture
def _service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is a service as far as models go."""
    monkeypatch.chdir(tmp_path)
    for part in ("chalicelib", ".chalice"):
        Path(part).mkdir()
    Path(".chalice/config.json").write_text(json.dumps({"app_name": "lending"}))


@pytest.mark.usefixtures("_service")
def test_a_sketch_is_shared_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    (shelf,) = model_of(Path("none"), "aggregate", "Shelf", ["room=text(40)"]).aggregates
    assert shelf.is_shared
    assert "Shelf is shared, everybody with the scope sees and changes all" in (
        capsys.readouterr().out
    )


@pytest.mark.usefixtures("_service")
def test_a_sketch_with_an_owner_is_its_callers(capsys: pytest.CaptureFixture[str]) -> None:
    attributes = ["room=text(40)", "keeper_id=owner"]
    (shelf,) = model_of(Path("none"), "aggregate", "Shelf", attributes).aggregates
    assert shelf.owner is not None
    assert shelf.owner.name == "keeper_id"
    assert [each.name for each in shelf.commands[0].takes] == ["room"]
    assert capsys.readouterr().out == ""
