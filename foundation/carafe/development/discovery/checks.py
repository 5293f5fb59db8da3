"""What a model must hold to, beyond its form: every event is raised, every status reached."""

import itertools
import re
from collections.abc import Callable, Iterator

from . import naming, taken
from .faults import Faults
from .lifecycle import steps_to
from .model import Model
from .naming import aggregates, named
from .source import Way

Check = Callable[[Model], Iterator[tuple[Way, str]]]

NO_FILTERS = {"money", "address", "moment"}


def hold(model: Model, faults: Faults) -> None:
    """Note everything in a model that cannot work."""
    for check in CHECKS:
        for way, message in check(model):
            faults.add(way, message)


def _events(model: Model) -> Iterator[tuple[Way, str]]:
    """Yield events that nobody raises, and behaviours that raise none of the aggregate's."""
    for aggregate, way in aggregates(model):
        raised = {each.records for each in aggregate.behaviors}
        declared = {each.name for each in aggregate.events}
        for name in sorted(declared - raised):
            yield (*way, "events", name), f"nobody raises {name}: name it in a behaviour's records"
        for each in aggregate.behaviors:
            if each.records not in declared:
                there = (*way, "behaviors", each.name, "records")
                yield there, f"{aggregate.name} has no event {each.records}: declare it in events"


def _creation(model: Model) -> Iterator[tuple[Way, str]]:
    """Yield aggregates that nothing makes, or whose making leaves something open."""
    for aggregate, way in aggregates(model):
        makers = [each for each in aggregate.behaviors if each.creates]
        if len(makers) != 1:
            what = "no behaviour creates" if not makers else "more than one behaviour creates"
            yield (*way, "behaviors"), f"{what} {aggregate.name}: one has `creates: true`"
            continue
        given = named(makers[0].takes) | ({"status"} if makers[0].becomes else set())
        for each in aggregate.attributes:
            if each.name not in given and not (each.type.optional or each.type.many):
                message = f"{makers[0].name} leaves {each.name} open: take it, or end it with `?`"
                yield (*way, "attributes", each.name), message


def _statuses(model: Model) -> Iterator[tuple[Way, str]]:
    """Yield statuses that do not exist, or that no behaviour leads to."""
    for aggregate, way in aggregates(model):
        status = aggregate.status
        known = model.enumerations.get(status.type.name) if status else None
        for each in aggregate.behaviors:
            here = (*way, "behaviors", each.name)
            named = {*each.when, *([each.becomes] if each.becomes else [])}
            if named and (known is None or status is None or status.type.optional):
                message = f"{aggregate.name} needs an attribute status of an enumeration"
                yield here, message
                continue
            for value in sorted(named - set(known.values if known else ())):
                yield here, f"{known.name if known else 'status'} has no value {value}"
            if each.when and each.creates:
                yield here, f"{each.name} creates: before it there is no status to ask `when` for"
            elif each.when and all(steps_to(aggregate, value) is None for value in each.when):
                yield (*here, "when"), f"no behaviour leads to {' or '.join(each.when)}"


def _changes(model: Model) -> Iterator[tuple[Way, str]]:
    """Yield behaviours that clear what must be there, or take an attribute as something else."""
    for aggregate, way in aggregates(model):
        attributes = {each.name: each for each in aggregate.attributes}
        for behavior in aggregate.behaviors:
            here = (*way, "behaviors", behavior.name)
            for name in behavior.clears:
                if name not in attributes or not attributes[name].type.optional:
                    yield (*here, "clears"), f"{name} is no attribute that may be missing"
            for take in behavior.takes:
                own = attributes.get(take.name)
                if own and (own.type.name, own.type.many) != (take.type.name, take.type.many):
                    yield (*here, "takes"), f"{take.name} is an attribute of another type"
            if behavior.creates and behavior.deletes:
                yield here, f"{behavior.name} cannot create and delete"


