"""What every first event needs: a signed-in request, and a consumer on the bus."""

import json
import time
from dataclasses import dataclass
from typing import Any

import urllib3

from carafe.infrastructure.event_bus.port import Received, Subscription
from carafe.infrastructure.settings import Settings

from .tokens import bearer, fetch_token

EVENT_TIMEOUT_SECONDS = 30.0
HTTP_TIMEOUT_SECONDS = 10.0


class DemoFailed(Exception):
    """The first event did not come through; the message says where it stopped."""


class CommandRefused(DemoFailed):
    """The service runs, and does not take this command (4xx)."""


class OwnDemoNeeded(DemoFailed):
    """The contracts' examples alone cause no event; the message names `local/demo.py`."""


@dataclass(frozen=True)
class FirstEvent:
    """What the demo did.

    Attributes:
        event: the CloudEvent that the consumer received.
        milliseconds: from sending the command to holding its event.
    """

    event: dict[str, Any]
    milliseconds: float


@dataclass(frozen=True)
class Place:
    """Where the service is, and who gives tokens for it.

    Attributes:
        url: of the service, such as `http://127.0.0.1:8000`.
        issuer: of access tokens.
        audience: how tokens name the service.
    """

    url: str
    issuer: str
    audience: str

    @classmethod
    def of(cls, url: str, settings: Settings) -> "Place":
        """Return the service at an address, with the tokens that its settings ask for."""
        return cls(url, settings.token_issuer, settings.token_audience)

    def sign_in(self, subject: str, scope: str) -> dict[str, str]:
        """Return the headers of somebody.

        Raises:
            TokenNotIssued: the issuer gave no token.
        """
        return bearer(fetch_token(self.issuer, self.audience, subject, scope))


class Api:
    """Speaks with the service's HTTP functions.

    Args:
        base_url: such as `http://127.0.0.1:8000`.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._pool = urllib3.PoolManager(timeout=HTTP_TIMEOUT_SECONDS, retries=False)

    def post(self, path: str, body: object, headers: dict[str, str]) -> dict[str, Any]:
        """Send a command by POST and return its answer, as `send`."""
        return self.send("POST", path, body, headers)

    def send(self, method: str, path: str, body: object, headers: dict[str, str]) -> dict[str, Any]:
        """Send a command and return its answer.

        Raises:
            CommandRefused: the service does not take it.
            DemoFailed: the service failed, or cannot be reached.
        """
        try:
            answer = self._pool.request(method, self._base_url + path, json=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            reason = type(error).__name__
            raise DemoFailed(
                f"{self._base_url} cannot be reached ({reason}): start it with `make run`"
            ) from error
        values = _json_object(answer.data)
        said = f"{method} {path} answered {answer.status}"
        if answer.status >= 300 and "detail" in values:  # noqa: PLR2004 - HTTP's own border
            kind = CommandRefused if answer.status < 500 else DemoFailed  # noqa: PLR2004 - as above
            raise kind(f"{said}: {values['detail']}")
        if "id" not in values:
            what = f"{said}, and not as this service does"
            raise DemoFailed(f"another server runs on {self._base_url}: {what}")
        return values


def _json_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object; an empty one if it is none."""
    try:
        values = json.loads(body)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def require_shared_bus(event_bus_type: str) -> None:
    """Make sure that events can be seen from another process than the one that serves.

    Raises:
        DemoFailed: the bus is the one in memory.
    """
    if event_bus_type == "base":
        raise DemoFailed(
            "with EVENT_BUS_TYPE=base the bus lives inside `make run`, where no other process "
            "sees an event: run `make run` without it, or watch the event that it shows itself"
        )


def event_of(identifier: str, subscription: Subscription) -> tuple[dict[str, Any], Received]:
    """Return the first event of an aggregate, and the message that brought it.

    Raises:
        DemoFailed: it came too late.
    """
    deadline = time.monotonic() + EVENT_TIMEOUT_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        received = subscription.receive(left)
        if received is None:
            break
        subscription.settle(received)
        event: dict[str, Any] = json.loads(received.body)
        if event.get("subject") == identifier:
            return event, received
    raise DemoFailed(f"no event of {identifier} within {EVENT_TIMEOUT_SECONDS:.0f} s")
