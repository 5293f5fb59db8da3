"""The pytest plugin, in projects of its own."""

import gc
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

A_TEST = """
import os
import pathlib
import pytest


@pytest.mark.parametrize("number", range({count}))
def test_something(number):
    worker = os.environ["PYTEST_XDIST_WORKER"]
    with pathlib.Path(os.environ["WORKERS"]).open("a") as file:
        file.write(pathlib.Path(__file__).stem + " " + worker + "\\n")
"""


def runs(
    pytester: pytest.Pytester, files: Mapping[str, int], processes: int
) -> list[tuple[str, str]]:
    """Run tests in processes, those of `tests/shared` together.

    Args:
        pytester: whose folder is used.
        files: how many tests each has, by its path below `tests`.
        processes: their number.

    Returns:
        The file and the process of each test, in the order in which they ran.
    """
    pytester.makeini("[pytest]\ntogether = tests/other tests/shared")
    for name, count in files.items():
        path = pytester.path / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(A_TEST.format(count=count))
    log = pytester.path / "workers.txt"
    os.environ["WORKERS"] = str(log)
    options = ("-p", "carafe.testing.plugin", "-n", str(processes), "tests")
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=sum(files.values()))
    lines = [line.split() for line in log.read_text().splitlines()]
    return [(file, process) for file, process in lines]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKERS", "")  # taken back afterwards
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)


def test_the_tests_of_a_file_run_in_one_process_and_so_do_those_of_some_folders(
    pytester: pytest.Pytester,
) -> None:
    apart = ["test_one", "test_two", "test_three"]
    shared = ["test_four", "test_five"]
    files = {f"{each}.py": 3 for each in apart} | {f"shared/{each}.py": 3 for each in shared}
    processes: dict[str, set[str]] = {}
    for file, process in runs(pytester, files, processes=2):
        processes.setdefault(file, set()).add(process)
    assert [len(processes[each]) for each in apart] == [1, 1, 1]
    assert len(set().union(*(processes[each] for each in shared))) == 1
    assert set().union(*processes.values()) == {"gw0", "gw1"}


def test_what_takes_longest_begins_first(pytester: pytest.Pytester) -> None:
    """Folders that share something, then files with few tests: the other order leaves a tail."""
    files = {"test_many.py": 4, "test_one.py": 1, "shared/test_some.py": 2, "test_two.py": 2}
    order = dict.fromkeys(file for file, _ in runs(pytester, files, processes=1))
    assert list(order) == ["test_some", "test_one", "test_two", "test_many"]


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
