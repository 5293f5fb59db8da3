"""03 - Domain Implementation: declared, storable, pure, tested."""

from collections.abc import Iterator

from carafe.development.diagrams.model import aggregates, classes_of, events
from carafe.development.project import project
from carafe.domain.model import (
    SCHEMA_ATTRIBUTE,
    DomainCommand,
    DomainEvent,
    Entity,
    ValueObject,
    collection_of,
)
from carafe.infrastructure.database.forms import UnstorableType, stored_fields

from .needs import Need, failing_tests, is_about


def undeclared_classes() -> Iterator[str]:
    """Yield classes without `@schema`."""
    for base in (Entity, ValueObject, DomainEvent, DomainCommand):
        for each in classes_of(project().layer("domain"), base):
            if SCHEMA_ATTRIBUTE not in vars(each):
                yield f"{each.__name__} is not declared: put @schema above it"


def collection_faults() -> Iterator[str]:
    """Yield aggregates without a collection, or with that of another aggregate."""
    owners: dict[str, str] = {}
    for aggregate in aggregates():
        if SCHEMA_ATTRIBUTE not in vars(aggregate):
            continue  # reported by `undeclared_classes`
        try:
            collection = collection_of(aggregate)
        except TypeError as error:
            yield str(error)
            continue
        owner = owners.setdefault(collection, aggregate.__name__)
        if owner != aggregate.__name__:
            yield f"{owner} and {aggregate.__name__} share the collection {collection}"


def unstorable_attributes() -> Iterator[str]:
    """Yield attributes of a type that cannot be stored."""
    for each in (*aggregates(), *events()):
        if SCHEMA_ATTRIBUTE in vars(each):
            try:
                stored_fields(each)
            except UnstorableType as error:
                yield str(error)


def untested_aggregates() -> Iterator[str]:
    """Yield aggregates that no unit test mentions."""
    for aggregate in aggregates():
        if not is_about(aggregate, "tests/unit"):
            yield f"{aggregate.__name__} has no test in tests/unit: write one"


NEEDS = (
    Need("every class of the domain is declared with @schema", undeclared_classes),
    Need("every aggregate has a collection of its own", collection_faults),
    Need("every attribute can be stored", unstorable_attributes),
    Need("each aggregate has unit tests", untested_aggregates),
    Need("imports point inward", failing_tests("tests/architecture")),
    Need("the unit tests pass", failing_tests("tests/unit"), live=True),
)
