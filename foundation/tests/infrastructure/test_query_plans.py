"""Every query that the service makes is covered by an index: no scan, no sort in memory."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from carafe.development.nested import objects_in
from carafe.infrastructure.container import Container
from carafe.testing.examples import AN_ADDRESS
from carafe.testing.http import Api
from tests.support.callers import MERCHANT, OPERATOR
from tests.support.database import DatabaseCommands, recorded_commands
from tests.support.orders import place_order
from tests.support.products import register_product

EXPLAINED = {"find", "update", "aggregate"}
SESSION = {"lsid", "$db", "$readPreference", "$clusterTime", "txnNumber", "readConcern"}
FORBIDDEN = {"COLLSCAN", "SORT"}


@pytest.fixture
def database(service: Container[Any]) -> Iterator[DatabaseCommands]:
    """Records what the service sends, from here on."""
    with recorded_commands(service) as commands:
        yield commands


def everything_a_service_does(http: Api, service: Container[Any]) -> None:
    product_id = register_product(http)
    other_id = register_product(http, sku="OTHER")
    order = f"/orders/{place_order(http, product_id)}"
    place_order(http, product_id)
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


def test_every_query_uses_an_index(
    http: Api, service: Container[Any], database: DatabaseCommands
) -> None:
    everything_a_service_does(http, service)
    queries = [each for each in database.commands if not EXPLAINED.isdisjoint(each)]
    shapes = {str(sorted(_parts(each))): each for each in queries}
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


def _stages(plan: object) -> Iterator[str]:
    return (each["stage"] for each in objects_in(plan) if "stage" in each)
