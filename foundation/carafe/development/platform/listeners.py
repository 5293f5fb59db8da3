"""The user of a program that listens to services' events, and is no service itself.

It may keep queues of its own, whose names begin with the user's, and read the exchanges of
events of the services that it listens to. It can publish nothing, not even to AMQP's default
exchange.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

from carafe.infrastructure.event_bus.names import events_exchange

from .access import create_user, require_no_administrator, rights_of
from .administration import AccessFailed, Administration, Login

_EXCHANGES = re.compile(r"(?<=[(|])([^()|]+)\\\.events(?=[|)])")
"""In a pattern as `rights_of` writes it: the names of services, escaped."""


def allow_listener(broker: Administration, service: str, login: Login) -> dict[str, str]:
    """Create the user of a listener, or let it listen to one more service; return its rights.

    The virtual host exists, and the service has its place in it.

    Args:
        broker: where.
        service: to whose events it listens.
        login: of the listener.

    Raises:
        AccessFailed: the name is a service's, an administrator's or none, the service has no
            exchange of events yet, or the broker refuses something.
    """
    require_no_administrator(broker, login)
    exchanges = {each["name"] for each in broker.get("exchanges", broker.vhost) or ()}
    _require_free(login.username, service, exchanges)
    if events_exchange(service) not in exchanges:
        raise AccessFailed(
            f"there is no exchange {events_exchange(service)} yet: give the service its place first"
        )
    name = quote(login.username, safe="")
    present = broker.get("users", name, "permissions") or ()
    heard = {
        each
        for rights in present
        if quote(rights["vhost"], safe="") == broker.vhost
        for each in _services(rights["read"])
    }
    rights = rights_of_listener(login.username, heard | {service})
    create_user(broker, login, tags="")
    broker.put("permissions", broker.vhost, name, body=rights)
    return rights


def rights_of_listener(listener: str, services: Iterable[str]) -> dict[str, str]:
    """Return the patterns of the names that a listener may configure, write and read."""
    exchanges = [
        {"name": events_exchange(each), "kind": "topic", "owned": False} for each in services
    ]
    return rights_of({"service": listener, "exchanges": exchanges})


def _services(pattern: str) -> list[str]:
    """Return the services that a listener may read, from its present right to read."""
    return [re.sub(r"\\(.)", r"\1", each) for each in _EXCHANGES.findall(pattern)]


def _require_free(listener: str, service: str, exchanges: Iterable[str]) -> None:
    """Require that no service has the listener's name: it would own that service's exchanges.

    Raises:
        AccessFailed: one has.
    """
    if listener == service or any(each.startswith(f"{listener}.") for each in exchanges):
        raise AccessFailed(f"{listener} is the name of a service: a listener needs one of its own")
