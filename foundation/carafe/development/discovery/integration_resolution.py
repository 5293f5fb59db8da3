"""Resolves what connects a service with others: external services and subscriptions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .model import Aggregate, ExternalService, Operation, Subscription
from .names import camel, sentence
from .source import Location
from .type_resolution import Entries, TypeResolver


def resolve_service(name: str, entries: Entries, types: TypeResolver) -> ExternalService:
    """Return an external service."""
    location: Location = ("external_services", name, "operations")
    operations = tuple(
        _operation(each, operation, (*location, each), types)
        for each, operation in entries["operations"].items()
    )
    return ExternalService(name, sentence(entries["description"]), operations)


def _operation(name: str, entries: Entries, location: Location, types: TypeResolver) -> Operation:
    method, _, path = entries["request"].partition(" ")
    takes, returns = entries.get("takes", {}), entries.get("returns", {})
    fields = types.attributes(returns, (*location, "returns"), camel(name))
    return Operation(
        name=name,
        description=sentence(entries["description"]),
        method=method,
        path=path,
        takes=types.attributes(takes, (*location, "takes"), camel(name)),
        returns=fields[0] if fields else None,
    )


def with_subscriptions(
    aggregates: Sequence[Aggregate], entries: Entries, types: TypeResolver
) -> Iterator[Aggregate]:
    """Yield aggregates with the subscriptions that trigger their behaviours.

    Args:
        aggregates: of the model.
        entries: the subscriptions in the file, by wire type.
        types: for the attributes of the events.
    """
    subscriptions: dict[str, list[Subscription]] = {each.name: [] for each in aggregates}
    by_name = {each.name: each for each in aggregates}
    for wire_type, each in entries.items():
        owner, _, _ = each["behavior"].partition(".")
        if owner not in by_name:
            location: Location = ("subscriptions", wire_type, "behavior")
            types.faults.add(location, f"there is no aggregate {owner}")
        elif subscription := _subscription(wire_type, each, by_name[owner], types):
            subscriptions[owner].append(subscription)
    for aggregate in aggregates:
        yield replace(aggregate, subscriptions=tuple(subscriptions[aggregate.name]))


def _subscription(
    wire_type: str, entries: Entries, aggregate: Aggregate, types: TypeResolver
) -> Subscription | None:
    location: Location = ("subscriptions", wire_type)
    _, _, verb = entries["behavior"].partition(".")
    behavior = next((each for each in aggregate.behaviors if each.name == verb), None)
    if behavior is None:
        message = f"{aggregate.name} has no behaviour {verb}"
        types.faults.add((*location, "behavior"), message)
        return None
    name = _contract_name(wire_type)
    return Subscription(
        name=name,
        description=sentence(entries["description"]),
        wire_type=wire_type,
        attributes=types.attributes(entries["attributes"], (*location, "attributes"), name),
        behavior=behavior,
        identifier=entries["identifier"],
    )


def _contract_name(wire_type: str) -> str:
    """Return `LoanExpiredV1` for `lending.loan.expired.v1`."""
    _, subject, event = wire_type.split(".", 2)
    word, _, version = event.rpartition(".")
    return f"{camel(subject)}{camel(word)}{version.upper()}"
