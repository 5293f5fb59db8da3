"""From a model to a service that works, in a service that `carafe new` made, without an edit."""

import io
import re
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from carafe.development.phases import PHASES, Phase
from tests.support.checkout import environment
from tests.support.service_copy import ServiceCopy

SECONDS = 900

KINDS = Path(__file__).parents[1] / "data/kinds.yaml"

PLACEHOLDER = re.compile(r"TODO|FIXME|XXX|NotImplementedError|\{\{|\{%|%\}|[Ll]orem")

PICTURES = ("domain.md", "events.md", "behaviors.md")

SHELF = """\
  Shelf:
    description: Where books stand.
    attributes: {label: {type: text(10), unique: true}, owner: address, price: money}
    events: {ShelfBuilt: {description: A shelf stands, tells: [label, price]}}
    behaviors:
      build:
        {description: Build one, creates: true, takes: [label, owner, price], records: ShelfBuilt}
    commands: {BuildShelf: {behavior: build, scope: "shelves:write"}}
    queries: {GetShelf: {returns: one}, ListShelves: {returns: page, order: [label]}}

"""


class Service:
    """A service's tree, with a git history.

    Args:
        folder: where it lies.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def clone(self, folder: Path) -> "Service":
        """Return a clone of what is committed."""
        self.git("clone", "--quiet", str(self.folder), str(folder))
        return Service(folder)

    def git(self, *words: str) -> str:
        """Run git and return what it says."""
        identity = ["-c", "user.name=Team", "-c", "user.email=team@example.com"]
        done = subprocess.run(
            ["git", *identity, *words],  # noqa: S607 - the one of the machine
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "so far")

    def status(self) -> str:
        """Return what is not committed."""
        return self.git("status", "--porcelain")

    def run(self, *words: str, expected: int = 0, below: str = ".") -> str:
        """Run a module of Python's in the tree, and return what it says."""
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.folder / below,
            env=environment(),
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
        )
        assert done.returncode == expected, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout + done.stderr

    def code(self) -> dict[str, str]:
        """Return the service's Python, by path."""
        names = self.git("ls-files", "--cached", "--others", "--exclude-standard", "*.py").split()
        return {each: (self.folder / each).read_text() for each in names}

    def with_example(self) -> "Service":
        """Write the example as the model."""
        (self.folder / "model.yaml").write_text(self.run("carafe", "discover", "--example"))
        return self

    def pictures(self) -> list[str]:
        """Return the diagrams that a model has."""
        return [(self.folder / "diagrams" / each).read_text() for each in PICTURES]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A new service, without anything in it."""
    folder = tmp_path_factory.mktemp("bare") / "lending"
    names = ("--name", "Lending Desk", "--context", "lending", "--port", "8123", "--yes")
    command = [sys.executable, "-m", "carafe", "new", str(folder), *names]
    subprocess.run(command, check=True, capture_output=True, env=environment(), timeout=SECONDS)
    return Service(folder)


@pytest.fixture(scope="module")
def lending(bare: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A library's lending desk: discovered and scaffolded from the example."""
    service = bare.clone(tmp_path_factory.mktemp("whole") / "lending").with_example()
    service.run("carafe", "discover")
    discovered = service.pictures()
    service.run("carafe", "scaffold")
    assert service.pictures() == discovered
    service.commit()
    return service


@pytest.mark.parametrize(
    "part",
    [
        *("aggregate Loan", "repository Loan", "command RenewLoan", "query GetLoan"),
        *("subscription calendar.loan.expired.v1", "event LoanOpened", "client"),
        *("client Reminders", "value ShelfMark"),
    ],
)
def test_a_single_part_brings_what_it_needs(bare: Service, tmp_path: Path, part: str) -> None:
    service = bare.clone(tmp_path / "service").with_example()
    service.run("carafe", "scaffold", *part.split())
    service.run("pytest", "--collect-only", "-q")
    service.run("ruff", "check", ".")
    service.run("carafe", "diagrams", "--check")


def test_an_aggregate_needs_no_model(bare: Service, tmp_path: Path) -> None:
    service = bare.clone(tmp_path / "service")
    service.run("carafe", "scaffold", "aggregate", "Shelf", "--attribute", "room=text(40)")
    service.run("mypy")
    service.run("pytest", "-q", "tests/unit")


def test_a_service_written_by_hand_takes_more(tmp_path: Path) -> None:
    service = Service(ServiceCopy(tmp_path / "service").folder)
    service.git("init", "--quiet")
    service.commit()
    before = service.code()
    attributes = ("--attribute", "room=text(40)", "--attribute", "price=money")
    service.run("carafe", "scaffold", "aggregate", "Shelf", *attributes)
    after = service.code()
    assert [path for path, text in before.items() if not _is_within(text, after[path])] == []
    service.run("ruff", "check", ".")
    service.run("mypy")
    service.run("pytest", "-q", *(path for path in after if path not in before and "test_" in path))


