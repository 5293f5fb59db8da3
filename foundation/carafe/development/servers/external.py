"""External servers: already running, with their addresses in the environment."""

import re

from carafe.contracts.addresses import is_broker_address, is_mongo_address, is_web_address

from .aws import is_sqs_reachable
from .errors import Unreachable
from .mongodb import is_mongodb_reachable
from .probes import is_http_reachable
from .rabbitmq import is_rabbitmq_reachable

SERVERS = {
    "MONGO_URI": "MongoDB",
    "RABBITMQ_URL": "RabbitMQ",
    "AWS_ENDPOINT_URL": "SQS",
    "TOKEN_ISSUER": "issuer",
}

PROBES = {
    "MONGO_URI": is_mongodb_reachable,
    "RABBITMQ_URL": is_rabbitmq_reachable,
    "AWS_ENDPOINT_URL": is_sqs_reachable,
    "TOKEN_ISSUER": is_http_reachable,
}

# A driver fills in what an address lacks, and could reach a server that nobody named.
FORMS = {"MONGO_URI": is_mongo_address, "RABBITMQ_URL": is_broker_address}


def require_reachable(variable: str, address: str, name: str = "server") -> None:
    """Require that the server at an address answers.

    Args:
        variable: the environment variable that holds the address.
        address: its value.
        name: the server's name, unless it is one that every service has.

    Raises:
        Unreachable: it does not answer, or the address names no host; the message names the
            variable, and never a password.
    """
    if not FORMS.get(variable, is_web_address)(address):
        raise Unreachable(
            f"{variable} is set, but is not a valid address: correct it (.env.example shows its "
            f"form), or remove {variable} to have a server started here."
        )
    if not PROBES.get(variable, is_http_reachable)(address):
        raise unreachable_error(variable, address, name)


def unreachable_error(variable: str, address: str, name: str = "server") -> Unreachable:
    """Return the error for a server that does not answer."""
    hosts = hosts_of(address)
    place = f" at {hosts}" if hosts else ""
    return Unreachable(
        f"{variable} is set, but no {SERVERS.get(variable, name)}{place} accepts it: "
        f"start the server, correct {variable}, or remove {variable} to have one started here."
    )


def hosts_of(address: str) -> str:
    """Return the hosts of an address, or an empty string if the address is malformed."""
    hosts = re.split(r"[/?]", address.partition("://")[2].rpartition("@")[2])[0]
    return hosts if re.fullmatch(r"[\w.-]+(:\d+)?(,[\w.-]+(:\d+)?)*", hosts) else ""
