"""Versions, and which of them a service, the command and an index have."""

from packaging.version import InvalidVersion, Version

from .errors import UpgradeFailed


def parsed(version: str) -> Version:
    """Return a version that can be compared.

    Raises:
        UpgradeFailed: it is none.
    """
    try:
        return Version(version)
    except InvalidVersion as error:
        raise UpgradeFailed(f"{version!r} is no version: write one such as 1.2.0") from error


def require_command_for(present: str, command: str) -> None:
    """Raise UpgradeFailed if a service is newer than the command.

    Args:
        present: the version that the service pins.
        command: the version of this command.
    """
    if parsed(present) > parsed(command):
        raise UpgradeFailed(
            f"the service needs carafe-foundation {present}, and this command is of {command}: "
            "run `make install` first"
        )


def is_upgrade(present: str, target: str) -> bool:
    """Return whether a version is newer than the present one; False if it is the same.

    Raises:
        UpgradeFailed: it is an older one.
    """
    if parsed(target) < parsed(present):
        raise UpgradeFailed(
            f"the service has {present}, which is newer than {target}: "
            "`carafe upgrade --undo` takes an upgrade back"
        )
    return parsed(target) > parsed(present)
