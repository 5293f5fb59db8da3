"""The parts of every demo: a signed-in request, and a consumer on the bus."""

import json
import time
from dataclasses import dataclass
from typing import Any

import urllib3

from carafe.development.expected_error import ExpectedError
from carafe.infrastructure.event_bus.port import ReceivedMessage, Subscription
from carafe.infrastructure.settings import Settings

from .tokens import bearer, fetch_token

EVENT_TIMEOUT_SECONDS = 30.0
HTTP_TIMEOUT_SECONDS = 10.0


class DemoFailed(ExpectedError):
    """The first event did not arrive; the message says what failed."""


class CommandRefused(DemoFailed):
    """The service runs, but rejects the command (4xx)."""


class OwnDemoNeeded(DemoFailed):
    """The examples in the contracts cause no event; the message names `local/demo.py`."""


@dataclass(frozen=True)
class FirstEvent:
    """The result of a demo.

    Attributes:
        event: the CloudEvent that the consumer received.
        milliseconds: from sending the command to receiving its event.
    """

    event: dict[str, Any]
    milliseconds: float


@dataclass(frozen=True)
class Place:
    """The addresses of the service and of its token issuer.

    Attributes:
        url: the service, such as `http://127.0.0.1:8000`.
        issuer: the issuer of access tokens.
        audience: the name of the service in tokens.
    """

    url: str
    issuer: str
    audience: str

    @classmethod
    def of(cls, url: str, settings: Settings) -> "Place":
        """Return the service at an address, with the token issuer of its settings."""
        return cls(url, settings.token_issuer, settings.token_audience.split()[0])

    def sign_in(self, subject: str, scope: str) -> dict[str, str]:
        """Return the headers of a signed-in caller.

        Raises:
            TokenNotIssued: the issuer gave no token.
        """
        return bearer(fetch_token(self.issuer, self.audience, subject, scope))


class Api:
    """A client of the service's HTTP functions.

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
            CommandRefused: the service rejects it.
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
        outcome = f"{method} {path} answered {answer.status}"
        if answer.status >= 300 and "detail" in values:  # noqa: PLR2004 - HTTP's own limit
            error_type = CommandRefused if answer.status < 500 else DemoFailed  # noqa: PLR2004 - as above
            raise error_type(f"{outcome}: {values['detail']}")
        if "id" not in values:
            raise DemoFailed(
                f"another server runs on {self._base_url}: {outcome}, but not as this service does"
            )
        return values


def _json_object(body: bytes) -> dict[str, Any]:
    """Return a JSON object; an empty one if the body is not a JSON object."""
    try:
        values = json.loads(body)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def require_shared_bus(event_bus_type: str) -> None:
    """Require that other processes than the one that serves can see events.

    Raises:
        DemoFailed: the bus is the one in memory.
    """
    if event_bus_type == "base":
        raise DemoFailed(
            "with EVENT_BUS_TYPE=base the bus lives inside `make run`, where no other process "
            "sees an event: run `make run` without it, or watch the event that it shows"
        )


def event_of(identifier: str, subscription: Subscription) -> tuple[dict[str, Any], ReceivedMessage]:
    """Return the first event of an aggregate, and the message that brought it.

    Raises:
        DemoFailed: it came too late.
    """
    deadline = time.monotonic() + EVENT_TIMEOUT_SECONDS
    while (rest := deadline - time.monotonic()) > 0:
        received = subscription.receive(rest)
        if received is None:
            break
        subscription.settle(received)
        event: dict[str, Any] = json.loads(received.body)
        if event.get("subject") == identifier:
            return event, received
    raise DemoFailed(f"no event of {identifier} arrived within {EVENT_TIMEOUT_SECONDS:.0f} s")
