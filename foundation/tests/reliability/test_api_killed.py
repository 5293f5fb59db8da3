"""The API is killed at every step of a request; a repeat of the request completes it, once."""

from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from typing import Any

import urllib3

from carafe.infrastructure.container import Container
from carafe.testing.contexts import a_context
from carafe.testing.cutting import api_killed_at_every_step
from carafe.testing.examples import AN_ADDRESS
from carafe.testing.http import Api
from chalicelib.domain.product import Product
from tests.support.callers import CUSTOMER
from tests.support.products import a_product
from tests.support.reconciliation import Reconciliation


def test_the_api_killed_at_any_step_loses_nothing(
    service: Container[Any],
    environment: Mapping[str, str],
    http: Api,
    reconciliation: Reconciliation,
) -> None:
    """F01, F02, F48: before and after the commit, before and after the nudges."""
    product_id = a_registered_product(service)
    line = {"product_id": product_id, "quantity": 1}
    body = {"lines": [line], "shipping_address": AN_ADDRESS}
    keys = map(str, count())
    headers: Mapping[str, str] = {}
    committed: list[int] = []

    def place(address: str) -> None:
        nonlocal headers
        headers = {**CUSTOMER, "Idempotency-Key": next(keys)}
        with suppress(urllib3.exceptions.HTTPError):
            urllib3.request("POST", f"{address}/orders", json=body, headers=headers, retries=False)

    steps = 0
    for steps in api_killed_at_every_step(place, environment):
        committed.append(service.database["orders"].count_documents({}))
        repeated = http.post("/orders", body, headers)
        assert (repeated.status, repeated.body["version"]) == (201, 1)
        assert service.database["orders"].count_documents({}) == steps
        reconciliation.end_step(repeated.body["id"])
    assert steps > 3, "the steps of a request are not counted any more"
    assert {number - before for before, number in enumerate(committed)} == {0, 1}
    assert reconciliation.event_types() == [["ordering.order.placed.v1"]] * steps


def a_registered_product(service: Container[Any]) -> str:
    product = a_product()
    product.recorded.clear()  # only orders are reconciled
    service.repository(Product).add(product, a_context())
    return product.id
