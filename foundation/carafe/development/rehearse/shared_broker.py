"""One broker for several services: each gets a place of its own, as the platform gives it."""

import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from carafe.contracts.addresses import with_login
from carafe.development.platform.access import SUFFIXES, grant, open_virtual_host
from carafe.development.platform.administration import Administration, Login
from carafe.development.platform.place import place_of
from carafe.infrastructure.event_bus.names import events_exchange
from carafe.infrastructure.event_bus.topology import Exchange, Topology, topology_of

ACCESS = "Custom::BrokerAccess"

READER = "neighbour"
"""A service that only listens to the one that is rehearsed."""


class SharedBroker:
    """Admits services to a broker, whose administrator it is.

    Args:
        url: of the broker, with the administrator's login.
        management_url: of its management API.
        virtual_host: the stage's.
    """

    def __init__(self, url: str, management_url: str, virtual_host: str) -> None:
        parts = urlsplit(url)
        self._url = parts._replace(path=f"/{virtual_host}").geturl()
        login = Login(parts.username or "", parts.password or "")
        self._administration = Administration(management_url, login, virtual_host)
        open_virtual_host(self._administration, login.username)
        self._urls: dict[str, str] = {}

    def admit(self, place: Mapping[str, Any]) -> str:
        """Give a service its place, and return the broker's address with its login."""
        login = Login(f"{place['service']}{SUFFIXES[0]}", secrets.token_urlsafe())
        grant(self._administration, place, login)
        return with_login(self._url, *login)

    def publisher(self, service: str) -> str:
        """Return the broker's address for another service, which publishes events."""
        if service not in self._urls:
            self._urls[service] = self.admit(place_of(service, topology_of(service, [])))
        return self._urls[service]

    def reader(self, publisher: str) -> str:
        """Return the broker's address for another service, which reads the events of one."""
        exchange = Exchange(events_exchange(publisher), "topic", owned=False)
        return self.admit(place_of(READER, Topology((exchange,), (), ())))


def place_in(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the place for which a service's template asks the platform."""
    resources = template["Resources"].values()
    (asked,) = (each["Properties"] for each in resources if each["Type"] == ACCESS)
    return {"service": asked["Service"], **json.loads(asked["Topology"])}
