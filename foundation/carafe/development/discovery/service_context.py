"""The context of the service in whose folder a command runs."""

import json
from pathlib import Path

from carafe.development.expected_error import ExpectedError

CONFIG = Path(".chalice/config.json")


class NoService(ExpectedError):
    """The working directory is not a service's folder; the message says what is missing."""


def own_context() -> str:
    """Return the context of the service in the working directory.

    Raises:
        NoService: the working directory is not a service's folder.
    """
    try:
        return str(json.loads(CONFIG.read_text(encoding="utf-8"))["app_name"])
    except (OSError, ValueError, KeyError) as error:
        raise NoService(
            f"{CONFIG} cannot be read ({type(error).__name__}): run this in a service's folder"
        ) from error
