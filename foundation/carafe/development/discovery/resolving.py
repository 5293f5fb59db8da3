"""From a model file to a model in which every name leads to what it names."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from . import checks
from .faults import Faults
from .model import (
    Aggregate,
    Attribute,
    Behavior,
    Command,
    Enumeration,
    Event,
    ExternalService,
    Model,
    Operation,
    Query,
    Subscription,
    Value,
)
from .names import camel, dashed, plural, sentence, snake, words
from .source import BadModel, Source, Way
from .types import BadType, Type, type_of

Entries = Mapping[str, Any]


def model_in(source: Source) -> Model:
    """Return the model of a file.

    Raises:
        BadModel: names every mistake by its line.
    """
    resolver = _Resolver(source)
    model = resolver.model()
    if not resolver.faults.found:
        checks.hold(model, resolver.faults)
    if resolver.faults.found:
        raise BadModel(source.file, resolver.faults.found)
    return model


class _Resolver:
    """Reads part after part, and collects what makes no sense."""

    def __init__(self, source: Source) -> None:
        self.data = source.data
        self.context = str(source.data["context"])
        self.faults = Faults(source)
        self._declared = {
            name
            for part in ("enumerations", "values", "entities")
            for name in source.data.get(part, {})
        }

    def model(self) -> Model:
        aggregates = tuple(
            self._aggregate(name, entries)
            for name, entries in self.data.get("aggregates", {}).items()
        )
        return Model(
            context=self.context,
            enumerations={
                name: Enumeration(name, sentence(each["description"]), tuple(each["values"]))
                for name, each in self.data.get("enumerations", {}).items()
            },
            values={
                name: self._value(name, each, part)
                for part in ("values", "entities")
                for name, each in self.data.get(part, {}).items()
            },
            aggregates=tuple(map(self._with_subscriptions, aggregates)),
            external_services=tuple(
                self._service(name, each)
                for name, each in self.data.get("external_services", {}).items()
            ),
        )

    def _value(self, name: str, entries: Entries, part: str) -> Value:
        attributes = self._attributes(entries["attributes"], (part, name, "attributes"), name)
        return Value(name, sentence(entries["description"]), attributes, part == "entities")

    def _aggregate(self, name: str, entries: Entries) -> Aggregate:
        way: Way = ("aggregates", name)
        collection = str(entries.get("collection", plural(snake(name))))
        attributes = self._attributes(entries["attributes"], (*way, "attributes"), name)
        known = {each.name: each for each in attributes}
        behaviors = tuple(
            self._behavior(each, values, (*way, "behaviors", each), known)
            for each, values in entries["behaviors"].items()
        )
        by_name = {each.name: each for each in behaviors}
        return Aggregate(
            name=name,
            description=sentence(entries["description"]),
            collection=collection,
            attributes=attributes,
            behaviors=behaviors,
            events=tuple(
                self._event(name, each, values, behaviors, known)
                for each, values in entries["events"].items()
            ),
            commands=tuple(self._commands(name, collection, entries, by_name)),
            queries=tuple(self._queries(name, collection, entries, known)),
        )

    def _attributes(self, entries: Entries, way: Way, owner: str) -> tuple[Attribute, ...]:
        return tuple(
            Attribute(
                name,
                self._type(each if isinstance(each, str) else each["type"], (*way, name)),
                owner,
                unique=isinstance(each, dict) and bool(each.get("unique")),
            )
            for name, each in entries.items()
        )

    def _type(self, text: str, way: Way) -> Type:
        try:
            found = type_of(text)
        except BadType as error:
            self.faults.add(way, str(error))
            return Type("text", 1, 1)
        if not found.is_plain and found.name not in self._declared:
            known = ", ".join(sorted(self._declared)) or "nothing"
            self.faults.add(way, f"unknown type {found.name}; the model declares {known}")
        return found

    def _behavior(
        self, name: str, entries: Entries, way: Way, known: Mapping[str, Attribute]
    ) -> Behavior:
        return Behavior(
            name=name,
            description=sentence(entries["description"]),
            takes=tuple(self._taken(entries.get("takes", ()), (*way, "takes"), known)),
            records=entries["records"],
            creates="creates" in entries,
            deletes="deletes" in entries,
            when=tuple(entries.get("when", ())),
            becomes=entries.get("becomes", ""),
            clears=tuple(entries.get("clears", ())),
        )

    def _taken(
        self, entries: Iterable[Any], way: Way, known: Mapping[str, Attribute]
    ) -> Iterator[Attribute]:
        for position, each in enumerate(entries):
            here = (*way, position)
            if isinstance(each, dict):
                ((name, text),) = each.items()
                yield Attribute(name, self._type(text, here), str(way[1]), str(way[3]))
            elif each in known:
                kind = known[each].type
                given = Type(kind.name, kind.least, kind.most, kind.many)
                yield Attribute(each, given, known[each].owner, unique=known[each].unique)
            else:
                self.faults.add(here, f"{each} is no attribute; write `{each}: text(100)`")

    def _event(
        self,
        aggregate: str,
        name: str,
        entries: Entries,
        behaviors: tuple[Behavior, ...],
        known: Mapping[str, Attribute],
    ) -> Event:
        way: Way = ("aggregates", aggregate, "events", name)
        raised_by = [each for each in behaviors if each.records == name]
        tells = []
        for position, told in enumerate(entries.get("tells", ())):
            taken = [take for each in raised_by for take in each.takes if take.name == told]
            if told not in known and len(taken) < max(1, len(raised_by)):
                message = f"{name} tells {told}, which is neither an attribute nor taken"
                self.faults.add((*way, "tells", position), message)
                continue
            everywhere = taken and len(taken) == len(raised_by)
            tells.append(taken[0] if everywhere else known[told])
        own = snake(name).removeprefix(f"{snake(aggregate)}_")
        word = entries.get("publish_as", own)
        wire_type = f"{self.context}.{snake(aggregate)}.{word}.v1"
        return Event(name, sentence(entries["description"]), tuple(tells), wire_type)

    def _commands(
        self, aggregate: str, collection: str, entries: Entries, known: Mapping[str, Behavior]
    ) -> Iterator[Command]:
        for name, values in entries.get("commands", {}).items():
            way: Way = ("aggregates", aggregate, "commands", name)
            asked = values.get("behavior")
            if asked is None:
                self.faults.add(way, f"{name} has no behaviour: add `behavior: ...`")
            elif asked not in known:
                self.faults.add((*way, "behavior"), f"{aggregate} has no behaviour {asked}")
            else:
                behavior = known[asked]
                route = values.get("route", _usual_route(dashed(collection), behavior))
                method, _, path = route.partition(" ")
                yield Command(
                    name=name,
                    description=sentence(values.get("description", behavior.description)),
                    behavior=behavior,
                    method=method,
                    path=path,
                    scope=values.get("scope", f"{self.context}:write"),
                    wire_name=f"{self.context}.{snake(name)}",
                )

    def _queries(
        self, aggregate: str, collection: str, entries: Entries, known: Mapping[str, Attribute]
    ) -> Iterator[Query]:
        for name, values in entries.get("queries", {}).items():
            way: Way = ("aggregates", aggregate, "queries", name)
            is_page = values["returns"] == "page"
            filters = values.get("filters", ())
            for position, each in enumerate(filters):
                if each not in known:
                    self.faults.add((*way, "filters", position), f"{aggregate} has no {each}")
            usual = f"/{dashed(collection)}" + ("" if is_page else "/{id}")
            what = words(camel(collection)) if is_page else words(aggregate)
            yield Query(
                name=name,
                description=sentence(
                    values.get("description", f"{'A page of the' if is_page else 'One'} {what}")
                ),
                path=values.get("path", usual),
                scope=values.get("scope", f"{self.context}:read"),
                is_page=is_page,
                filters=tuple(known[each] for each in filters if each in known),
                order=tuple(values.get("order", ())),
            )

    def _with_subscriptions(self, aggregate: Aggregate) -> Aggregate:
        found = []
        for wire_type, entries in self.data.get("subscriptions", {}).items():
            owner, _, asked = entries["behavior"].partition(".")
            way: Way = ("subscriptions", wire_type)
            if owner not in self.data.get("aggregates", {}):
                self.faults.add((*way, "behavior"), f"there is no aggregate {owner}")
            if owner != aggregate.name:
                continue
            behavior = next((each for each in aggregate.behaviors if each.name == asked), None)
            if behavior is None:
                self.faults.add((*way, "behavior"), f"{owner} has no behaviour {asked}")
                continue
            _, subject, rest = wire_type.split(".", 2)
            word, _, version = rest.rpartition(".")
            name = f"{camel(subject)}{camel(word)}{version.upper()}"
            attributes = self._attributes(entries["attributes"], (*way, "attributes"), name)
            found.append(
                Subscription(
                    name=name,
                    description=sentence(entries["description"]),
                    wire_type=wire_type,
                    attributes=attributes,
                    behavior=behavior,
                    identifier=entries["identifier"],
                )
            )
        return Aggregate(**{**vars(aggregate), "subscriptions": tuple(found)})

    def _service(self, name: str, entries: Entries) -> ExternalService:
        way: Way = ("external_services", name, "operations")
        operations = []
        for each, values in entries["operations"].items():
            method, _, path = values["request"].partition(" ")
            returned = self._attributes(
                values.get("returns", {}), (*way, each, "returns"), camel(each)
            )
            operations.append(
                Operation(
                    name=each,
                    description=sentence(values["description"]),
                    method=method,
                    path=path,
                    takes=self._attributes(
                        values.get("takes", {}), (*way, each, "takes"), camel(each)
                    ),
                    returns=returned[0] if returned else None,
                )
            )
        return ExternalService(name, sentence(entries["description"]), tuple(operations))


def _usual_route(collection: str, behavior: Behavior) -> str:
    if behavior.creates:
        return f"POST /{collection}"
    one = f"/{collection}/{{id}}"
    return f"DELETE {one}" if behavior.deletes else f"POST {one}/{dashed(behavior.name)}"