def test_code_that_would_not_work_is_not_written(bare: Service, tmp_path: Path) -> None:
    service = bare.clone(tmp_path / "service").with_example()
    broken = "class Genre: ...\nraise ImportError\n"
    (service.folder / "chalicelib/domain/genre.py").write_text(broken)
    service.commit()
    output = service.run("carafe", "scaffold", "aggregate", "Book", expected=1)
    reason = "chalicelib/domain/genre.py, line 2: ImportError"
    assert f"error: nothing was written: {reason}" in output
    assert "Traceback" not in output
    assert service.status() == ""


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("chalicelib/api/wiring.py", "OPERATIONS = (\n", "is no Python"),
        ("chalicelib/api/wiring.py", "", "has no place for it"),
        ("chalicelib/infrastructure/bootstrap.py", "service = None\n", "a call of Service"),
        ("chalicelib/infrastructure/settings.py", "", "a class Settings"),
        ("chalicelib/contracts/scopes.py", "SCOPES = all_of()\n", "where it says all_of()"),
        ("chalicelib/contracts/client.py", "", "no class that extends ServiceClient"),
    ],
)
def test_a_place_that_is_missing_is_named_in_a_line(
    bare: Service, tmp_path: Path, path: str, text: str, reason: str
) -> None:
    service = bare.clone(tmp_path / "service").with_example()
    (service.folder / path).write_text(text)
    service.commit()
    (output,) = service.run("carafe", "scaffold", expected=1).splitlines()
    assert output.startswith(f"error: nothing was written: {path} ")
    assert reason in output
    assert service.status() == ""


def test_a_model_is_found_from_wherever_it_is_named(bare: Service, tmp_path: Path) -> None:
    service = bare.clone(tmp_path / "service").with_example()
    (service.folder / "model.yaml").rename(service.folder / "chalicelib/desk.yaml")
    output = service.run("carafe", "discover", "desk.yaml", "--dry-run", below="chalicelib")
    assert output.startswith("chalicelib/desk.yaml: 3 aggregates, nothing wrong")
    (refusal,) = service.run("carafe", "discover", below="tests", expected=1).splitlines()
    assert "error: model.yaml cannot be read" in refusal
    assert "`carafe discover --example > model.yaml`" in refusal


def test_what_is_scaffolded_is_as_clean_as_what_was_there(bare: Service, lending: Service) -> None:
    lending.run("ruff", "check", ".")
    lending.run("ruff", "format", "--check", ".")
    lending.run("mypy")
    lending.run("carafe", "diagrams", "--check")
    generated = {path: text for path, text in lending.code().items() if path not in bare.code()}
    assert len(generated) > 40
    assert [path for path, text in generated.items() if PLACEHOLDER.search(text)] == []


@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_every_phase_has_what_it_needs(lending: Service, phase: Phase) -> None:
    lending.run("carafe", "verify", phase.number, "--offline")


def test_its_tests_pass(lending: Service) -> None:
    assert " passed" in lending.run("pytest", "-q", "--numprocesses", "2")


def test_its_first_event_is_on_the_bus(lending: Service) -> None:
    output = lending.run("carafe", "up", "--once")
    assert "lending.book.acquired.v1, as a consumer receives it" in output


def test_a_model_with_something_of_every_kind_works(bare: Service, tmp_path: Path) -> None:
    service = bare.clone(tmp_path / "service")
    shutil.copy2(KINDS, service.folder / "model.yaml")
    service.run("carafe", "scaffold")
    service.run("ruff", "check", ".")
    service.run("mypy")
    service.run("pytest", "-q", "--numprocesses", "2")


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
    after = service.code()
    assert [path for path, text in before.items() if not _is_within(text, after[path])] == []
    service.run("ruff", "check", ".")
    service.run("mypy")
    service.run("pytest", "-q", *(path for path in after if path not in before and "test_" in path))


def _is_within(before: str, after: str) -> bool:
    """Tell whether a piece of code has everything that another one had, in its order."""
    left = iter(_tokens(after))
    return all(each in left for each in _tokens(before))


def _tokens(text: str) -> list[str]:
    return [
        each.string
        for each in tokenize.generate_tokens(io.StringIO(text).readline)
        if each.string.strip()
    ]


def test_a_file_of_another_content_is_left_and_the_difference_shown(
    lending: Service, tmp_path: Path
) -> None:
    service = lending.clone(tmp_path / "service")
    path = service.folder / "chalicelib/domain/genre.py"
    path.write_text(path.read_text().replace("TRAVEL", "VOYAGES"))
    service.commit()
    output = service.run("carafe", "scaffold", "value", "Genre")
    assert '+    TRAVEL = "travel"' in output
    assert service.status() == ""


def test_a_changed_model_is_drawn_and_told_from_the_code(lending: Service, tmp_path: Path) -> None:
    service = lending.clone(tmp_path / "service")
    model, before = service.folder / "model.yaml", service.code()
    text = model.read_text()
    model.write_text(
        text.replace("      genre: Genre\n", "      genre: Genre\n      cover: text(9)?\n")
    )
    output = service.run("carafe", "scaffold")
    assert "left as it is  chalicelib/contracts/queries.py" in output
    assert re.search(r"^ +\+ +cover: ", output, re.MULTILINE)
    assert service.code() == before
    service.run("carafe", "discover")
    assert "cover" in service.pictures()[0]
    model.write_text(text.replace("BookMoved", "BookShifted"))
    output = service.run("carafe", "scaffold", expected=1)
    assert "take over what --dry-run shows of the model" in output
    assert service.code() == before
