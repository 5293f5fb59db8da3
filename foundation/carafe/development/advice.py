"""What a command adds to an error when the servers of `make run` may be missing."""

import os
from collections.abc import Mapping

from carafe.infrastructure.errors import (
    BusLoginRefused,
    BusUnavailable,
    StoreLoginRefused,
    StoreUnavailable,
)
from carafe.infrastructure.settings import BadSettings

from .broker.management import ManagementUnreachable
from .servers.external import hosts_of
from .up import PLACEHOLDERS

VARIABLES: Mapping[type[Exception], tuple[str, ...]] = {
    StoreUnavailable: ("MONGO_URI",),
    BusUnavailable: ("RABBITMQ_URL",),
    ManagementUnreachable: ("RABBITMQ_MANAGEMENT_URL", "RABBITMQ_URL"),
}
"""The settings that may have led to a server; the first that is there did."""

REFUSED = (BusLoginRefused, StoreLoginRefused)
LOCAL = ("127.0.0.1:", "localhost:")


def advice_for(error: Exception) -> str:
    """Return what to add to the message of an error; empty if there is nothing."""
    if isinstance(error, BadSettings):
        is_missing = any(f"{each} is missing" in error.faults for each in PLACEHOLDERS)
        return "\n`make run` starts what is missing, and writes it to .env." if is_missing else ""
    for kind, variables in VARIABLES.items():
        if isinstance(error, kind) and not isinstance(error, REFUSED):
            variable = next((each for each in variables if each in os.environ), variables[-1])
            hosts = hosts_of(os.environ.get(variable, ""))
            question = ": is `make run` running?" if hosts.startswith(LOCAL) else "."
            return f" {variable} leads to {hosts}{question}" if hosts else ""
    return ""
