"""`infrastructure.md`: repositories, functions, the event bus, external services."""

from typing import Any

from carafe.development.event_sources import inbox_triggers
from carafe.development.project import project
from carafe.domain.model import SCHEMA_ATTRIBUTE, Index, collection_of
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository

from .documents import Document, Section
from .event_bus import event_bus
from .external import clients
from .functions import timer_nudges, triggers
from .layout import rows
from .mermaid import Flowchart, Node
from .model import classes_of
from .wiring import Service


def document(service: Service) -> Document:
    """Return the document."""
    consumers = [each.function for each in inbox_triggers(service.app)]
    bus = event_bus(service.name, consumers)
    sections = (_repositories(), _functions(service), *bus, _external())
    return Document("infrastructure.md", "Infrastructure", sections)


def repositories() -> list[type[MongoRepository[Any]]]:
    """Return the repositories of aggregates in MongoDB."""
    classes = classes_of(project().layer("infrastructure"), MongoRepository)
    return [each for each in classes if hasattr(each, "aggregate")]


def _repositories() -> Section:
    stored = [(each, each.aggregate, collection_of(each.aggregate)) for each in repositories()]
    paths = [
        [
            Node(aggregate.__name__, "behaviour"),
            Node(repository.__name__, "function"),
            Node(f"MongoDB\n{collection}", "store", "store"),
        ]
        for repository, aggregate, collection in stored
    ]
    indexes = [
        (f"`{collection}`", f"`{', '.join(index.fields)}`", _options(index))
        for _, aggregate, collection in stored
        for index in vars(aggregate)[SCHEMA_ATTRIBUTE].indexes
    ]
    return Section(
        "Repositories",
        "One aggregate, one document: state, timers, what is to be sent, and commands handled.",
        rows(paths),
        (("collection", "index", "options"), *indexes) if indexes else (),
    )


def _options(index: Index) -> str:
    options = {
        "unique": index.unique,
        "partial": bool(index.only_where),
        "expiring": index.expire_after_seconds is not None,
    }
    return ", ".join(name for name, is_set in options.items() if is_set)


def _functions(service: Service) -> Section:
    chart = Flowchart()
    for each in triggers(service.app):
        chart.path([*each.sources, Node(each.function, "function", "round")])
    if service.timers:
        for sender, queue in timer_nudges(service.app):
            chart.arrow(sender, queue, "timers")
    return Section("Functions", "Every Lambda of `app.py`, and what calls it.", chart.text)


def _external() -> Section:
    if not clients():
        return Section("External services", "The service calls no other one.")
    paths = [
        [
            Node(f"port\n{each.port}", "contract"),
            Node(each.adapter, "function"),
            Node(f"{each.service}\n{each.setting}", "external", "round"),
        ]
        for each in clients()
    ]
    text = "Each port of the domain that another service fills, and the setting of its address."
    return Section("External services", text, rows(paths))
