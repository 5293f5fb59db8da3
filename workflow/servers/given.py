"""Servers that are already there, and whose addresses the environment gives."""

import re

from .errors import Unreachable
from .mongodb import mongodb_answers
from .probes import http_answers
from .rabbitmq import rabbitmq_answers

PROBES = {
    "MONGO_URI": mongodb_answers,
    "RABBITMQ_URL": rabbitmq_answers,
    "AWS_ENDPOINT_URL": http_answers,
    "PAYMENTS_URL": http_answers,
}


def require_answer(variable: str, address: str) -> None:
    """Make sure that the server at an address is there.

    Raises:
        Unreachable: it does not answer; the message names the variable, and never a password.
    """
    if not PROBES[variable](address):
        raise Unreachable(
            f"{variable} is set, but no server{_place(address)} accepts it: "
            f"start that server, correct {variable}, or remove it to have one started here."
        )


def _place(address: str) -> str:
    """Show the hosts of an address, and only if that is surely what they are."""
    hosts = re.split(r"[/?]", address.partition("://")[2].rpartition("@")[2])[0]
    return f" at {hosts}" if re.fullmatch(r"[\w.-]+(:\d+)?(,[\w.-]+(:\d+)?)*", hosts) else ""
