"""What commands require of other aggregates, as code."""

from collections.abc import Iterable

from carafe.development.discovery.aggregate_model import Requirement
from carafe.development.discovery.lifecycle import steps_to
from carafe.development.discovery.model import Aggregate, Behavior, Model


def required_aggregates(aggregate: Aggregate, *, model: Model) -> list[Aggregate]:
    """Return the aggregates that the commands of one require, each once."""
    names = {each.aggregate for command in aggregate.commands for each in command.requires}
    return [each for each in model.aggregates if each.name in names]


def allowed_statuses(aggregate: Aggregate, by: Aggregate) -> tuple[str, ...]:
    """Return the statuses in which every command accepts an aggregate; empty for any."""
    requirements = _requirements(aggregate, by)
    sets = [set(each.statuses) for each in requirements if each.statuses]
    return tuple(sorted(set.intersection(*sets))) if sets else ()


def accepted_steps(aggregate: Aggregate, by: Aggregate) -> list[Behavior] | None:
    """Return the steps after which every command accepts an aggregate; None if none lead there."""
    statuses = allowed_statuses(aggregate, by)
    if not any(each.statuses for each in _requirements(aggregate, by)):
        return []
    return _shortest_way(aggregate, statuses)


def refused_steps(requirement: Requirement, aggregate: Aggregate) -> list[Behavior] | None:
    """Return the steps after which a requirement is not met; None if it always is."""
    if not requirement.statuses:
        return None
    others = {each.becomes for each in aggregate.behaviors if each.becomes}
    return _shortest_way(aggregate, sorted(others - set(requirement.statuses)))


def has_ownership(aggregate: Aggregate) -> bool:
    """Return whether the API of an aggregate says whose each is."""
    return aggregate.owner is not None and bool(aggregate.commands or aggregate.queries)


def _shortest_way(aggregate: Aggregate, statuses: Iterable[str]) -> list[Behavior] | None:
    ways = (steps_to(aggregate, each) for each in statuses)
    return min((each for each in ways if each is not None), key=len, default=None)


def _requirements(aggregate: Aggregate, by: Aggregate) -> list[Requirement]:
    return [
        each
        for command in by.commands
        for each in command.requires
        if each.aggregate == aggregate.name
    ]
