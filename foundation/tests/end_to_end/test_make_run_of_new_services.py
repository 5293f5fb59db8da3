"""`make run` of services with more and less in them: the request to try, and the end by Ctrl-C."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from carafe.testing.processes import wait_until
from tests.support.commands import environment, output_of
from tests.support.new_service import Installation, NewService

# Who starts the tests in the background may have them ignore Ctrl-C, and their children too.
MAKE_RUN = ("env", "--default-signal=INT", "make", "run")

NOTES = """\
context: notes
aggregates:
  Note:
    description: Something to remember.
    {whose}
    attributes: {{text: text(200), author: identifier}}
    events:
      NoteTaken: {{description: A note was taken., tells: [text]}}
    behaviors:
      take: {{description: Take a note., creates: true, takes: [author, text], records: NoteTaken}}
    commands:
      TakeNote: {{behavior: take}}
"""
QUERIES = """\
    queries:
      ListNotes: {returns: page}
"""
MODELS = {
    "nothing": "",
    "only creation": NOTES.format(whose="shared: true"),
    "owned": NOTES.format(whose="owner: author") + QUERIES,
}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The foundation, installed from its wheel."""
    return Installation(tmp_path_factory.mktemp("installation"))


@pytest.mark.parametrize("name", MODELS)
def test_the_printed_request_works_and_ctrl_c_is_no_error(
    installation: Installation, tmp_path: Path, name: str
) -> None:
    service = installation.new(tmp_path / "notes", "--yes")
    if MODELS[name]:
        (service.folder / "model.yaml").write_text(MODELS[name])
        service.carafe("scaffold")
    printed, answer, code = _tried(service)
    if name == "owned":
        assert answer["items"][0]["author"] == "maria"
    else:
        assert answer == {"status": "ok"}
    assert "stopping" in printed
    assert "***" not in printed
    assert code == -signal.SIGINT


def _tried(service: NewService) -> tuple[str, dict[str, Any], int]:
    """Return what `make run` printed, the answer to the request it names, and its exit code."""
    output = service.folder / ".local.txt"
    with output.open("w") as file:
        child = subprocess.Popen(
            MAKE_RUN,
            cwd=service.folder,
            env=environment(),
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until(lambda: "Ctrl-C" in output.read_text() or child.poll() is not None, 120)
        request = re.search(r"^Try +(.+)$", output.read_text(), re.MULTILINE)
        assert request, output.read_text()
        answer = json.loads(output_of(service.folder, "sh", "-c", request[1]))
    finally:
        os.killpg(child.pid, signal.SIGINT)  # as a terminal does
        code = child.wait(60)
    return output.read_text(), answer, code
