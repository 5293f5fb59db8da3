"""The API is killed around its commit; a repeat of the request completes it, once."""

import signal
import time
from collections.abc import Mapping
from typing import Any

import pytest
import urllib3

from carafe.development.servers.ports import choose_port
from carafe.infrastructure.container import Container
from carafe.testing.arrivals import everything_on
from carafe.testing.contexts import a_context
from carafe.testing.examples import AN_ADDRESS
from carafe.testing.processes import running, wait_until
from chalicelib.domain.product import Product
from tests.support.callers import CUSTOMER
from tests.support.products import a_product

KILLED = -signal.SIGKILL


def sweep(service: Container[Any]) -> None:
    service.relay.sweep(0, time.monotonic() + 20)


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_the_api_killed_around_its_commit_loses_nothing(
    service: Container[Any], environment: Mapping[str, str], step: int
) -> None:
    """F01, F02, F48: before and after the commit, before and after the nudge."""
    product_id = a_registered_product(service)
    port = choose_port(None)
    body = {
        "lines": [{"product_id": product_id, "quantity": 1}],
        "shipping_address": AN_ADDRESS,
    }
    headers = {**CUSTOMER, "Idempotency-Key": "once"}
    url = f"http://127.0.0.1:{port}"
    with running("carafe.testing.cut", "api", str(step), str(port), environment=environment) as api:
        wait_until(lambda: is_up(url))
        with pytest.raises(urllib3.exceptions.HTTPError):
            urllib3.request("POST", f"{url}/orders", json=body, headers=headers, retries=False)
        assert api.wait(10) == KILLED
    committed = service.database["orders"].count_documents({})
    assert committed == (0 if step == 1 else 1)
    with service.bus.subscribe(["ordering.order.#"]) as subscription:
        sweep(service)
        assert len(everything_on(subscription)) == committed
    with running("carafe.development.api_server", "--port", str(port), environment=environment):
        wait_until(lambda: is_up(url))
        repeated = urllib3.request("POST", f"{url}/orders", json=body, headers=headers)
    assert repeated.status == 201
    documents = list(service.database["orders"].find())
    assert [each["_id"] for each in documents] == [repeated.json()["id"]]
    assert documents[0]["version"] == repeated.json()["version"] == 1


def a_registered_product(service: Container[Any]) -> str:
    product = a_product()
    service.repository(Product).add(product, a_context())
    sweep(service)
    return product.id


def is_up(url: str) -> bool:
    try:
        return urllib3.request("GET", f"{url}/health", retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False
