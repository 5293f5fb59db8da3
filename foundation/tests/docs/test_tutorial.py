"""The tutorial, followed word by word by somebody who has only the command `carafe`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from carafe.development.servers.stack import Stack
from tests.support.commands import environment
from tests.support.new_service import Installation
from tests.support.places import FOUNDATION
from tests.support.tutorial import Follower

TUTORIAL = FOUNDATION / "docs/site/pages/tutorial.md"

PERSON = {
    "GIT_AUTHOR_NAME": "Maria",
    "GIT_AUTHOR_EMAIL": "maria@example.com",
    "GIT_COMMITTER_NAME": "Maria",
    "GIT_COMMITTER_EMAIL": "maria@example.com",
}

# The command, after which `make install` finds everything installed already.
LINKING = """\
#!/bin/sh
"{installation}/bin/carafe" "$@" || exit
[ "$1" = new ] || exit 0
cd "$2" && ln -s "{installation}" .venv && touch "{installation}/.installed"
echo /.venv >> .git/info/exclude
"""


@pytest.fixture
def person(tmp_path: Path, stack: Stack) -> Iterator[Follower]:
    """Somebody in an empty folder, whose `make test` is lent the servers of this run."""
    installation = Installation(tmp_path / "installation")
    command = tmp_path / "bin" / "carafe"
    command.parent.mkdir()
    command.write_text(LINKING.format(installation=installation.folder))
    command.chmod(0o755)
    variables = environment(**PERSON, TEST_SERVERS=json.dumps(stack.environment))
    variables["PATH"] = f"{command.parent}:{variables['PATH']}"
    folder = tmp_path / "empty"
    folder.mkdir()
    follower = Follower(folder, variables)
    yield follower
    follower.close()


def test_every_block_does_what_the_page_says(person: Follower) -> None:
    person.follow(TUTORIAL.read_text(encoding="utf-8"))
