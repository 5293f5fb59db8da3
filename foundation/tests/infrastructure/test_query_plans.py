"""Every query that the service makes is covered by an index: no scan, no sort in memory."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.test import Client
from pymongo import MongoClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from carafe.infrastructure.container import Container
from tests.support.requests import AN_ADDRESS, MERCHANT, OPERATOR, Api

EXPLAINED = {"find", "update", "aggregate"}
SESSION = {"lsid", "$db", "$readPreference", "$clusterTime", "txnNumber", "readConcern"}
FORBIDDEN = {"COLLSCAN", "SORT"}


class Asked(CommandListener):
    """Remembers what is asked of the database."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in EXPLAINED:
            self.commands.append(dict(event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to note."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to note."""


@pytest.fixture
def asked(service: Container[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    """What the service asks, from here on."""
    listener = Asked()
    client: MongoClient[dict[str, Any]] = MongoClient(
        service.settings.mongo_uri, event_listeners=[listener], tz_aware=True
    )
    with client, monkeypatch.context() as meanwhile:
        meanwhile.setattr(service, "database", client[service.database.name])
        yield listener


def everything_a_service_does(http: Api, service: Container[Any]) -> None:
    product_id = http.a_product()
    other_id = http.a_product(sku="OTHER")
    order = f"/orders/{http.an_order(product_id)}"
    http.an_order(product_id)
    http.put(
        f"/products/{product_id}/price", {"price": {"amount": "1", "currency": "EUR"}}, MERCHANT
    )
    http.delete(f"/products/{other_id}", MERCHANT)
    http.get(f"/products/{product_id}")
    for path in ("/products?limit=1", "/orders?limit=1", "/orders?limit=1&status=placed"):
        for headers in (None, OPERATOR):
            page = http.get(path, headers).body
            if page.get("next_cursor"):
                http.get(f"{path}&cursor={page['next_cursor']}", headers)
    http.put(f"{order}/shipping-address", {"shipping_address": AN_ADDRESS})
    http.post(f"{order}/payment")
    http.get(order)
    service.relay.relay({"orders": [order.rpartition("/")[2]]}, time.monotonic() + 10)
    service.relay.sweep(0, time.monotonic() + 10)


def test_every_query_uses_an_index(api: Client, service: Container[Any], asked: Asked) -> None:
    everything_a_service_does(Api(api), service)
    shapes = {str(sorted(_parts(command))): command for command in asked.commands}
    assert len(shapes) > 10, "the queries are not seen any more"
    for command in shapes.values():
        explained = service.database.command("explain", _explainable(command))
        stages = set(_stages(explained["queryPlanner"]["winningPlan"]))
        assert not stages & FORBIDDEN, f"{stages} for {command}"


def _parts(command: dict[str, Any]) -> list[str]:
    return [f"{name}: {value}" for name, value in command.items() if name not in SESSION]


def _explainable(command: dict[str, Any]) -> dict[str, Any]:
    """Return a command without what belongs to the session that sent it."""
    kept = {name: value for name, value in command.items() if name not in SESSION}
    if "updates" in kept:
        kept["updates"] = kept["updates"][:1]  # one at a time can be explained
    return kept


def _stages(plan: Any) -> Iterator[str]:  # noqa: ANN401 - a nested document
    if isinstance(plan, dict):
        if "stage" in plan:
            yield plan["stage"]
        for value in plan.values():
            yield from _stages(value)
    elif isinstance(plan, list):
        for value in plan:
            yield from _stages(value)
