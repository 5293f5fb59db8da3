"""From `carafe new` to a service of one's own, without an edit.

The commands are typed as its README has them. Its environment is this one's, with the foundation
from its wheel; `make test-new-service` (WHOLE=1) also makes one from nothing, as a person would.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from carafe.development.cli import main
from carafe.development.servers.stack import Stack
from tests.support.commands import output_of
from tests.support.new_service import Installation, NewService

LENDING = ("--name", "Lending Desk", "--context", "lending", "--port", "8123", "--yes")

MOST_FILES = 61
MOST_LINES = 3_000

MODEL = """\
context: lending
aggregates:
  Book:
    description: A book that can be lent.
    shared: true
    attributes: {title: text(200)}
    events:
      BookAcquired: {description: A book came into the library., tells: [title]}
    behaviors:
      acquire: {description: Enter a book., creates: true, takes: [title], records: BookAcquired}
    commands:
      AcquireBook: {behavior: acquire}
"""

ASKING = """\
context: lending
aggregates:
  Loan:
    description: A book in the hands of a member.
    shared: true
    attributes: {book_id: identifier}
    events:
      LoanOpened: {description: A book was lent., tells: [book_id]}
    behaviors:
      open_up: {description: Lend it., creates: true, takes: [book_id], records: LoanOpened}
    commands:
      OpenLoan: {behavior: open_up, requires: {book_id: {aggregate: Book}}}
  Book:
    description: A book that can be lent.
    shared: true
    attributes: {isbn: text(20), title: text(200)}
    events:
      BookAcquired: {description: A book came into the library., tells: [isbn, title]}
    behaviors:
      acquire: {description: Enter it., creates: true, takes: [isbn, title], records: BookAcquired}
    commands:
      AcquireBook: {behavior: acquire, calls: {operation: Bookshop.find, gives: {title: title}}}
external_services:
  Bookshop:
    description: Knows what books are called.
    operations:
      find:
        description: Find a book.
        request: GET /books/{isbn}
        takes: {isbn: text(20)}
        returns: {title: text(200)}
