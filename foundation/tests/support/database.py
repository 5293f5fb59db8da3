"""What a service sends to MongoDB, as the driver reports it, and what is stored there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from carafe.infrastructure.container import Container


class DatabaseCommands(CommandListener):
    """Remembers the commands that are sent."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append(dict(event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to note."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to note."""


@contextmanager
def recorded_commands(service: Container[Any]) -> Iterator[DatabaseCommands]:
    """Record what the service sends while the block runs."""
    listener = DatabaseCommands()
    unrecorded = service.database
    stores = vars(service).pop("timer_stores", None)  # kept by the service, on that database
    client: MongoClient[dict[str, Any]] = MongoClient(
        service.settings.mongo_uri, event_listeners=[listener], tz_aware=True
    )
    with client:
        service.database = client[unrecorded.name]
        try:
            yield listener
        finally:
            service.database = unrecorded
            vars(service).pop("timer_stores", None)
            if stores is not None:
                service.timer_stores = stores


def stored_documents(service: Container[Any]) -> dict[str, list[Any]]:
    """Return every document, by collection."""
    database = service.database
    return {
        name: list(database[name].find().sort("_id"))
        for name in sorted(database.list_collection_names())
    }
