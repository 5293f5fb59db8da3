"""What `make run` wrote for other commands leads no test away from its own servers."""

import json
from pathlib import Path

from carafe.development.servers.stack import Stack
from carafe.testing.processes import run_in
from tests.support.service_copy import ServiceCopy

TESTS = """
import os

class TestStore:
    def test_it_is_there(self, class_container):
        assert class_container.settings.mongo_uri

def test_the_environment_is_as_it_was():
    assert "WRITTEN_BY_MAKE_RUN" not in os.environ
"""


def test_an_environment_file_stays_out_of_the_environment(stack: Stack, tmp_path: Path) -> None:
    copy = ServiceCopy(tmp_path / "service")
    (copy.folder / ".env").write_text("WRITTEN_BY_MAKE_RUN=yes\n")
    (copy.folder / "tests/unit/test_environment.py").write_text(TESTS)
    lent = {"TEST_SERVERS": json.dumps(dict(stack.environment))}
    words = ("tests/unit/test_environment.py", "-q", "-p", "no:cacheprovider")
    code, output = run_in(copy.folder, "pytest", *words, environment=lent)
    assert code == 0, output
    assert "2 passed" in output
