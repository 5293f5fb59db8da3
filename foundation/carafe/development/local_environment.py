"""The settings that a developer gave, and the addresses that other commands need."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from . import environment_file
from .project import project
from .servers.errors import LocalServerError
from .servers.ports import choose_port, is_free

AWS_PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
"""boto3 would read the developer's own profile, which must not be used here."""

OPEN_SETTINGS = ("PORT", "SERVICE_NAME", "MONGO_DATABASE", "EVENT_BUS_TYPE", "TOKEN_AUDIENCE")
"""Settings that never hold a password, and that other commands share with the service."""


def environment_path() -> Path:
    """Return the path of the service's `.env`, which need not exist."""
    return project().root / ".env"


def read_user_settings() -> dict[str, str]:
    """Return the settings in `.env`, outside the block of `make run`, and in the environment.

    The environment takes precedence. Empty values are left out.

    Raises:
        LocalServerError: `.env` cannot be read.
    """
    for name in AWS_PROFILES:
        os.environ.pop(name, None)
    with accessible_file():
        settings = {**environment_file.read_user_values(environment_path()), **os.environ}
    return {name: value for name, value in settings.items() if value}


def choose_service_port(settings: Mapping[str, str]) -> int:
    """Return the port in PORT; without it the service's own, or any if that is in use.

    Raises:
        LocalServerError: the port in PORT is in use.
    """
    if "PORT" not in settings:
        return choose_port(project().service.port)
    port = int(settings["PORT"])
    if not is_free(port):
        raise LocalServerError(
            f"PORT is {port}, but another program, or another `make run`, uses that port: "
            "end it, choose another, or remove PORT to have a free one chosen."
        )
    return port


def write_addresses(user_settings: Mapping[str, str], addresses: Mapping[str, str]) -> None:
    """Write to `.env` what commands in another terminal need and do not find there yet.

    An address that the user gave is not written: it may hold a password.

    Args:
        user_settings: from `read_user_settings`.
        addresses: in use, by variable.

    Raises:
        LocalServerError: the file cannot be written.
    """
    shared = {name: user_settings[name] for name in OPEN_SETTINGS if name in user_settings}
    block = {name: value for name, value in addresses.items() if user_settings.get(name) != value}
    with accessible_file():
        in_file = environment_file.read_user_values(environment_path())
        block |= {name: value for name, value in shared.items() if in_file.get(name) != value}
        environment_file.write_block(environment_path(), block)


@contextmanager
def accessible_file() -> Iterator[None]:
    """Report in one line that `.env` cannot be read or written."""
    try:
        yield
    except OSError as failure:
        what = f"{failure.strerror}: {environment_path()}"
        raise LocalServerError(f"{what}: make it accessible, or remove it.") from failure
