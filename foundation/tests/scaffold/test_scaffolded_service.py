"""From a model to a service that works, without an edit."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from carafe.development.pages.command import OTHERS, page
from carafe.development.phases import PHASES, Phase
from carafe.development.servers.stack import Stack
from tests.support.command_runner import CommandRunner
from tests.support.commands import output_of
from tests.support.sample_words import sample_words
from tests.support.scaffolding import Service, rewritten_files

KINDS = Path(__file__).parents[1] / "data/kinds.yaml"

CARAFE = (sys.executable, "-m", "carafe")
BROKER = ("RABBITMQ_URL", "RABBITMQ_MANAGEMENT_URL")

PAGES = [*OTHERS, *(each.number for each in PHASES)]

PLACEHOLDER = re.compile(r"TODO|FIXME|XXX|NotImplementedError|\{\{|\{%|%\}|[Ll]orem")

SHELF = """\
  Shelf:
    description: Where books stand.
    shared: true
    attributes: {label: {type: text(10), unique: true}, owner: address, price: money}
    events: {ShelfBuilt: {description: A shelf stands, tells: [label, price]}}
    behaviors:
      build:
        {description: Build one, creates: true, takes: [label, owner, price], records: ShelfBuilt}
    commands: {BuildShelf: {behavior: build, scope: "shelves:write"}}
    queries: {GetShelf: {returns: one}, ListShelves: {returns: page, order: [label]}}

"""


def test_a_model_with_something_of_every_kind_works(bare: Service, tmp_path: Path) -> None:
    service = bare.clone(tmp_path / "service")
    shutil.copy2(KINDS, service.folder / "model.yaml")
    service.run("carafe", "scaffold")
    service.require_clean_code()
    service.run_tests()


def test_what_is_scaffolded_is_as_clean_as_what_was_there(bare: Service, lending: Service) -> None:
    lending.require_clean_code()
    lending.run("ruff", "format", "--check", ".")
    lending.run("carafe", "diagrams", "--check")
    generated = {path: text for path, text in lending.code().items() if path not in bare.code()}
    assert len(generated) > 40
    assert [path for path, text in generated.items() if PLACEHOLDER.search(text)] == []


def test_nothing_in_it_speaks_of_another_service(
    lending: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its files, nor what the command and make say there."""
    names = lending.git("ls-files").split()
    said = {name: (lending.folder / name).read_text() for name in names if ".whl" not in name}
    monkeypatch.chdir(lending.folder)
    command = CommandRunner()
    said |= {f"carafe page {name}": command.invoke(page, [name]).output for name in PAGES}
    said["carafe token --help"] = lending.run("carafe", "token", "--help")
    said["make help"] = output_of(lending.folder, "make", "help")
    found = {name: words for name, text in said.items() if (words := list(sample_words(text)))}
    assert found == {}
    assert "REMINDERS_URL" in said[".env.example"]
    assert "lending-STAGE-bridge" in said["carafe page operations"]


@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_every_phase_has_what_it_needs(lending: Service, phase: Phase) -> None:
    lending.run("carafe", "verify", phase.number, "--offline")


def test_its_tests_pass(lending: Service) -> None:
    assert " passed" in lending.run("pytest", "-q", "--numprocesses", "2")


def test_its_first_event_is_on_the_bus(lending: Service, stack: Stack) -> None:
    settings = {name: stack.environment[name] for name in ("MONGO_URI", *BROKER)}
    output = output_of(lending.folder, *CARAFE, "up", "--once", expected=0, **settings)
    assert "lending.book.acquired.v1, as a consumer receives it" in output


def test_scaffolding_again_changes_nothing(lending: Service) -> None:
    output = lending.run("carafe", "scaffold")
    assert not re.search("extended|wrote|left", output)
    assert lending.status() == ""


def test_an_aggregate_more_only_adds(lending: Service, tmp_path: Path) -> None:
    service, before = lending.clone(tmp_path / "service"), lending.code()
    model = service.folder / "model.yaml"
    model.write_text(model.read_text().replace("aggregates:\n", f"aggregates:\n{SHELF}"))
    output = service.run("carafe", "scaffold")
    assert "left" not in output
    assert rewritten_files(before, service.code()) == []
    service.require_clean_code()
    service.run_new_tests(before)


def test_an_edit_stays_where_the_model_has_not_changed(lending: Service, tmp_path: Path) -> None:
    service = lending.clone(tmp_path / "service")
    path = service.folder / "chalicelib/domain/genre.py"
    path.write_text(path.read_text().replace("TRAVEL", "VOYAGES"))
    service.commit()
    assert service.run("carafe", "scaffold", "value", "Genre") == "1 file: 1 same.\n"
    assert service.status() == ""


def test_a_changed_model_is_drawn_before_the_code_has_it(lending: Service, tmp_path: Path) -> None:
    service = lending.clone(tmp_path / "service")
    model, before = service.folder / "model.yaml", service.code()
    text = model.read_text().replace("BookMoved", "BookShifted")
    attribute = "      genre: Genre\n"
    model.write_text(text.replace(attribute, f"{attribute}      cover: text(9)?\n"))
    service.run("carafe", "discover")
    assert "cover" in service.diagrams()[0]
    assert "BookShifted" in service.diagrams()[1]
    assert "BookMoved" not in service.diagrams()[1]
    assert service.code() == before
