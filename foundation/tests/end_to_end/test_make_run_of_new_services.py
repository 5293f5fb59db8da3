"""`make run` of services that were just made: the request to try, and the end by Ctrl-C."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from carafe.testing.processes import wait_until
from tests.support.commands import environment, output_of
from tests.support.new_service import Installation, NewService

# Who starts the tests in the background may have them ignore Ctrl-C, and their children too.
MAKE_RUN = ("env", "--default-signal=INT", "make", "run")

MODEL = """\
context: notes
aggregates:
  Note:
    description: Something to remember.
    owner: author
    attributes: {text: text(200), author: identifier}
    events:
      NoteTaken: {description: A note was taken., tells: [text]}
    behaviors:
      take: {description: Take a note., creates: true, takes: [author, text], records: NoteTaken}
    commands:
      TakeNote: {behavior: take}
    queries:
      ListNotes: {returns: page}
"""


@pytest.fixture(scope="module")
def notes(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> NewService:
    """A service that was just made; tests have clones of it."""
    return installation.new(tmp_path_factory.mktemp("made") / "notes", "--yes")


@pytest.fixture
def service(notes: NewService, tmp_path: Path) -> Iterator[NewService]:
    """A service that was just made."""
    service = notes.clone(tmp_path / "notes")
    yield service
    service.remove()


def test_everything_starts_though_nothing_can_be_made_yet(service: NewService) -> None:
    printed, answer = _tried(service)
    for part in ("MongoDB", "RabbitMQ", "SQS", "Issuer", "bridge", "sweep", "execute", "consume"):
        assert re.search(rf"\b{part} +ready", printed), printed
    assert "no command creates an aggregate yet: add one with `carafe scaffold`" in printed
    assert answer == {"status": "ok"}


def test_the_first_event_is_on_the_bus_and_its_note_can_be_read(
    service: NewService, given: Mapping[str, str]
) -> None:
    (service.folder / "model.yaml").write_text(MODEL)
    service.carafe("scaffold")
    printed, answer = _tried(service, **given)
    assert "notes.note.taken.v1, as a consumer receives it" in printed
    assert answer["items"][0]["author"] == "maria"


def _tried(service: NewService, **settings: str) -> tuple[str, dict[str, Any]]:
    """Return what `make run` printed, and the answer to the request it names; Ctrl-C ends it."""
    output = service.folder / ".local.txt"
    with output.open("w") as file:
        child = subprocess.Popen(
            MAKE_RUN,
            cwd=service.folder,
            env=environment(**settings),
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until(lambda: "Ctrl-C" in output.read_text() or child.poll() is not None, 120)
        request = re.search(r"^Try +(.+)$", output.read_text(), re.MULTILINE)
        assert request, output.read_text()
        command = ("sh", "-c", request[1])
        answer = json.loads(output_of(service.folder, *command, expected=0, **settings))
    finally:
        os.killpg(child.pid, signal.SIGINT)  # as a terminal does
        code = child.wait(60)
    printed = output.read_text()
    assert "stopping" in printed
    assert "***" not in printed  # make's own complaint
    assert code == -signal.SIGINT
    return printed, answer
