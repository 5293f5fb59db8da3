"""Checks beyond the form of a model, such as: every event is recorded, every status reached."""

import itertools
import re
from collections.abc import Callable, Iterator

from .call_checks import call_faults, operation_faults
from .change_checks import change_faults
from .circle_checks import circle_faults
from .default_checks import default_faults
from .faults import Faults
from .list_checks import list_faults
from .locations import located_aggregates, located_values
from .model import Model
from .name_checks import name_faults, names_of
from .ownership_checks import ownership_faults
from .process_checks import process_faults
from .process_names import process_name_faults
from .query_checks import query_faults
from .reachability_checks import reachability_faults
from .requirement_checks import requirement_faults
from .rule_checks import clock_faults, rule_faults
from .source import Location
from .subscription_checks import subscription_faults
from .suggestions import did_you_mean, no_value
from .timer_checks import timer_faults
from .tree_conflicts import conflicts
from .unique_checks import unique_faults

LocatedMessages = Iterator[tuple[Location, str]]
Check = Callable[[Model], LocatedMessages]

OPEN_ROUTES = ("/docs", "/health", "/ready")
"""Paths that every service serves by itself."""


def check_model(model: Model, faults: Faults) -> None:
    """Add every fault that the checks find in a model."""
    for check in CHECKS:
        for location, message in check(model):
            faults.add(location, message)


def _events(model: Model) -> LocatedMessages:
    """Yield events that no behaviour records, and behaviours that record an undeclared event."""
    for aggregate, location in located_aggregates(model):
        recorded = {each.records for each in aggregate.behaviors}
        declared = {each.name for each in aggregate.events}
        for name in sorted(declared - recorded):
            message = f"no behaviour records {name}: add `records: {name}` to one"
            yield (*location, "events", name), message
        for each in aggregate.behaviors:
            if each.records not in declared:
                place = (*location, "behaviors", each.name, "records")
                message = f"{aggregate.name} has no event {each.records}: declare it in events"
                yield place, message + did_you_mean(each.records, declared)


def _creation(model: Model) -> LocatedMessages:
    """Yield aggregates without exactly one creation, and attributes that it does not set."""
    for aggregate, location in located_aggregates(model):
        creations = [each for each in aggregate.behaviors if each.creates]
        if len(creations) != 1:
            count = "no behaviour creates" if not creations else "more than one behaviour creates"
            message = f"{count} {aggregate.name}: exactly one needs `creates: true`"
            yield (*location, "behaviors"), message
            continue
        creation = creations[0]
        initial = names_of(creation.takes) | ({"status"} if creation.becomes else set())
        for each in aggregate.attributes:
            if each.name not in initial and not (each.may_lack or each.type.many):
                message = f"{creation.name} does not set {each.name}: take it, or end it with `?`"
                yield (*location, "attributes", each.name), message


def _statuses(model: Model) -> LocatedMessages:
    """Yield behaviours that need a status where there is none, or one that does not exist."""
    for aggregate, location in located_aggregates(model):
        status = aggregate.status
        enumeration = model.enumerations.get(status.type.name) if status else None
        if status is not None and status.type.optional:
            enumeration = None
        for each in aggregate.behaviors:
            names = {*each.when, *([each.becomes] if each.becomes else [])}
            place = (*location, "behaviors", each.name)
            if names and enumeration is None:
                yield place, f"{aggregate.name} needs an attribute status of an enumeration"
            elif enumeration is not None:
                for value in sorted(names - set(enumeration.values)):
                    yield place, no_value(enumeration.name, value, enumeration.values)


def _routes(model: Model) -> LocatedMessages:
    """Yield routes that are used twice, and routes with an id too many or too few."""
    owners = dict.fromkeys((("GET", path) for path in OPEN_ROUTES), "the foundation")
    for aggregate, location in located_aggregates(model):
        commands = [
            ("commands", each.name, each.method, each.path, not each.behavior.creates)
            for each in aggregate.commands
        ]
        queries = [
            ("queries", each.name, "GET", each.path, not each.is_page) for each in aggregate.queries
        ]
        for part, name, method, path, has_id in commands + queries:
            place = (*location, part, name)
            owner = owners.setdefault((method, path), name)
            if owner != name:
                yield place, f"{method} {path} is taken by {owner}: choose another route"
            if path.count("{id}") != int(has_id):
                yield place, f"{method} {path} needs {'one' if has_id else 'no'} {{id}}"


def _wire_types(model: Model) -> LocatedMessages:
    """Yield events whose wire type is malformed, or another event's."""
    owners: dict[str, str] = {}
    for aggregate, location in located_aggregates(model):
        for each in aggregate.events:
            owner = owners.setdefault(each.wire_type, each.name)
            if owner != each.name or not re.fullmatch(r"[a-z_.]+\.v1", each.wire_type):
                message = f"{each.wire_type} cannot be {each.name}'s: choose another `publish_as`"
                yield (*location, "events", each.name), message


def _nesting(model: Model) -> LocatedMessages:
    """Yield values that contain themselves."""
    parts = {
        name: {each.type.name for each in value.attributes} for name, value in model.values.items()
    }
    for value, location in located_values(model):
        inner = set(parts[value.name])
        while more := set(itertools.chain(*(parts.get(each, ()) for each in inner))) - inner:
            inner |= more
        if value.name in inner:
            yield location, f"{value.name} contains itself"


CHECKS: tuple[Check, ...] = (
    *(_events, _creation, _statuses, reachability_faults, change_faults, query_faults),
    *(_routes, _wire_types, subscription_faults, name_faults, conflicts, _nesting),
    *(ownership_faults, unique_faults, timer_faults, circle_faults, process_faults),
    *(process_name_faults, clock_faults, default_faults, list_faults, rule_faults),
    operation_faults,
    call_faults,
    requirement_faults,
)
