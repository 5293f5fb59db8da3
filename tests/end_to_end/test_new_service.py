"""From this tree to a service of one's own, whose first event is on RabbitMQ, without an edit.

The tests of the new tree run there as well: rules, repositories, API and client on real servers.
Here the longest are left out; `make test-new-service` (WHOLE=1) runs every one of them.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkout import environment
from tests.support.processes import ROOT
from tests.support.service_copy import ServiceCopy

MODEL = "docs/workflow/lending.yaml"
SECONDS = 900

QUICK = ("tests/unit", "tests/architecture", "tests/api")
"""Beside the tests that are new."""

SAMPLE = re.compile(r"\b(Order|Product|Ordering|ordering|OrderingClient|PaymentGateway)\b")
PLACEHOLDER = re.compile(r"TODO|FIXME|XXX|NotImplementedError|\{\{|\{%|%\}|[Ll]orem")


LOGIN_REFUSED = "chalicelib/infrastructure/database/mongo/faults.py"
"""It has a code of MongoDB's that is the number of our port."""

SPEAKING = ("*.py", "*.md", ".env.example", "Makefile", ":!workflow/transform", ":!memory-bank")
"""Where the port stands."""


class NewService:
    """A service made from this tree.

    Args:
        folder: where it lies.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def clone(self, folder: Path) -> "NewService":
        """Return a clone of what is committed."""
        self.git("clone", "--quiet", str(self.folder), str(folder))
        return NewService(folder)

    def status(self) -> str:
        """Return what is not committed."""
        return self.git("status", "--porcelain")

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

    def commit(self, message: str) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def run(self, *words: str, expected: int = 0) -> str:
        """Run a module of Python's in the tree, and return what it says."""
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.folder,
            env=environment(),
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
        )
        assert done.returncode == expected, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout + done.stderr

    def new_files(self) -> list[str]:
        """Return the Python files that are not committed yet."""
        names = self.git("ls-files", "--others", "--exclude-standard").split()
        return [name for name in names if name.endswith(".py")]

    def code(self) -> dict[str, str]:
        """Return the Python that is the service's own, by path."""
        files = self.git("ls-files", "--cached", "--others", "--exclude-standard").split()
        own = [each for each in files if each.startswith(("app.py", "chalicelib", "tests"))]
        present = [each for each in own if each.endswith(".py") and (self.folder / each).exists()]
        return {each: (self.folder / each).read_text() for each in present}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> NewService:
    """This tree, renamed, without its sample."""
    service = NewService(tmp_path_factory.mktemp("bare") / "service")
    ServiceCopy(service.folder)
    service.git("init", "--quiet")
    service.commit("a clone")
    told = service.run(
        *("workflow", "transform", "--name", "Lending Desk", "--context", "lending"),
        *("--port", "8123", "--without-sample", "--yes"),
    )
    assert "`git add -A && git diff --cached --stat -M`" in told
    service.commit("our own")
    return service


@pytest.fixture(scope="module")
def lending(bare: NewService) -> NewService:
    """A library's lending desk: discovered and scaffolded from the model."""
    shutil.copy(bare.folder / MODEL, bare.folder / "model.yaml")
    bare.run("workflow", "discover")
    discovered = _pictures(bare)
    bare.run("workflow", "scaffold")
    assert _pictures(bare) == discovered
    return bare


def _pictures(service: NewService) -> list[str]:
    names = ("domain.md", "events.md", "behaviors.md")
    return [(service.folder / "diagrams" / each).read_text() for each in names]


def test_nothing_of_the_sample_is_left(bare: NewService) -> None:
    code = {path: text for path, text in bare.code().items() if path.startswith("chalicelib")}
    speaking = {
        path: found[0]
        for path, text in code.items()
        if (found := SAMPLE.search(re.sub(r'""".*?"""|#[^\n]*', "", text, flags=re.DOTALL)))
    }
    assert speaking == {}


def test_no_document_speaks_of_what_went_with_the_sample(bare: NewService) -> None:
    spoken = re.compile(r"make rehearse|workflow.rehearse|million orders|benchmarks/")
    names = bare.git("ls-files", "*.md", "Makefile", "workflow/deployment").split()
    kept = [each for each in names if not each.startswith("memory-bank/decisions/")]
    texts = {each: (bare.folder / each).read_text() for each in kept}
    assert [each for each, text in texts.items() if spoken.search(text)] == []


def test_the_port_is_another_where_it_is_a_port(bare: NewService) -> None:
    named = bare.git("grep", "--files-with-matches", "--word-regexp", "8000", "--", *SPEAKING)
    assert named.split() == [LOGIN_REFUSED]
    assert (bare.folder / LOGIN_REFUSED).read_bytes() == (ROOT / LOGIN_REFUSED).read_bytes()


def test_what_was_transformed_can_be_taken_back(bare: NewService, tmp_path: Path) -> None:
    service = bare.clone(tmp_path / "service")
    (service.folder / ".env").write_text("PORT=8200\n")
    service.run("workflow", "transform", "--name", "Bicycles", "--context", "bicycles", "--yes")
    service.git("add", "--all")
    assert "chalicelib" in service.git("diff", "--cached", "--stat", "-M")
    service.git("reset", "--hard")
    assert service.status() == ""
    assert (service.folder / ".env").exists()


