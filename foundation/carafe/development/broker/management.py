"""What exists on a live broker, asked through RabbitMQ's management API.

AMQP alone tells neither bindings nor arguments. Amazon MQ offers the API on port 443.
https://www.rabbitmq.com/docs/http-api-reference
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import urllib3

from carafe.infrastructure.event_bus.topology import Binding

TIMEOUT_SECONDS = 10.0

# By convention the API listens so many ports above AMQP.
_PORT_DISTANCE = 10_000
_AMQP_PORT = 5672
_OK = 200
_UNAUTHORIZED = (401, 403)


class ManagementUnavailable(Exception):
    """The management API does not answer; the message says what to do."""


@dataclass(frozen=True)
class LiveExchange:
    """An exchange as it is."""

    name: str
    kind: str
    durable: bool
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class LiveQueue:
    """A queue as it is."""

    name: str
    durable: bool
    arguments: Mapping[str, Any]
    messages: int


@dataclass(frozen=True)
class LiveBroker:
    """What exists in one virtual host.

    Attributes:
        exchanges: by name.
        queues: by name.
        bindings: from named exchanges to queues and exchanges.
    """

    exchanges: Mapping[str, LiveExchange]
    queues: Mapping[str, LiveQueue]
    bindings: frozenset[Binding]


class Management:
    """Asks the management API.

    Args:
        broker_url: of AMQP, with name, password and virtual host.
        url: of the API, without name and password; by default where it usually is.
    """

    def __init__(self, broker_url: str, url: str | None = None) -> None:
        parts = urlsplit(broker_url)
        self._base = (url or usual_url(broker_url)).rstrip("/")
        self._host = quote(unquote(parts.path[1:]) or "/", safe="")
        name, password = unquote(parts.username or "guest"), unquote(parts.password or "guest")
        self._headers = urllib3.make_headers(basic_auth=f"{name}:{password}")
        self._pool = urllib3.PoolManager(timeout=TIMEOUT_SECONDS, retries=False)

    def live(self) -> LiveBroker:
        """Return what exists.

        Raises:
            ManagementUnavailable: it does not answer, or refuses.
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

    def _all(self, kind: str) -> list[dict[str, Any]]:
        url = f"{self._base}/api/{kind}/{self._host}"
        try:
            answer = self._pool.request("GET", url, headers=self._headers)
        except urllib3.exceptions.HTTPError as error:
            raise ManagementUnavailable(
                f"The broker's management API cannot be reached ({type(error).__name__}). Enable "
                "the plugin rabbitmq_management, or say where it is in RABBITMQ_MANAGEMENT_URL."
            ) from error
        if answer.status in _UNAUTHORIZED:
            raise ManagementUnavailable(
                "The management API refuses the name or password of RABBITMQ_URL; "
                "the user needs the tag management or monitoring."
            )
        if answer.status != _OK:
            raise ManagementUnavailable(f"The management API answered {answer.status}.")
        values: list[dict[str, Any]] = answer.json()
        return values


def usual_url(broker_url: str) -> str:
    """Return where the API of a broker usually is."""
    parts = urlsplit(broker_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    if parts.scheme == "amqps":
        return f"https://{host}"
    return f"http://{host}:{(parts.port or _AMQP_PORT) + _PORT_DISTANCE}"
