"""Resolves a model file: every name in it is replaced by the part that it refers to."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .aggregate_resolution import AggregateResolver
from .call_resolution import with_calls
from .checks import check_model
from .event_resolution import EventResolver
from .faults import Faults
from .model import Aggregate, Enumeration, Model, Value
from .names import sentence
from .process_model import Process
from .process_resolution import Messages, ProcessResolver, resolve_command
from .requirement_resolution import with_requirements
from .rule_resolution import RuleResolver, Scope, rule_resolver
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
    values = _values(data, types)
    rules = rule_resolver(values, data, types.faults)
    unsubscribed = _aggregates(data, types, rules)
    inbox = EventResolver(context, unsubscribed, data.get("subscriptions", {}), types)
    events = inbox.events()
    services = tuple(
        resolve_service(name, entries, types)
        for name, entries in data.get("external_services", {}).items()
    )
    followers = tuple(inbox.with_subscriptions(events))
    callers = with_calls(followers, services, data, types.faults)
    aggregates = with_requirements(callers, data, types.faults)
    sent = tuple(
        resolve_command(wire_type, entries, types)
        for wire_type, entries in data.get("sent_commands", {}).items()
    )
    messages = Messages.of(list(events.values()), sent, aggregates)
    return Model(
        context=context,
        enumerations=_enumerations(data),
        values=dict(_with_rules(values, data, rules)),
        aggregates=aggregates,
        external_services=services,
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


def _with_rules(
    values: Mapping[str, Value], data: Entries, resolver: RuleResolver
) -> Iterator[tuple[str, Value]]:
    for name, value in values.items():
        part = "entities" if value.is_entity else "values"
        scope = Scope(name, {each.name: each for each in value.attributes})
        rules = resolver.rules(data[part][name], (part, name), scope)
        yield name, replace(value, rules=tuple(rules))


def _aggregates(data: Entries, types: TypeResolver, rules: RuleResolver) -> list[Aggregate]:
    context = str(data["context"])
    return [
        AggregateResolver(context, name, entries, types, rules).resolve()
        for name, entries in data.get("aggregates", {}).items()
    ]
