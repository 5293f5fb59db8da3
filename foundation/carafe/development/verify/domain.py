"""03 - Domain Implementation: declared, storable, pure, tested."""

from collections.abc import Iterator

from carafe.development.diagrams.model import aggregates, classes_of, events
from carafe.development.project import project
from carafe.domain.model import (
    SCHEMA_ATTRIBUTE,
    DomainEvent,
    Entity,
    ValueObject,
    collection_of,
)
from carafe.infrastructure.database.forms import UnstorableType, stored_fields

from .needs import Need, mentioned, passing


def declared() -> Iterator[str]:
    """Yield classes without `@schema`."""
    for kind in (Entity, ValueObject, DomainEvent):
        for each in classes_of(project().room("domain"), kind):
            if SCHEMA_ATTRIBUTE not in vars(each):
                yield f"{each.__name__} is not declared: put @schema above it"


def kept_somewhere() -> Iterator[str]:
    """Yield aggregates without a collection, or with another's."""
    owners: dict[str, str] = {}
    for aggregate in aggregates():
        if SCHEMA_ATTRIBUTE not in vars(aggregate):
            continue  # told by `declared`
        try:
            collection = collection_of(aggregate)
        except TypeError as error:
            yield str(error)
            continue
        owner = owners.setdefault(collection, aggregate.__name__)
        if owner != aggregate.__name__:
            yield f"{owner} and {aggregate.__name__} share the collection {collection}"


def storable() -> Iterator[str]:
    """Yield attributes that no store can keep."""
    for each in (*aggregates(), *events()):
        if SCHEMA_ATTRIBUTE in vars(each):
            try:
                stored_fields(each)
            except UnstorableType as error:
                yield str(error)


def tested() -> Iterator[str]:
    """Yield aggregates that no unit test speaks of."""
    for aggregate in aggregates():
        if not mentioned(aggregate.__name__, "tests/unit"):
            yield f"{aggregate.__name__} has no test in tests/unit: write one"


NEEDS = (
    Need("every class of the domain is declared with @schema", declared),
    Need("every aggregate has a collection of its own", kept_somewhere),
    Need("every attribute can be stored", storable),
    Need("each aggregate has unit tests", tested),
    Need("imports point inward", passing("tests/architecture")),
    Need("the unit tests pass", passing("tests/unit"), live=True),
)