def test_the_bare_service_passes_its_tests(bare: NewService) -> None:
    bare.run("pytest", "-q", "tests/unit", "tests/architecture")


@pytest.mark.parametrize(
    "part",
    [
        *("aggregate Loan", "repository Loan", "command RenewLoan", "query GetLoan"),
        *("subscription calendar.loan.expired.v1", "event LoanOpened", "client"),
        *("client Reminders", "value ShelfMark"),
    ],
)
def test_a_single_part_brings_what_it_needs(bare: NewService, tmp_path: Path, part: str) -> None:
    service = bare.clone(tmp_path / "service")
    service.run("workflow", "scaffold", *part.split(), "--model", MODEL)
    service.run("pytest", "--collect-only", "-q", "tests/unit", "tests/infrastructure", "tests/api")
    service.run("workflow", "diagrams", "--check")


def test_code_that_would_not_work_is_not_written(bare: NewService, tmp_path: Path) -> None:
    service = bare.clone(tmp_path / "service")
    (service.folder / "chalicelib/domain/genre.py").write_text(
        "class Genre: ...\nraise ImportError\n"
    )
    service.commit("something half done")
    told = service.run("workflow", "scaffold", "aggregate", "Book", "--model", MODEL, expected=1)
    assert "error: nothing was written: ImportError" in told
    assert "Traceback" not in told
    assert service.status() == ""


def test_the_new_service_is_as_clean_as_this_one(lending: NewService) -> None:
    lending.run("ruff", "check", ".")
    lending.run("ruff", "format", "--check", ".")
    lending.run("mypy")
    lending.run("workflow", "diagrams", "--check")
    generated = {path: lending.code()[path] for path in lending.new_files()}
    assert len(generated) > 40
    assert [path for path, text in generated.items() if PLACEHOLDER.search(text)] == []


def test_its_tests_pass(lending: NewService) -> None:
    generated = [path for path in lending.new_files() if Path(path).name.startswith("test_")]
    assert len(generated) == 12
    chosen = () if os.environ.get("WHOLE") else (*QUICK, *generated)
    told = lending.run("pytest", "-q", "--numprocesses", "2", *chosen)
    assert "passed" in told


def test_its_first_event_is_on_the_bus(lending: NewService) -> None:
    told = lending.run("workflow", "up", "--once")
    assert "lending.book.acquired.v1, as a consumer receives it" in told


def test_scaffolding_again_changes_nothing(lending: NewService) -> None:
    before = lending.code()
    told = lending.run("workflow", "scaffold")
    assert "extended" not in told
    assert "wrote" not in told
    assert "left" not in told
    assert lending.code() == before


def test_a_file_of_another_content_is_left_and_the_difference_shown(lending: NewService) -> None:
    path = lending.folder / "chalicelib/domain/genre.py"
    own = path.read_text().replace("TRAVEL", "VOYAGES")
    path.write_text(own)
    told = lending.run("workflow", "scaffold", "value", "Genre")
    assert path.read_text() == own
    assert '+    TRAVEL = "travel"' in told
    path.write_text(own.replace("VOYAGES", "TRAVEL"))


def test_a_changed_model_is_drawn_and_told_from_the_code(lending: NewService) -> None:
    model, before = lending.folder / "model.yaml", lending.code()
    text = model.read_text()
    model.write_text(
        text.replace("      genre: Genre\n", "      genre: Genre\n      cover: text(9)?\n")
    )
    told = lending.run("workflow", "scaffold")
    assert "left as it is  chalicelib/contracts/queries.py" in told
    assert re.search(r"^ +\+ +cover: ", told, re.MULTILINE)
    assert lending.code() == before
    lending.run("workflow", "discover")
    assert "cover" in _pictures(lending)[0]
    model.write_text(text.replace("BookMoved", "BookShifted"))
    told = lending.run("workflow", "scaffold", expected=1)
    assert "take over what --dry-run shows of the model" in told
    assert lending.code() == before
    model.write_text(text)
    lending.run("workflow", "diagrams")


def test_only_a_clean_tree_is_transformed(lending: NewService) -> None:
    (lending.folder / "README.md").write_text("changed")
    words = ("transform", "--name", "Other", "--context", "other", "--yes")
    told = lending.run("workflow", *words, expected=1)
    assert "commit or stash" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--context", "class"], "'class' is a word of Python's"),
        (["--context", "event"], "'event' is a word of chalicelib/"),
        (["--context", "other", "--port", "0"], "the port 0 must be"),
        (["--context", "other", "--without-sample"], "the sample is gone already"),
    ],
)
def test_a_transformation_that_cannot_work_is_refused(
    bare: NewService, tmp_path: Path, words: list[str], reason: str
) -> None:
    service = bare.clone(tmp_path / "service")
    told = service.run("workflow", "transform", "--name", "Other", "--yes", *words, expected=1)
    assert "error: nothing was changed: " in told
    assert reason in told
    assert service.status() == ""
