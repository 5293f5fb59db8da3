"""The pytest plugin, in projects of its own."""

import gc
import os
from pathlib import Path

import pytest

A_TEST = """
import os
import pathlib
import pytest


@pytest.mark.parametrize("number", range(3))
def test_something(number):
    worker = os.environ["PYTEST_XDIST_WORKER"]
    with pathlib.Path(os.environ["WORKERS"]).open("a") as file:
        file.write(f"{pathlib.Path(__file__).stem} {worker}\\n")
"""


def workers_of(pytester: pytest.Pytester, together: str) -> dict[str, set[str]]:
    """Run four files of one folder in two processes, and return which one ran which file."""
    pytester.makeini(f"[pytest]\ntogether = {together}")
    for name in ("one", "two", "three", "four"):
        path = pytester.path / "tests" / "shared" / f"test_{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(A_TEST)
    log = pytester.path / "workers.txt"
    os.environ["WORKERS"] = str(log)
    result = pytester.runpytest_subprocess("-p", "carafe.testing.plugin", "-n", "2", "tests")
    result.assert_outcomes(passed=12)
    workers: dict[str, set[str]] = {}
    for line in log.read_text().splitlines():
        file, worker = line.split()
        workers.setdefault(file, set()).add(worker)
    return workers


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKERS", "")  # taken back afterwards
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)


def test_the_tests_of_a_file_run_in_one_process(pytester: pytest.Pytester) -> None:
    workers = workers_of(pytester, together="")
    assert [len(each) for each in workers.values()] == [1, 1, 1, 1]
    assert set().union(*workers.values()) == {"gw0", "gw1"}


def test_the_tests_of_a_folder_run_in_one_process_if_they_share_something(
    pytester: pytest.Pytester,
) -> None:
    workers = workers_of(pytester, together="tests/other tests/shared")
    assert len(set().union(*workers.values())) == 1


def test_what_takes_longest_begins_first(pytester: pytest.Pytester) -> None:
    """Folders that share something, then files with few tests: the other order leaves a tail."""
    pytester.makeini("[pytest]\ntogether = tests/shared")
    log = pytester.path / "workers.txt"
    os.environ["WORKERS"] = str(log)
    for name, count in {"many": 4, "one": 1, "shared/test_some": 2, "two": 2}.items():
        path = pytester.path / "tests" / f"{name if '/' in name else f'test_{name}'}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(A_TEST.replace("range(3)", f"range({count})"))
    options = ("-p", "carafe.testing.plugin", "-n", "1", "tests")
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=9)
    files = dict.fromkeys(line.split()[0] for line in log.read_text().splitlines())
    assert list(files) == ["test_some", "test_one", "test_two", "test_many"]


def test_the_garbage_collector_leaves_alone_what_collecting_made() -> None:
    assert gc.get_freeze_count() > 0
    assert gc.isenabled()


def test_it_does_without_xdist(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_nothing():\n    assert True\n")
    options = ("-p", "no:xdist", "-p", "carafe.testing.plugin", "-W", "error")
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=1)


def test_outside_of_a_service_a_line_says_so(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_nothing(service):\n    assert service\n")
    result = pytester.runpytest_inprocess("-p", "carafe.testing.plugin", "-q")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*NoProject: this is no service's folder*"])


def test_the_service_is_the_one_around_the_tests(pytester: pytest.Pytester) -> None:
    """Wherever pytest is called."""
    for mark in ("chalicelib", ".chalice"):
        pytester.mkdir(mark)
    for name in ("app.py", "pytest.ini"):
        (pytester.path / name).touch()
    tests = pytester.mkdir("tests")
    (tests / "test_here.py").write_text(
        f"def test_here(project):\n    assert str(project.root) == {str(pytester.path)!r}\n"
    )
    os.chdir(Path(tests))
    pytester.runpytest_inprocess("-p", "carafe.testing.plugin", str(tests)).assert_outcomes(
        passed=1
    )
