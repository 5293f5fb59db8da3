"""Interviews that are held by tests."""

import json
from pathlib import Path

from click.testing import Result

from carafe.development.cli import main
from carafe.development.discovery.model import Model
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.scaffold.pictures import CODE
from tests.support.command_runner import CommandRunner


def make_service(folder: Path) -> None:
    """Let a folder be a service as far as models go."""
    for part in CODE:
        (folder / part).mkdir()
    (folder / ".chalice/config.json").write_text(json.dumps({"app_name": "lending"}))


def ask(answers: list[str], *options: str) -> Result:
    """Hold an interview in the service in this folder."""
    lines = "".join(f"{each}\n" for each in answers)
    return CommandRunner().invoke(main, ["discover", "--ask", *options], input=lines)


def model(output: str) -> Model:
    """Read the model that a dry run shows."""
    return resolve(Source(output[output.index("context: ") :], "asked"))
