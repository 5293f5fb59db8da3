"""Resolves the commands and queries of an aggregate."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .behavior_resolution import named_behavior
from .faults import Faults
from .filter_resolution import filters_of
from .model import Attribute, Behavior, Command, Query
from .names import camel, dashed, sentence, snake, words
from .source import Location
from .type_resolution import Entries


@dataclass(frozen=True)
class MessageResolver:
    """Resolves the messages of one aggregate.

    Attributes:
        context: of the service.
        aggregate: its name.
        collection: of the aggregate.
        entries: of the aggregate in the file.
        faults: of the model.
    """

    context: str
    aggregate: str
    collection: str
    entries: Entries
    faults: Faults

    def commands(self, behaviors: Mapping[str, Behavior]) -> Iterator[Command]:
        """Yield the commands.

        Args:
            behaviors: of the aggregate, by name.
        """
        for name, entries in self.entries.get("commands", {}).items():
            location: Location = ("aggregates", self.aggregate, "commands", name)
            missing = f"{name} has no behaviour"
            behavior = named_behavior(entries, behaviors, location, missing, self.faults)
            if behavior is not None:
                yield self._command(name, entries, behavior)

    def _command(self, name: str, entries: Entries, behavior: Behavior) -> Command:
        route = entries.get("route", _default_route(dashed(self.collection), behavior))
        method, _, path = route.partition(" ")
        return Command(
            name=name,
            description=sentence(entries.get("description", behavior.description)),
            behavior=behavior,
            method=method,
            path=path,
            scope=entries.get("scope", f"{self.context}:write"),
            wire_name=f"{self.context}.{snake(name)}",
        )

    def queries(self, attributes: Mapping[str, Attribute]) -> Iterator[Query]:
        """Yield the queries.

        Args:
            attributes: of the aggregate, by name.
        """
        for name, entries in self.entries.get("queries", {}).items():
            is_page = entries["returns"] == "page"
            yield Query(
                name=name,
                description=sentence(
                    entries.get("description", self._description(is_page=is_page))
                ),
                path=entries.get("path", self._path(is_page=is_page)),
                scope=entries.get("scope", f"{self.context}:read"),
                is_page=is_page,
                **filters_of(self.aggregate, name, entries, attributes, self.faults),
                order=tuple(entries.get("order", ())),
            )

    def _description(self, *, is_page: bool) -> str:
        if is_page:
            return f"A page of the {words(camel(self.collection))}"
        return f"One {words(self.aggregate)}"

    def _path(self, *, is_page: bool) -> str:
        return f"/{dashed(self.collection)}" + ("" if is_page else "/{id}")


def _default_route(collection: str, behavior: Behavior) -> str:
    if behavior.creates:
        return f"POST /{collection}"
    path = f"/{collection}/{{id}}"
    return f"DELETE {path}" if behavior.deletes else f"POST {path}/{dashed(behavior.name)}"
