"""Whatever is sent, the answer is one that the OpenAPI document describes."""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis

from carafe.infrastructure.container import Container
from carafe.testing.api_server import serving
from carafe.testing.contexts import a_context
from carafe.testing.description import Description
from carafe.testing.tokens import SignedIn
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.support.callers import CUSTOMER, OPERATOR
from tests.support.fuzzing import fuzz
from tests.support.fuzzing_checks import TEXT
from tests.support.orders import an_order
from tests.support.products import a_product

ID_OF_EXAMPLES = "019aa5b2-6c1e-7c3a-9d0e-2b8f4a6c1d35"
SECONDS = int(os.environ.get("FUZZ_SECONDS", "3"))

EVERYTHING = SignedIn("olga", "catalogue:write operations orders:read orders:write")
CALLERS: Mapping[str, Mapping[str, str]] = {
    "customer": CUSTOMER,
    "operator": OPERATOR,
    "everything": EVERYTHING,
    "nobody": {},
}


@pytest.fixture
def url(service: Container[Any], environment: Mapping[str, str]) -> Iterator[str]:
    """The service, with a product and an order of the id that all examples have."""
    product, order = a_product("FUZZ"), an_order("maria")
    product.id = order.id = ID_OF_EXAMPLES
    service.repository(Product).add(product, a_context())
    service.repository(Order).add(order, a_context())
    with serving(environment) as url:
        yield url


def test_texts_are_not_made_from_their_pattern(description: Description) -> None:
    """That takes so long that most operations would never be called."""
    assert json.dumps(TEXT) in json.dumps(description.document)
    schema = schemathesis.openapi.from_dict(description.document)
    assert json.dumps(TEXT) not in json.dumps(schema.raw_schema)


@pytest.mark.timeout(0)
@pytest.mark.parametrize("caller", CALLERS)
def test_every_answer_is_described(url: str, caller: str) -> None:
    found = fuzz(url, dict(CALLERS[caller]), SECONDS)
    assert not found, found
