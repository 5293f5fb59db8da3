"""What the user set, and what commands in another terminal must know."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from . import environment_file
from .project import project
from .servers.errors import LocalServerError
from .servers.ports import choose_port, is_free

AWS_PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
"""A profile of the developer's own, which boto3 would look for, has no business here."""

OPEN_SETTINGS = ("PORT", "SERVICE_NAME", "MONGO_DATABASE", "EVENT_BUS_TYPE", "TOKEN_AUDIENCE")
"""Settings that never hold a password, and that other commands must share with the service."""


def environment_path() -> Path:
    """Return where the service's `.env` is, or would be."""
    return project().root / ".env"


def read_given() -> dict[str, str]:
    """Return what the user set: in .env, or with more weight in the environment.

    Raises:
        LocalServerError: .env cannot be read.
    """
    for name in AWS_PROFILES:
        os.environ.pop(name, None)
    with accessible_file():
        given = {**environment_file.read_given(environment_path()), **os.environ}
    return {name: value for name, value in given.items() if value}


def chosen_port(given: Mapping[str, str]) -> int:
    """Return the port that PORT names, or else the service's own if it is free, or any free one.

    Raises:
        LocalServerError: PORT is taken.
    """
    if "PORT" not in given:
        return choose_port(project().service.port)
    port = int(given["PORT"])
    if not is_free(port):
        raise LocalServerError(
            f"PORT is {port}, but another program, or another `make run`, uses that port: "
            "end it, choose another, or remove PORT to have a free one chosen."
        )
    return port


def tell_other_commands(given: Mapping[str, str], addresses: Mapping[str, str]) -> None:
    """Write to .env what commands in another terminal need, and what is not there yet.

    An address that was given is not ours to write: it may hold a password.

    Raises:
        LocalServerError: the file cannot be written.
    """
    settings = {name: given[name] for name in OPEN_SETTINGS if name in given}
    block = {name: value for name, value in addresses.items() if given.get(name) != value}
    with accessible_file():
        there = environment_file.read_given(environment_path())
        block |= {name: value for name, value in settings.items() if there.get(name) != value}
        environment_file.write_block(environment_path(), block)


@contextmanager
def accessible_file() -> Iterator[None]:
    """Tell in one line that .env cannot be read or written."""
    try:
        yield
    except OSError as failure:
        what = f"{failure.strerror}: {environment_path()}"
        raise LocalServerError(f"{what}: make it accessible, or remove it.") from failure
