"""Write what the present code stores and sends, for all later versions to read.

    cd foundation && ../.venv/bin/python -m tests.support.golden.write 1.0.0

Run it when a test says that a form has changed, and it was meant to; and read the difference. What
a released version has written is never overwritten: the next one gets a folder of its own.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from carafe.development.servers.stack import Stack

from .scenario import Files, files_of
from .versions import CHANGELOG, VERSION, Golden, is_released, versions


class Refused(Exception):
    """These files must not be written; the message says why."""


def write(golden: Golden, files: Mapping[str, str]) -> None:
    """Write the files of a version, whatever was there before."""
    golden.folder.mkdir(exist_ok=True)
    for each in golden.folder.iterdir():
        each.unlink()
    for name, text in files.items():
        (golden.folder / name).write_text(text)


def require_unreleased(golden: Golden, changelog: str) -> None:
    """Require that a version may still be written.

    Raises:
        Refused: it is released, or older than one that is kept.
    """
    if not VERSION.fullmatch(golden.version):
        raise Refused("name the version to write, such as 1.0.0")
    if is_released(golden.version, changelog):
        raise Refused(f"{golden} is released: keep its files, and write those of the next version")
    latest = versions()[-1:]
    if latest and golden.numbers < latest[0].numbers:
        raise Refused(f"{golden} is older than {latest[0]}, which is kept already")


def present_files() -> Files:
    """Return the files of the present code, on servers that are started unless they are lent."""
    lent = json.loads(os.environ.get("TEST_SERVERS", "{}"))
    queues = {"NUDGE_QUEUE_URL": "http://x/nudges", "COMMAND_QUEUE_URL": "http://x/commands"}
    others = {"EVENT_BUS_TYPE": "rabbitmq", "TOKEN_AUDIENCE": "nobody"}
    with TemporaryDirectory() as folder, Stack(Path(folder), lent, preferred_ports=False) as stack:
        return files_of({**stack.environment, **queues, **others})


def main() -> None:
    """Write the files of the version that is named."""
    (version,) = sys.argv[1:] or [""]
    golden = Golden(version)
    try:
        require_unreleased(golden, CHANGELOG.read_text())
    except Refused as error:
        sys.exit(f"error: {error}")
    write(golden, present_files())


if __name__ == "__main__":
    main()
