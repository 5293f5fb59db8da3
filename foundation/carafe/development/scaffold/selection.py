"""Selects the parts of a model to scaffold."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from carafe.development.discovery.model import Attribute, ExternalService, Model, Value
from carafe.development.discovery.names import snake
from carafe.development.discovery.process_model import OwnCommand
from carafe.development.discovery.suggestions import did_you_mean

from .client_parts import add_client
from .details import DetailedAggregate
from .external_code import called_services
from .inbox_parts import add_ignored, add_reactions
from .parts import REPOSITORIES, Scaffold
from .process_details import DetailedProcess
from .process_parts import add_process
from .requirement_code import has_ownership, required_aggregates

KINDS = (
    *("aggregate", "value", "event", "command", "query"),
    *("repository", "client", "subscription", "process"),
)


class NotInModel(Exception):
    """The model has no such part; the message lists the names that exist."""


def add_everything(scaffold: Scaffold) -> None:
    """Add the whole model."""
    for enumeration in scaffold.model.enumerations.values():
        scaffold.enumeration(enumeration)
    for value in _inner_first(scaffold.model):
        scaffold.value(value)
    for aggregate in scaffold.aggregates:
        _add_aggregate(scaffold, aggregate)
    for process in scaffold.processes:
        add_process(scaffold, process)
    add_ignored(scaffold)
    for service in scaffold.model.external_services:
        scaffold.external_service(service)
    add_client(scaffold)


def add(scaffold: Scaffold, kind: str, name: str | None) -> None:
    """Add one part, and first whatever it needs that the tree lacks.

    Args:
        scaffold: of the model.
        kind: one of KINDS.
        name: of the part; None for the service's own client.

    Raises:
        NotInModel: the model has no part of that kind and name.
    """
    if kind == "client" and name is None:
        for aggregate in scaffold.aggregates:
            if not scaffold.tree.has(f"chalicelib/api/{aggregate.collection}/routes.py"):
                _add_api(scaffold, aggregate)
        add_client(scaffold)
        return
    parts = dict(_parts(scaffold, kind))
    if name is None or name not in parts:
        names = ", ".join(sorted(parts)) or "none"
        near = did_you_mean(name or "", parts)
        raise NotInModel(f"the model has no {kind} {name}; it has: {names}{near}")
    parts[name]()


def _parts(scaffold: Scaffold, kind: str) -> Iterator[tuple[str, Callable[[], None]]]:
    model = scaffold.model
    if kind == "value":
        for enumeration in model.enumerations.values():
            yield enumeration.name, partial(scaffold.enumeration, enumeration)
        for value in model.values.values():
            yield value.name, partial(_add_value, scaffold, value)
    elif kind == "client":
        for service in model.external_services:
            yield service.name, partial(_add_service, scaffold, service)
    else:
        yield from _processes(scaffold, kind)
        for aggregate in scaffold.aggregates:
            yield from _parts_of(scaffold, kind, aggregate)


def _processes(scaffold: Scaffold, kind: str) -> Iterator[tuple[str, Callable[[], None]]]:
    for process in scaffold.processes:
        make = partial(_add_process, scaffold, process)
        if kind == "process":
            yield process.name, make
        elif kind == "subscription":
            yield from ((event.wire_type, make) for event in process.followed)


def _parts_of(
    scaffold: Scaffold, kind: str, aggregate: DetailedAggregate
) -> Iterator[tuple[str, Callable[[], None]]]:
    # Routes name all commands and queries of their aggregate: one of them brings the others.
    makers: dict[str, tuple[Sequence[str], Callable[[Scaffold, DetailedAggregate], None]]] = {
        "aggregate": ([aggregate.name], _add_with_needs),
        "repository": ([aggregate.name], _add_repository),
        "event": ([each.name for each in aggregate.events], _add_events),
        "command": ([each.name for each in aggregate.commands], _add_api),
        "query": ([each.name for each in aggregate.queries], _add_api),
        "subscription": ([each.wire_type for each in aggregate.subscriptions], _add_reactions),
    }
    names, make = makers.get(kind, ((), _add_aggregate))
    yield from ((name, partial(make, scaffold, aggregate)) for name in names)


def _add_aggregate(scaffold: Scaffold, aggregate: DetailedAggregate) -> None:
    _add_domain(scaffold, aggregate)
    scaffold.commands(aggregate)
    scaffold.queries(aggregate)
    _add_kept(scaffold, aggregate)
    scaffold.api(aggregate)
    _add_reactions_of(scaffold, aggregate)


def _add_with_needs(scaffold: Scaffold, aggregate: DetailedAggregate) -> None:
    _need_referenced(scaffold, aggregate)
    _add_aggregate(scaffold, aggregate)


def _add_domain(scaffold: Scaffold, aggregate: DetailedAggregate) -> None:
    _need_types(scaffold, aggregate.all_attributes)
    scaffold.domain(aggregate)
    scaffold.published(aggregate)


def _add_events(scaffold: Scaffold, aggregate: DetailedAggregate) -> None:
    _need_types(scaffold, aggregate.all_attributes)
    scaffold.domain_events(aggregate)
    scaffold.published(aggregate)


def _add_repository(scaffold: Scaffold, aggregate: DetailedAggregate) -> None:
    _need_domain(scaffold, aggregate)
    _add_kept(scaffold, aggregate)


def _add_kept(scaffold: Scaffold, aggregate: DetailedAggregate) -> None:
    """Add the repository, and what the timers need that it keeps."""
    scaffold.repository(aggregate)
    scaffold.timers(aggregate)


def _add_api(scaffold: Scaffold, aggregate: DetailedAggregate) -> None:
    _need_repository(scaffold, aggregate)
    _need_referenced(scaffold, aggregate)
    scaffold.commands(aggregate)
    scaffold.queries(aggregate)
    scaffold.api(aggregate)


def _add_reactions(scaffold: Scaffold, aggregate: DetailedAggregate) -> None:
    _need_repository(scaffold, aggregate)
    _add_reactions_of(scaffold, aggregate)


def _add_reactions_of(scaffold: Scaffold, aggregate: DetailedAggregate) -> None:
    _need_own_events(scaffold, [each.wire_type for each in aggregate.subscriptions])
    add_reactions(scaffold, aggregate)


def _add_process(scaffold: Scaffold, process: DetailedProcess) -> None:
    told = [
        *(each.attributes for each in process.followed),
        *(each.attributes for each in process.sends),
    ]
    _need_types(scaffold, [*process.attributes, *(each for part in told for each in part)])
    _need_own_events(scaffold, [each.wire_type for each in process.followed])
    asked = {each.aggregate.name for each in process.sends if isinstance(each, OwnCommand)}
    for aggregate in scaffold.aggregates:
        is_missing = not scaffold.tree.has(f"chalicelib/api/{aggregate.collection}/commands.py")
        if aggregate.name in asked and is_missing:
            _add_api(scaffold, aggregate)
    add_process(scaffold, process)


def _add_value(scaffold: Scaffold, value: Value) -> None:
    _need_types(scaffold, value.attributes)
    scaffold.value(value)


def _add_service(scaffold: Scaffold, service: ExternalService) -> None:
    for operation in service.operations:
        _need_types(scaffold, [*operation.takes, *operation.returns])
    scaffold.external_service(service)


def _need_domain(scaffold: Scaffold, aggregate: DetailedAggregate) -> None:
    if not scaffold.tree.has(f"chalicelib/domain/{aggregate.snake}.py"):
        _add_domain(scaffold, aggregate)


def _need_own_events(scaffold: Scaffold, wire_types: Sequence[str]) -> None:
    """Add the aggregates of this service whose events are followed."""
    for aggregate in scaffold.aggregates:
        if any(each.wire_type in wire_types for each in aggregate.events):
            _need_domain(scaffold, aggregate)


def _need_repository(scaffold: Scaffold, aggregate: DetailedAggregate) -> None:
    if not scaffold.tree.has(f"{REPOSITORIES}/{aggregate.snake}_repository.py"):
        _add_repository(scaffold, aggregate)


def _need_referenced(scaffold: Scaffold, aggregate: DetailedAggregate) -> None:
    """Add the other aggregates and external services that commands name."""
    required = {each.name for each in required_aggregates(aggregate, model=scaffold.model)}
    for other in scaffold.aggregates:
        if other.name in required:
            _need_repository(scaffold, other)
            if has_ownership(other):
                scaffold.ownership(other)
    called = called_services(aggregate)
    for service in scaffold.model.external_services:
        if service.name in called and not scaffold.tree.has(
            f"chalicelib/domain/{snake(service.name)}.py"
        ):
            _add_service(scaffold, service)


def _need_types(scaffold: Scaffold, attributes: Iterable[Attribute]) -> None:
    """Add the enumerations and values that attributes use, innermost first."""
    model = scaffold.model
    for name in dict.fromkeys(each.type.name for each in attributes):
        if scaffold.tree.has(f"chalicelib/domain/{snake(name)}.py"):
            continue
        if name in model.enumerations:
            scaffold.enumeration(model.enumerations[name])
        elif name in model.values:
            _add_value(scaffold, model.values[name])


def _inner_first(model: Model) -> list[Value]:
    """Return the values in an order in which each follows those that it contains."""
    values: dict[str, Value] = {}

    def visit(value: Value) -> None:
        for each in value.attributes:
            if each.type.name in model.values and each.type.name not in values:
                visit(model.values[each.type.name])
        values[value.name] = value

    for value in model.values.values():
        visit(value)
    return list(values.values())
