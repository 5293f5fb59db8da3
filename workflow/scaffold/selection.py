"""Which parts of a model a person asked for."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from workflow.discovery.model import Model, Value

from .details import DetailedAggregate
from .parts import Scaffold

KINDS = (
    *("aggregate", "value", "event", "command", "query"),
    *("repository", "client", "subscription"),
)


class NotInModel(Exception):
    """The model has nothing of that name; the message lists what it has."""


def add_everything(scaffold: Scaffold) -> None:
    """Add the whole model."""
    for enumeration in scaffold.model.enumerations.values():
        scaffold.enumeration(enumeration)
    for value in _inner_first(scaffold.model):
        scaffold.value(value)
    for aggregate in scaffold.aggregates:
        _add_aggregate(scaffold, aggregate)
    for service in scaffold.model.external_services:
        scaffold.external_service(service)
    scaffold.client()


def add(scaffold: Scaffold, kind: str, name: str | None) -> None:
    """Add one part.

    Args:
        scaffold: of the model.
        kind: one of KINDS.
        name: of the part; None for the client of the service itself.

    Raises:
        NotInModel: there is none of that name.
    """
    if kind == "client" and name is None:
        scaffold.client()
        return
    parts = dict(_parts(scaffold, kind))
    if name is None or name not in parts:
        known = ", ".join(sorted(parts)) or "none"
        raise NotInModel(f"the model has no {kind} {name}; it has: {known}")
    parts[name]()


def _parts(scaffold: Scaffold, kind: str) -> Iterator[tuple[str, Callable[[], None]]]:
    model = scaffold.model
    if kind == "value":
        for enumeration in model.enumerations.values():
            yield enumeration.name, partial(scaffold.enumeration, enumeration)
        for value in model.values.values():
            yield value.name, partial(scaffold.value, value)
    elif kind == "client":
        for service in model.external_services:
            yield service.name, partial(scaffold.external_service, service)
    else:
        for aggregate in scaffold.aggregates:
            yield from _parts_of(scaffold, kind, aggregate)


def _parts_of(
    scaffold: Scaffold, kind: str, aggregate: DetailedAggregate
) -> Iterator[tuple[str, Callable[[], None]]]:
    def event() -> None:
        scaffold.domain_events(aggregate)
        scaffold.published(aggregate)

    def command() -> None:
        scaffold.commands(aggregate)
        scaffold.api(aggregate)

    def query() -> None:
        scaffold.queries(aggregate)
        scaffold.api(aggregate)

    makers: dict[str, tuple[Sequence[str], Callable[[], None]]] = {
        "aggregate": ([aggregate.name], lambda: _add_aggregate(scaffold, aggregate)),
        "repository": ([aggregate.name], lambda: scaffold.repository(aggregate)),
        "event": ([each.name for each in aggregate.events], event),
        "command": ([each.name for each in aggregate.commands], command),
        "query": ([each.name for each in aggregate.queries], query),
        "subscription": (
            [each.wire_type for each in aggregate.subscriptions],
            lambda: scaffold.subscriptions(aggregate),
        ),
    }
    names, make = makers[kind]
    yield from ((name, make) for name in names)


def _add_aggregate(scaffold: Scaffold, aggregate: DetailedAggregate) -> None:
    scaffold.domain(aggregate)
    scaffold.published(aggregate)
    scaffold.commands(aggregate)
    scaffold.queries(aggregate)
    scaffold.repository(aggregate)
    scaffold.api(aggregate)
    scaffold.subscriptions(aggregate)


def _inner_first(model: Model) -> list[Value]:
    """Return the values so that each stands behind those that it consists of."""
    done: dict[str, Value] = {}

    def visit(value: Value) -> None:
        for each in value.attributes:
            if each.type.name in model.values and each.type.name not in done:
                visit(model.values[each.type.name])
        done[value.name] = value

    for value in model.values.values():
        visit(value)
    return list(done.values())
