"""A model that was asked for says what was answered; a wrong answer is asked again."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from carafe.development import INTERRUPTED
from carafe.development.cli import main
from carafe.development.discovery import source
from carafe.development.discovery.model import Model
from carafe.development.discovery.resolving import model_in
from carafe.development.discovery.source import Source
from carafe.development.scaffold.pictures import CODE

FILE = Path("model.yaml")

MODEL = """\
context: lending
enumerations:
  Side: {description: Which side., values: [left, right]}
  Status: {description: Where it stands., values: [lent, overdue, back]}
values:
  Shelf: {description: Where a book stands., attributes: {room: text(40), side: Side}}
entities:
  Note: {description: What somebody wrote., attributes: {text: text(100)}}
aggregates:
  Rental:
    description: A book in the hands of a member.
    attributes:
      book_id: identifier
      shelf: Shelf
      notes: list of Note
      condition: text(200)?
      status: Status
    events:
      RentalOpened: {description: It began., tells: [book_id, shelf]}
      RentalOverdue: {description: It lasts too long.}
      RentalClosed: {description: It is over., tells: [condition]}
    behaviors:
      rent: {description: Begin., creates: true, takes: [book_id, shelf], becomes: lent,
             records: RentalOpened}
      call_overdue: {description: Note that it lasts., when: [lent], becomes: overdue,
                     records: RentalOverdue}
      close: {description: End., takes: [condition], when: [lent, overdue], becomes: back,
              records: RentalClosed}
      forget: {description: Remove., deletes: true, when: [back], records: RentalClosed}
    commands:
      RentBook: {behavior: rent}
      CloseRental: {behavior: close}
      ForgetRental: {behavior: forget}
    queries:
      GetRental: {returns: one}
      ListRentals: {returns: page, filters: [status], order: [-book_id]}
external_services:
  Couriers:
    description: Sends letters.
    operations:
      send:
        description: Send one.
        request: POST /letters
        takes: {text: text(500)}
        returns: {letter_id: identifier}
subscriptions:
  post.parcel.arrived.v1:
    description: A parcel with a book came.
    attributes: {rental_id: identifier, condition: text(200), sender: text(100)}
    behavior: Rental.close
    identifier: rental_id
"""
RIGHT = model_in(Source(MODEL, "written"))

AGGREGATE = [
    *("Rental", "a book in the hands of a member"),
    *("book_id", "identifier"),
    *("shelf", "Shelf", "value", "where a book stands", "room", "text(40)"),
    *("side", "Side", "enumeration", "which side", "left right", ""),
    *("notes", "list of Note", "entity", "what somebody wrote", "text", "", ""),
    *("condition", "text(200)?"),
    *("status", "Status", "enumeration", "where it stands", "lent overdue back"),
    "",
    *("rent", "begin", "", "", "RentalOpened", "it began", "RentBook"),
    *("call_overdue", "note that it lasts", "", "", "lent", "overdue"),
    *("RentalOverdue", "it lasts too long", "-"),
    *("close", "end", "condition", "", "lent overdue", "back", "RentalClosed", "it is over", ""),
    *("forget", "remove", "", "y", "back", "RentalClosed", ""),
    "",
    *("status", "-book_id"),
    "",
]
SERVICES = [
    *("Couriers", "sends letters", "send", "send one", "POST /letters"),
    *("text", "text(500)", "", "letter_id", "identifier", "", ""),
]
SUBSCRIPTIONS = [
    *("post.parcel.arrived.v1", "a parcel with a book came", "Rental.close", ""),
    *("sender", "", "", ""),
]
WHOLE = [*AGGREGATE, *SERVICES, *SUBSCRIPTIONS]

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is a service as far as models go."""
    monkeypatch.chdir(tmp_path)
    for part in CODE:
        Path(part).mkdir()
    Path(".chalice/config.json").write_text(json.dumps({"app_name": "lending"}))


def ask(answers: list[str], *options: str) -> Result:
    given = "".join(f"{each}\n" for each in answers)
    return CliRunner().invoke(main, ["discover", "--ask", *options], input=given)


def model(told: str) -> Model:
    """Read the model that a dry run shows."""
    return model_in(Source(told[told.index("context: ") :], "asked"))


def test_a_dialogue_makes_a_whole_model() -> None:
    assert model(ask(WHOLE, "--dry-run").output) == RIGHT
    assert not FILE.exists()


