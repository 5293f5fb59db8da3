"""Resolves a model file: every name in it is replaced by the part that it refers to."""

from collections.abc import Iterator, Mapping

from .aggregate_resolution import AggregateResolver
from .checks import check_model
from .event_resolution import EventResolver
from .faults import Faults
from .model import Aggregate, Enumeration, Model, Value
from .names import sentence
from .process_model import Process
from .process_resolution import Messages, ProcessResolver, resolve_command
from .service_resolution import resolve_service
from .source import BadModel, Source
from .type_resolution import Entries, TypeResolver


def resolve(source: Source) -> Model:
    """Return the model of a file.

    Raises:
        BadModel: names every fault with its line.
    """
    faults = Faults(source)
    model = _model(source.data, TypeResolver.of(source.data, faults))
    if not faults.items:
        check_model(model, faults)
    if faults.items:
        raise BadModel(source.file, faults.items)
    return model


def _model(data: Entries, types: TypeResolver) -> Model:
    context = str(data["context"])
    inbox = EventResolver(context, _aggregates(data, types), data.get("subscriptions", {}), types)
    events = inbox.events()
    aggregates = tuple(inbox.with_subscriptions(events))
    sent = tuple(
        resolve_command(wire_type, entries, types)
        for wire_type, entries in data.get("sent_commands", {}).items()
    )
    messages = Messages.of(list(events.values()), sent, aggregates)
    return Model(
        context=context,
        enumerations=_enumerations(data),
        values=_values(data, types),
        aggregates=aggregates,
        external_services=tuple(
            resolve_service(name, entries, types)
            for name, entries in data.get("external_services", {}).items()
        ),
        processes=tuple(_processes(data, types, messages)),
        sent_commands=sent,
        data=data,
    )


def _processes(data: Entries, types: TypeResolver, messages: Messages) -> Iterator[Process]:
    for name, entries in data.get("processes", {}).items():
        if process := ProcessResolver(name, entries, types, messages).resolve():
            yield process


def _enumerations(data: Entries) -> Mapping[str, Enumeration]:
    return {
        name: Enumeration(name, sentence(entries["description"]), tuple(entries["values"]))
        for name, entries in data.get("enumerations", {}).items()
    }


def _values(data: Entries, types: TypeResolver) -> Mapping[str, Value]:
    return {
        name: Value(
            name=name,
            description=sentence(entries["description"]),
            attributes=types.attributes(entries["attributes"], (part, name, "attributes"), name),
            is_entity=part == "entities",
        )
        for part in ("values", "entities")
        for name, entries in data.get(part, {}).items()
    }


def _aggregates(data: Entries, types: TypeResolver) -> list[Aggregate]:
    context = str(data["context"])
    return [
        AggregateResolver(context, name, entries, types).resolve()
        for name, entries in data.get("aggregates", {}).items()
    ]
