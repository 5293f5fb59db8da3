"""Reads what exists on a live broker from RabbitMQ's management API.

AMQP itself reports neither bindings nor arguments. Amazon MQ serves the API on port 443.
https://www.rabbitmq.com/docs/http-api-reference
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from carafe.contracts.addresses import (
    addresses_of_nodes,
    is_web_address,
    login_of,
    virtual_host_of,
)
from carafe.development.expected_error import ExpectedError
from carafe.infrastructure.event_bus.topology import Binding

TIMEOUT_SECONDS = 10.0

# By convention, the port of the API is this much higher than AMQP's.
_PORT_DISTANCE = 10_000
_AMQP_PORT = 5672
_OK = 200
_UNAUTHORIZED = (401, 403)


class ManagementUnavailable(ExpectedError):
    """The management API does not answer; the message says what to do."""


class ManagementUnreachable(ManagementUnavailable):
    """Nothing answers at its address."""


@dataclass(frozen=True)
class LiveExchange:
    """An exchange on the broker."""

    name: str
    kind: str
    durable: bool
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class LiveQueue:
    """A queue on the broker."""

    name: str
    durable: bool
    arguments: Mapping[str, Any]
    messages: int


@dataclass(frozen=True)
class LiveBroker:
    """The contents of a virtual host.

    Attributes:
        exchanges: by name.
        queues: by name.
        bindings: those from named exchanges to queues and exchanges.
    """

    exchanges: Mapping[str, LiveExchange]
    queues: Mapping[str, LiveQueue]
    bindings: frozenset[Binding]


class Management:
    """A client of the management API.

    Args:
        broker_url: the AMQP URL, with user, password and virtual host.
        url: the API's URL, without user and password; by default the usual one.

    Raises:
        ManagementUnavailable: the URL is not valid.
    """

    def __init__(self, broker_url: str, url: str | None = None) -> None:
        if url is not None and not is_web_address(url):
            raise ManagementUnavailable(
                "RABBITMQ_MANAGEMENT_URL must be http://host:port, or https: correct or remove it."
            )
        self._base = (url or usual_url(broker_url)).rstrip("/")
        self._host = quote(virtual_host_of(broker_url), safe="")
        user, password = login_of(broker_url)
        self._login = f"{user or 'guest'}:{password or 'guest'}"

    def live(self) -> LiveBroker:
        """Return what exists in the virtual host.

        Raises:
            ManagementUnavailable: the API does not answer, or refuses access.
        """
        exchanges = [
            LiveExchange(each["name"], each["type"], each["durable"], each["arguments"])
            for each in self._all("exchanges")
        ]
        queues = [
            LiveQueue(each["name"], each["durable"], each["arguments"], each.get("messages", 0))
            for each in self._all("queues")
        ]
        bindings = [
            Binding(each["source"], each["destination"], each["routing_key"])
            for each in self._all("bindings")
            if each["source"]
        ]
        return LiveBroker(
            {each.name: each for each in exchanges},
            {each.name: each for each in queues},
            frozenset(bindings),
        )

    def _all(self, resource: str) -> list[dict[str, Any]]:
        import urllib3  # noqa: PLC0415 - the other commands of this group do without it

        url = f"{self._base}/api/{resource}/{self._host}"
        headers = urllib3.make_headers(basic_auth=self._login)
        try:
            with urllib3.PoolManager(timeout=TIMEOUT_SECONDS, retries=False) as pool:
                answer = pool.request("GET", url, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise ManagementUnreachable(
                f"The broker's management API cannot be reached ({type(error).__name__}). Enable "
                "the plugin rabbitmq_management, or set RABBITMQ_MANAGEMENT_URL to its address."
            ) from error
        if answer.status in _UNAUTHORIZED:
            raise ManagementUnavailable(
                "The management API rejects the user or password of RABBITMQ_URL; "
                "the user needs the tag management or monitoring."
            )
        if answer.status != _OK:
            raise ManagementUnavailable(f"The management API answered {answer.status}.")
        values: list[dict[str, Any]] = answer.json()
        return values


def usual_url(broker_url: str) -> str:
    """Return the usual address of a broker's API, on the first of its hosts."""
    parts = urlsplit(addresses_of_nodes(broker_url)[0])
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    if parts.scheme == "amqps":
        return f"https://{host}"
    return f"http://{host}:{(parts.port or _AMQP_PORT) + _PORT_DISTANCE}"
