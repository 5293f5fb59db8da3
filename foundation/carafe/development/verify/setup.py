"""01 - Initial Setup: the same name everywhere, documented settings, pinned versions."""

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
NOT_LOCAL = {"STAGE"}


def name_mismatches() -> Iterator[str]:
    """Yield the places where the service has another name than in app.py."""
    app = project().app
    config = json.loads(Path(".chalice/config.json").read_text())
    names = {
        ".chalice/config.json (app_name)": config["app_name"],
        ".env.example (SERVICE_NAME)": _example().get("SERVICE_NAME", ""),
    }
    for place, name in names.items():
        if name != app.app_name:
            yield f"{place} says {name!r}, app.py says {app.app_name!r}: choose one"
    for each in queue_triggers(app):
        if not each.queue.startswith(f"{app.app_name}-"):
            yield f"the queue {each.queue!r} of {each.function} must begin with {app.app_name}-"


def unlisted_settings() -> Iterator[str]:
    """Yield settings that are missing in .env.example."""
    variables = {name.upper() for name in project().service.settings.__struct_fields__}
    listed = {match["name"] for match in _lines()}
    for name in sorted(variables - listed - NOT_LOCAL):
        yield f".env.example does not list {name}: add it, with a comment above"


def unexplained_settings() -> Iterator[str]:
    """Yield settings whose block has no comment above it."""
    for block in EXAMPLE.read_text().split("\n\n"):
        lines = block.strip().splitlines()
        first = lines[0] if lines else ""
        if first and (not first.startswith("#") or LINE.match(first)):
            yield f"{first.partition('=')[0].lstrip('# ')} has no comment above it in .env.example"


def invalid_settings() -> Iterator[str]:
    """Yield settings with an example that the service would refuse."""
    try:
        _read(_example())
    except BadSettings as error:
        yield from (f".env.example: {fault}" for fault in error.faults if "missing" not in fault)


def unignored_secrets() -> Iterator[str]:
    """Yield that the file with the secrets could be committed."""
    if ".env" not in Path(".gitignore").read_text().split():
        yield ".gitignore does not name .env, which holds passwords: add it"


def unpinned_requirements() -> Iterator[str]:
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
    Need(
        "app.py, .chalice/config.json and .env.example agree on the service's name", name_mismatches
    ),
    Need(".env.example lists every setting", unlisted_settings),
    Need(".env.example explains every setting", unexplained_settings),
    Need("the values of .env.example are valid", invalid_settings),
    Need(".env is never committed", unignored_secrets),
    Need("every requirement is pinned", unpinned_requirements),
)
