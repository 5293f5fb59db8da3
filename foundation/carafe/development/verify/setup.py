"""01 - Initial Setup: one name everywhere, settings explained, versions pinned."""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from carafe.development.event_sources import queue_triggers
from carafe.development.project import project
from carafe.infrastructure.settings import BadSettings

from .needs import Need

EXAMPLE = Path(".env.example")
LINE = re.compile(r"^(?P<comment># )?(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)$")

# Set by a deployment, never in `.env`.
NOT_LOCAL = {"AWS_LAMBDA_FUNCTION_NAME", "STAGE"}


def one_name() -> Iterator[str]:
    """Yield where the service is called otherwise than in app.py."""
    app = project().app
    names = {
        ".chalice/config.json (app_name)": json.loads(Path(".chalice/config.json").read_text())[
            "app_name"
        ],
        ".env.example (SERVICE_NAME)": _example().get("SERVICE_NAME", ""),
    }
    for place, name in names.items():
        if name != app.app_name:
            yield f"{place} says {name!r}, app.py says {app.app_name!r}: choose one"
    for each in queue_triggers(app):
        if not each.queue.startswith(f"{app.app_name}-"):
            yield f"the queue {each.queue!r} of {each.function} must begin with {app.app_name}-"


class _Asked(dict[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.names.add(name)
        return default


def settings_listed() -> Iterator[str]:
    """Yield settings that the example of the environment does not list."""
    asked = _Asked()
    with contextlib.suppress(BadSettings):  # of course: it is empty
        _read(asked)
    listed = {match["name"] for match in _lines()}
    for name in sorted(asked.names - listed - NOT_LOCAL):
        yield f".env.example does not list {name}: add it, with a comment above"


def settings_explained() -> Iterator[str]:
    """Yield settings without a comment above the block that they stand in."""
    for block in EXAMPLE.read_text().split("\n\n"):
        lines = block.strip().splitlines()
        first = lines[0] if lines else ""
        if first and (not first.startswith("#") or LINE.match(first)):
            yield f"{first.partition('=')[0].lstrip('# ')} has no comment above it in .env.example"


def settings_valid() -> Iterator[str]:
    """Yield settings whose example the service would refuse."""
    try:
        _read(_example())
    except BadSettings as error:
        yield from (f".env.example: {fault}" for fault in error.faults if "missing" not in fault)


def secrets_ignored() -> Iterator[str]:
    """Yield what would let a secret be committed."""
    if ".env" not in Path(".gitignore").read_text().split():
        yield ".gitignore does not name .env, which holds passwords: add it"


def pinned() -> Iterator[str]:
    """Yield requirements without an exact version."""
    for file in (Path("requirements.txt"), Path("requirements-dev.txt")):
        for line in file.read_text().splitlines():
            requirement = line.partition("#")[0].strip()
            if requirement and not requirement.startswith("-") and "==" not in requirement:
                yield f"{file}: {requirement} has no exact version: pin it with =="


def _read(environment: Mapping[str, str]) -> None:
    declared = project().service
    declared.settings.read(environment, declared.name)


def _lines() -> Iterator[re.Match[str]]:
    for line in EXAMPLE.read_text().splitlines():
        if match := LINE.match(line):
            yield match


def _example() -> Mapping[str, str]:
    return {match["name"]: match["value"] for match in _lines() if not match["comment"]}


NEEDS = (
    Need("app.py, .chalice/config.json and .env.example agree on the service's name", one_name),
    Need(".env.example lists every setting", settings_listed),
    Need(".env.example explains every setting", settings_explained),
    Need("the values of .env.example are valid", settings_valid),
    Need(".env is never committed", secrets_ignored),
    Need("every requirement is pinned", pinned),
)