"""

# Words of the sample, and what is said of other things in them.
SAMPLE = re.compile(
    r"\b(ordering|orders?|products?|payments?|customers?|catalogues?|carts?|shipping|shipments?"
    r"|parcels?|sku)\b",
    re.IGNORECASE,
)
NO_SAMPLE = re.compile(r"product ?context|\bin order\b", re.IGNORECASE)

WHOLE = pytest.mark.skipif("WHOLE" not in os.environ, reason="WHOLE=1: a minute and an index")


@pytest.fixture(scope="module")
def empty(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> NewService:
    """A service that was just made; tests leave it as it is."""
    return installation.new(tmp_path_factory.mktemp("empty") / "lending", *LENDING)


@pytest.fixture
def copy(empty: NewService, tmp_path: Path) -> Iterator[NewService]:
    """A clone of the empty service, to be changed."""
    service = empty.clone(tmp_path / "lending")
    yield service
    service.remove()


def test_it_is_small(empty: NewService) -> None:
    assert len(empty.files()) <= MOST_FILES
    assert sum(text.count("\n") for text in empty.texts().values()) <= MOST_LINES
    (wheel,) = (path for path in empty.files() if path.suffix == ".whl")
    assert wheel.parent == empty.folder / "wheels"


def test_nothing_of_the_sample_is_in_it(empty: NewService) -> None:
    spoken = {
        path: found[0]
        for path, text in empty.texts().items()
        if (found := SAMPLE.search(NO_SAMPLE.sub("", f"{path}\n{text}")))
    }
    assert spoken == {}


def test_its_history_is_one_commit_and_nothing_is_left_over(empty: NewService) -> None:
    assert empty.git("log", "--format=%s %D").startswith("Lending Desk, made by carafe ")
    assert empty.git("rev-list", "--count", "--all") == "1\n"
    assert empty.git("status", "--porcelain") == ""


def test_its_documents_lead_to_what_is_there(empty: NewService) -> None:
    for path, text in empty.texts().items():
        if path.endswith(".md"):
            for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
                assert (empty.folder / path).parent.joinpath(link).exists(), f"{path}: {link}"
    readme = empty.texts()["README.md"]
    targets = set(re.findall(r"\bmake ([a-z-]+)", readme))
    assert targets >= {"run", "test", "package", "rehearse"}
    assert targets <= set(re.findall(r"^([a-z-]+):", empty.texts()["Makefile"], re.MULTILINE))
    for words in set(re.findall(r"\bcarafe ([a-z]+)(?: ([a-z]+))?", readme)):
        command = main.commands[words[0]]
        if words[1] and isinstance(command, click.Group):
            assert words[1] in command.commands


def test_its_ci_runs_every_check_and_every_test(empty: NewService, stack: Stack) -> None:
    said = output_of(empty.folder, ".ci/run", TEST_SERVERS=json.dumps(stack.environment))
    assert "All checks passed!" in said
    assert "no issues found" in said
    assert re.search(r"^=* ?(1\d|[2-9]\d) passed", said, re.MULTILINE)
    assert "failed" not in said
    assert empty.git("status", "--porcelain") == ""


def test_the_first_phase_is_complete_from_the_start(copy: NewService) -> None:
    assert "6 of 6 needs are met." in copy.carafe("verify", "01")
    assert "Complete: 01 - Initial Setup" in copy.carafe("progress", "complete", "01")
    changed = copy.git("diff", "--numstat").split()
    assert changed == ["1", "1", "memory-bank/progress.md"]


def test_the_second_phase_is_complete_before_there_is_code(copy: NewService) -> None:
    missing = copy.carafe("verify", "02", expected=1)
    assert "there is no aggregate: describe one in model.yaml" in missing
    (copy.folder / "model.yaml").write_text(MODEL)
    assert "diagrams/domain.md is stale: run `carafe discover`" in copy.carafe(
        "verify", "02", expected=1
    )
    copy.carafe("discover")
    assert "Complete: 02 - Domain Discovery" in copy.carafe("progress", "complete", "02")
    drawn = (copy.folder / "diagrams/domain.md").read_text()
    assert "Book" in drawn
    copy.carafe("diagrams")
    assert (copy.folder / "diagrams/domain.md").read_text() == drawn
    copy.carafe("scaffold")
    assert "7 of 7 needs are met." in copy.carafe("verify", "02")


def test_an_index_out_of_reach_is_told_in_a_line(copy: NewService) -> None:
    (copy.folder / ".venv").unlink()
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": "/dev/null"}
    settings = {**nowhere, "PIP_RETRIES": "0", "PIP_FIND_LINKS": "", "PIP_NO_CACHE_DIR": "1"}
    settings |= {"PIP_EXTRA_INDEX_URL": "", "PIP_CONSTRAINT": ""}
    said = copy.make("run", expected=2, ONCE="1", **settings)
    assert "error: the packages could not be installed; see .local/install.log" in said
    assert "Traceback" not in said


def test_it_is_packaged_for_aws(copy: NewService) -> None:
    copy.make("package", "STAGE=dev")
    names = {path.name for path in (copy.folder / "build/dev").iterdir()}
    assert names >= {"sam.json", "deployment.zip"}
    assert "lending-dev" in (copy.folder / "build/dev/sam.json").read_text()


def test_with_nothing_to_rehearse_yet_nothing_is_started_for_it(copy: NewService) -> None:
    said = copy.make("rehearse", expected=2)
    assert "error: no command creates an aggregate yet: add one with `carafe scaffold`" in said
    assert "packaged" not in said
    assert not (copy.folder / "build").exists()


@WHOLE
def test_what_requires_and_asks_others_is_rehearsed_as_it_is(copy: NewService) -> None:
    """A loan, which its model has first, requires a book; a book is asked for in a shop."""
    (copy.folder / "model.yaml").write_text(ASKING)
    copy.carafe("scaffold")
    said = copy.carafe("rehearse", "--freeze", "0")
    assert "BookshopStub: ready" in said
    assert "7 events reached the bus, those of each aggregate complete and in order" in said


@WHOLE
def test_from_nothing_as_a_person_types_it(installation: Installation, tmp_path: Path) -> None:
    """An environment of its own by pip; and a second service, made by the first one's command."""
    output_of(tmp_path, str(installation.carafe), "new", "lending", *LENDING)
    service = NewService(tmp_path / "lending")
    assert "no command creates an aggregate yet" in service.make("run", ONCE="1")
    output_of(service.folder, ".ci/run")
    (service.folder / "model.yaml").write_text(service.carafe("discover", "--example"))
    service.carafe("scaffold")
    service.make("test")
    assert "lending.book.acquired.v1" in service.make("run", ONCE="1")
    output_of(service.folder, ".venv/bin/carafe", "new", "../sample", "--sample")
    sample = NewService(tmp_path / "sample")
    sample.attach(service.folder / ".venv")
    assert "ordering.order.placed.v1" in sample.make("run", ONCE="1")
    sample.make("test")