def _queries(model: Model) -> Iterator[tuple[Way, str]]:
    """Yield queries that filter or sort by what cannot be filtered or sorted by."""
    for aggregate, way in aggregates(model):
        attributes = {each.name: each for each in aggregate.attributes}
        for query in aggregate.queries:
            here = (*way, "queries", query.name)
            for name in (each.lstrip("-") for each in query.order):
                if name not in attributes or not attributes[name].type.is_scalar:
                    yield (*here, "order"), f"{name} is no single attribute that is always there"
            for each in query.filters:
                if each.type.many or each.type.name in {*NO_FILTERS, *model.values}:
                    yield (*here, "filters"), f"{each.name} consists of several, or is a moment"
            if not query.is_page and (query.filters or query.order):
                yield here, f"{query.name} returns one: it needs no filters and no order"
            if len({each.startswith("-") for each in query.order}) > 1:
                yield (*here, "order"), "all of it goes in one direction: `-` before each, or none"


def _routes(model: Model) -> Iterator[tuple[Way, str]]:
    """Yield routes that are taken twice, or that name an id where there is none."""
    owners: dict[tuple[str, str], str] = {}
    for aggregate, way in aggregates(model):
        commands = [
            ("commands", each.name, each.method, each.path, not each.behavior.creates)
            for each in aggregate.commands
        ]
        queries = [
            ("queries", each.name, "GET", each.path, not each.is_page) for each in aggregate.queries
        ]
        for part, name, method, path, with_id in commands + queries:
            here = (*way, part, name)
            owner = owners.setdefault((method, path), name)
            if owner != name:
                yield here, f"{method} {path} is taken by {owner}: give another route"
            if path.count("{id}") != int(with_id):
                yield here, f"{method} {path} needs {'one' if with_id else 'no'} {{id}}"


def _wires(model: Model) -> Iterator[tuple[Way, str]]:
    """Yield events that share a name on the wire, and names that no wire type can have."""
    owners: dict[str, str] = {}
    for aggregate, way in aggregates(model):
        for each in aggregate.events:
            owner = owners.setdefault(each.wire_type, each.name)
            if owner != each.name or not re.fullmatch(r"[a-z_.]+\.v1", each.wire_type):
                message = f"{each.wire_type} cannot be {each.name}'s: give another `publish_as`"
                yield (*way, "events", each.name), message


def _subscriptions(model: Model) -> Iterator[tuple[Way, str]]:
    """Yield events of others that do not tell what the behaviour takes."""
    for aggregate, _ in aggregates(model):
        for each in aggregate.subscriptions:
            way: Way = ("subscriptions", each.wire_type)
            told = {attribute.name: attribute.type for attribute in each.attributes}
            if each.identifier not in told or told[each.identifier].name != "identifier":
                yield (*way, "identifier"), f"{each.identifier} is no attribute of type identifier"
            if each.behavior.creates or each.behavior.deletes:
                yield way, f"{each.behavior.name} must change an aggregate that is there"
            for take in each.behavior.takes:
                if take.name not in told or told[take.name].name != take.type.name:
                    yield way, f"{each.behavior.name} takes {take.name}, which the event lacks"
            if each.wire_type.startswith(f"{model.context}."):
                yield way, "this is an event of this service itself"


def _operations(model: Model) -> Iterator[tuple[Way, str]]:
    """Yield operations of external services that would send what has no place in a request."""
    for service in model.external_services:
        for each in service.operations:
            if each.method == "GET" and each.takes:
                way = ("external_services", service.name, "operations", each.name)
                yield way, f"a GET has no body: {each.name} takes nothing, or is a POST"


def _nesting(model: Model) -> Iterator[tuple[Way, str]]:
    """Yield values that contain themselves."""
    inner = {
        name: {each.type.name for each in value.attributes} for name, value in model.values.items()
    }
    for name, value in model.values.items():
        reached = set(inner[name])
        while more := set(itertools.chain(*(inner.get(each, ()) for each in reached))) - reached:
            reached |= more
        if name in reached:
            part = "entities" if value.is_entity else "values"
            yield (part, name), f"{name} contains itself"


CHECKS: tuple[Check, ...] = (
    *(_events, _creation, _statuses, _changes, _queries),
    *(_routes, _wires, _subscriptions, _operations, naming.names, taken.names, _nesting),
)