def test_what_is_asked_for_passes_discover() -> None:
    """In the tree of this service: pictures are drawn from its code."""
    for part in CODE:
        shutil.rmtree(part)
    for part in (*CODE, "pyproject.toml", ".env.example"):
        Path(part).symlink_to(ROOT / part)
    done = ask(WHOLE)
    assert done.exit_code == 0, done.output
    assert "wrote  model.yaml\nmodel.yaml: 1 aggregate, nothing wrong" in done.output
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
    ("before", "wrong", "said"),
    [
        ("Rental", ["rental"], "'rental' does not fit; needed: a name in CamelCase"),
        ("Rental", ["Money"], "The name Money is taken by Python or by the foundation."),
        ("Rental", ["Rental2"], "letters only"),
        ("a book in the hands of a member", [""], "Nothing does not fit; needed: a sentence of 3"),
        ("a book in the hands of a member", ['a "book"'], "without quotation marks"),
        ("a book in the hands of a member", ["a" * 80], "needed: a sentence of 3 to 80"),
        ("book_id", [""], "Nothing does not fit; needed: a name in snake_case"),
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
        ("left right", [""], "An enumeration has one value at least."),
        ("left right", ["Left"], "'Left' does not fit; needed: small letters"),
        ("rent", [""], "Nothing does not fit; needed: small letters"),
        ("rent", ["status"], "The name status is taken"),
        ("call_overdue", ["rent"], "There is rent already."),
        ("RentalOpened", ["Shelf"], "The name Shelf is taken in this model."),
        ("RentalOpened", ["RentalOpened2"], "letters only"),
        ("RentBook", ["RentalOpened"], "The name RentalOpened is taken in this model."),
        ("RentalOverdue", ["rental overdue"], "needed: a name in CamelCase"),
        ("lent overdue", ["back"], "There is no back; there are lent, overdue."),
        ("overdue", ["late"], "There is no late; there are lent, overdue, back."),
        ("-book_id", ["shelf"], "There is no shelf; there are book_id."),
        ("-book_id", ["-book_id book_id"], "All of it goes in one direction"),
        ("Couriers", ["Rental"], "The name Rental is taken in this model."),
        ("send", [""], "Nothing does not fit; needed: small letters"),
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
def test_a_wrong_answer_is_asked_again(before: str, wrong: list[str], said: str) -> None:
    at = WHOLE.index(before)
    told = ask([*WHOLE[:at], *wrong, *WHOLE[at:]], "--dry-run").output
    assert said in told
    assert model(told) == RIGHT


def test_a_request_without_a_body_takes_nothing() -> None:
    services = ["Couriers", "sends letters", "ping", "ask", "GET /ping", "", "", ""]
    asked = model(ask([*AGGREGATE, *services, ""], "--dry-run").output)
    (operation,) = asked.external_services[0].operations
    assert (operation.method, operation.takes, operation.returns) == ("GET", (), None)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("book_id", "This leaves shelf open: tell it."),
        ("book_id, shelv", "There is no shelv; there are book_id, shelf, notes, condition."),
    ],
)
def test_what_begins_something_takes_attributes_and_leaves_none_open(wrong: str, said: str) -> None:
    at = WHOLE.index("rent") + 2
    told = ask([*WHOLE[:at], wrong, *WHOLE[at:]], "--dry-run").output
    assert said in told
    assert model(told) == RIGHT


def test_answers_that_end_in_the_middle_are_kept() -> None:
    ended = ask(WHOLE[: WHOLE.index("RentalOverdue")])
    assert ended.exit_code == 1
    (line,) = ended.stderr.splitlines()[1:]
    assert line == (
        "error: stopped in the middle; what was answered is in model.draft-1.yaml: "
        "complete it, and make it model.yaml"
    )
    kept = yaml.safe_load(Path("model.draft-1.yaml").read_text())
    assert kept["aggregates"]["Rental"]["behaviors"]["call_overdue"]["becomes"] == "overdue"
    assert not FILE.exists()


def test_a_second_draft_leaves_the_first() -> None:
    ask(WHOLE[:10])
    ask(WHOLE[:20])
    assert Path("model.draft-1.yaml").read_text() != Path("model.draft-2.yaml").read_text()


@pytest.mark.parametrize(("answers", "options"), [([], []), (WHOLE[:10], ["--dry-run"])])
def test_nothing_is_kept_of_nothing(answers: list[str], options: list[str]) -> None:
    ended = ask(answers, *options)
    assert ended.exit_code == 1
    assert "error: stopped in the middle; nothing was written" in ended.stderr
    assert {each.name for each in Path().iterdir()} == set(CODE)


def test_no_answer_is_no_model() -> None:
    ended = ask(["", ""])
    assert (ended.exit_code, FILE.exists()) == (1, False)
    assert ended.stderr == "error: nothing was answered, so that nothing was written\n"


def test_a_folder_that_is_missing_is_named_before_anything_is_asked() -> None:
    ended = ask([], "away/model.yaml")
    assert ended.output == "error: there is no folder away: make it first\n"


def test_asking_again_goes_on_with_the_file() -> None:
    ask([*AGGREGATE, "", ""])
    ended = ask(["y", "", *SERVICES, *SUBSCRIPTIONS])
    assert "what you answer is added to it" in ended.output
    assert model_in(Source(FILE.read_text(), "asked")) == RIGHT


def test_a_file_stays_as_it_is_unless_somebody_says_so() -> None:
    FILE.write_text(MODEL)
    assert ask(["n"]).stderr == "error: model.yaml stays as it is\n"
    assert FILE.read_text() == MODEL


def test_a_file_with_mistakes_is_not_gone_on_with() -> None:
    FILE.write_text(MODEL.replace("shelf: Shelf", "shelf: Shelv"))
    assert "unknown type Shelv" in ask(["y"]).stderr


def test_control_c_ends_it_as_it_ends_other_commands() -> None:
    # Who starts the tests in the background may have them ignore Ctrl-C, and their children too.
    heeding = (
        "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "runpy.run_module('carafe', run_name='__main__', alter_sys=True)"
    )
    command = [sys.executable, "-u", "-c", heeding, "discover", "--ask"]
    with subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as asking:
        assert asking.stdin
        assert asking.stdout
        asking.stdin.write("Rental\na book in the hands of a member\n")
        asking.stdin.flush()
        told = ""
        while not told.endswith("Attribute of the rental (snake_case): "):
            character = asking.stdout.read(1)
            assert character, told
            told += character
        asking.send_signal(signal.SIGINT)
        _, errors = asking.communicate(timeout=60)
    assert asking.returncode == INTERRUPTED
    assert "what was answered is in model.draft-1.yaml" in errors
    assert "Traceback" not in errors
