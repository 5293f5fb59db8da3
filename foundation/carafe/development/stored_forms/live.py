"""The live database's documents of earlier forms."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.migration import earlier_versions


class EarlierDocuments(Struct, frozen=True):
    """Documents of one collection and one earlier version.

    Attributes:
        collection: where they are.
        version: theirs.
        count: how many there are.
        is_readable: there is an upcaster from their version.
    """

    collection: str
    version: int
    count: int
    is_readable: bool

    def __str__(self) -> str:
        found = f"{self.collection}: {self.count} documents of version {self.version}"
        if self.is_readable:
            return f"{found}, which `carafe database migrate` brings to the present one"
        return (
            f"{found}, but the upcaster from {self.version} is gone: put it back, run "
            "`carafe database migrate`, and only then remove it"
        )


def earlier_documents(container: Container[Any]) -> Iterator[EarlierDocuments]:
    """Yield what is stored in earlier forms.

    Raises:
        StoreUnavailable: the database did not answer in time.
    """
    for repository in container.repositories:
        earliest = repository.documents.earliest
        for version, count in sorted(earlier_versions(repository).items()):
            name = repository.collection.name
            yield EarlierDocuments(name, version, count, is_readable=version >= earliest)
