"""Servers that are already there, and whose addresses the environment gives."""

import re

from .aws import sqs_answers
from .errors import Unreachable
from .mongodb import mongodb_answers
from .probes import http_answers
from .rabbitmq import rabbitmq_answers

SERVERS = {
    "MONGO_URI": "MongoDB",
    "RABBITMQ_URL": "RabbitMQ",
    "AWS_ENDPOINT_URL": "SQS",
    "TOKEN_ISSUER": "issuer",
}

PROBES = {
    "MONGO_URI": mongodb_answers,
    "RABBITMQ_URL": rabbitmq_answers,
    "AWS_ENDPOINT_URL": sqs_answers,
    "TOKEN_ISSUER": http_answers,
}


def require_answer(variable: str, address: str, name: str = "server") -> None:
    """Make sure that the server at an address is there.

    Args:
        variable: of the environment that gives the address.
        address: where it should be.
        name: of the server, if it is none that every service has.

    Raises:
        Unreachable: it does not answer; the message names the variable, and never a password.
    """
    if not PROBES.get(variable, http_answers)(address):
        raise unreachable(variable, address, name)


def unreachable(variable: str, address: str, name: str = "server") -> Unreachable:
    """Make the error that says so, and what to do."""
    hosts = hosts_of(address)
    place = f" at {hosts}" if hosts else ""
    return Unreachable(
        f"{variable} is set, but no {SERVERS.get(variable, name)}{place} accepts it: "
        f"start it, correct {variable}, or remove {variable} to have one started here."
    )


def hosts_of(address: str) -> str:
    """Return the hosts of an address, and nothing unless that is surely what they are."""
    hosts = re.split(r"[/?]", address.partition("://")[2].rpartition("@")[2])[0]
    return hosts if re.fullmatch(r"[\w.-]+(:\d+)?(,[\w.-]+(:\d+)?)*", hosts) else ""
