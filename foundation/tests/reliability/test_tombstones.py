"""A deleted aggregate goes some time after its last event was relayed; nothing else does."""

from datetime import datetime, timedelta
from typing import Any

from carafe.infrastructure.container import Container
from carafe.infrastructure.identifiers import now
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from chalicelib.domain.product import Product
from tests.support.products import a_product

KEPT = timedelta(days=7)


def document_of(service: Container[Any], product: Product) -> dict[str, Any]:
    document = service.database["products"].find_one({"_id": product.id})
    assert document is not None
    return document


def a_discontinued_product(service: Container[Any]) -> Product:
    """Store a product with two events."""
    product = a_product()
    product.discontinue(at=NOON)
    service.repository(Product).add(product, a_context())
    return product


def test_a_tombstone_stays_while_an_event_waits(service: Container[Any]) -> None:
    """F11: the index of `expires_at` would delete the event with it."""
    product = a_discontinued_product(service)
    service.repository(Product).delete(product, a_context())
    first, second = (each["id"] for each in document_of(service, product)["pending"])
    outbox = service.outbox_stores["products"]
    assert "expires_at" not in document_of(service, product)
    outbox.remove({product.id: [first]})
    assert "expires_at" not in document_of(service, product)
    before = now()
    outbox.remove({product.id: [second]})
    expires_at: datetime = document_of(service, product)["expires_at"]
    assert timedelta(0) <= expires_at - before - KEPT < timedelta(minutes=1)


def test_what_is_not_deleted_never_expires(service: Container[Any]) -> None:
    product = a_discontinued_product(service)
    ids = [each["id"] for each in document_of(service, product)["pending"]]
    service.outbox_stores["products"].remove({product.id: ids})
    document = document_of(service, product)
    assert (document["pending"], "expires_at" in document) == ([], False)


def test_the_database_deletes_what_has_expired(service: Container[Any]) -> None:
    """The index counts from `expires_at` itself."""
    for collection in ("products", "orders"):
        index = service.database[collection].index_information()["expires_at"]
        assert (index["key"], index["expireAfterSeconds"]) == ([("expires_at", 1)], 0)
