"""The first order: products registered and an order placed over HTTP, its event consumed."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import urllib3

from chalicelib.infrastructure.cqrs.buses.port import EventBus, Received, Subscription
from chalicelib.infrastructure.settings import Settings

from .tokens import CUSTOMER_SCOPES, bearer, fetch_token

CUSTOMER = ("maria", CUSTOMER_SCOPES)
MERCHANT = ("mel", "catalogue:write")

EVENT_TIMEOUT_SECONDS = 30.0
HTTP_TIMEOUT_SECONDS = 10.0

_CATALOGUE = [("Carafe, 1 l", "24.90", 1), ("Tumbler, 250 ml", "6.50", 4)]
_ADDRESS = {
    "recipient": "Maria Weber",
    "street": "Lindenallee 12",
    "city": "Leipzig",
    "postal_code": "04109",
    "country": "DE",
}


class DemoFailed(Exception):
    """The first order did not come through; the message says where it stopped."""


@dataclass(frozen=True)
class FirstOrder:
    """What the demo did.

    Attributes:
        order_id: of the order placed.
        event: the CloudEvent that the consumer received.
        milliseconds: from sending the order to holding its event.
    """

    order_id: str
    event: dict[str, Any]
    milliseconds: float


@dataclass(frozen=True)
class Shop:
    """Where orders are placed.

    Attributes:
        url: of the service, such as `http://127.0.0.1:8000`.
        issuer: of access tokens.
        audience: how tokens name the service.
    """

    url: str
    issuer: str
    audience: str

    @classmethod
    def of(cls, url: str, settings: Settings) -> "Shop":
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
        """Send a command and return its answer.

        Raises:
            DemoFailed: the service refused, or cannot be reached.
        """
        try:
            answer = self._pool.request("POST", self._base_url + path, json=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            reason = type(error).__name__
            raise DemoFailed(
                f"{self._base_url} cannot be reached ({reason}): start it with `make run`"
            ) from error
        values = _json_object(answer.data)
        if answer.status >= 300 and "detail" in values:  # noqa: PLR2004 - HTTP's own border
            raise DemoFailed(f"POST {path} answered {answer.status}: {values['detail']}")
        if "id" not in values:
            what = f"POST {path} answered {answer.status}, and not as this service does"
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
            "sees an event: run `make run` without it, or watch the order that it places itself"
        )


def place_first_order(shop: Shop, bus: EventBus, say: Callable[[str], None]) -> FirstOrder:
    """Register products, place an order, and wait for its event on the bus.

    Args:
        shop: where.
        bus: on which its events arrive.
        say: told each step.

    Raises:
        DemoFailed: an answer or the event is not the right one, or came too late.
        TokenNotIssued: the issuer gave no token.
    """
    api = Api(shop.url)
    merchant, customer = shop.sign_in(*MERCHANT), shop.sign_in(*CUSTOMER)
    batch = secrets.token_hex(3).upper()
    lines = []
    for position, (name, price, quantity) in enumerate(_CATALOGUE, start=1):
        product = {
            "sku": f"DEMO-{batch}-{position}",
            "name": name,
            "price": {"amount": price, "currency": "EUR"},
        }
        registered = api.post("/products", product, merchant)
        say(f"registered {name}")
        lines.append({"product_id": registered["id"], "quantity": quantity})
    order = {"lines": lines, "shipping_address": _ADDRESS}
    with bus.subscribe(["ordering.order.#"]) as subscription:
        began = time.monotonic()
        order_id = api.post("/orders", order, customer)["id"]
        say(f"placed order {order_id}")
        event = _event_of(order_id, subscription)
    return FirstOrder(order_id, event, (time.monotonic() - began) * 1000)


def _event_of(order_id: str, subscription: Subscription) -> dict[str, Any]:
    deadline = time.monotonic() + EVENT_TIMEOUT_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        received = subscription.receive(left)
        if received is None:
            break
        subscription.settle(received)
        event: dict[str, Any] = json.loads(received.body)
        if event.get("subject") == order_id:
            _require_right(event, received)
            return event
    raise DemoFailed(f"no event of order {order_id} within {EVENT_TIMEOUT_SECONDS:.0f} s")


def _require_right(event: dict[str, Any], received: Received) -> None:
    """Hold the event against what was ordered."""
    expected = {
        "type": "ordering.order.placed.v1",
        "sequence": 1,
        "customer": "maria",
        "total": {"amount": "50.90", "currency": "EUR"},
        "message id": event.get("id"),
    }
    data = event.get("data", {})
    found = {
        "type": event.get("type"),
        "sequence": event.get("sequence"),
        "customer": data.get("customer_id"),
        "total": data.get("total"),
        "message id": received.id,
    }
    wrong = [name for name, value in expected.items() if found[name] != value]
    if wrong:
        raise DemoFailed(f"the event is not the order's: wrong {', '.join(wrong)}")
