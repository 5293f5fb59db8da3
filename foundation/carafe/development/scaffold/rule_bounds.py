"""Rules as bounds on differences, and values that keep within all of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from carafe.development.discovery.durations import Duration
from carafe.development.discovery.rule_expressions import Name, Term
from carafe.development.discovery.rule_model import Condition, Known

DAY = date(2026, 3, 1)
NOON_SECONDS = 12 * 60 * 60

MOST_RISEN: Mapping[str, int] = {"moment": 60 * 60, "integer": 199}
"""By how much unique examples rise in a run of tests.

Sixty thousand moments, each a millisecond later, take a minute; a full hour, since teams write
rules like "at a full or half hour" beside the model's. Two hundred numbers are as many as one test
needs, and then they begin anew.
"""

Variable = tuple[Any, ...]

ZERO: Variable = ("zero",)
"""What every number, date, time and moment is counted from: 0, DAY, noon."""


@dataclass(frozen=True)
class Bound:
    """`first` is at most so much larger than `second`: `first - second <= most`.

    Numbers are counted in ones, dates in days, times and moments in seconds.
    """

    first: Variable
    second: Variable
    most: int


def bounds_of(
    condition: Condition,
    variables: Mapping[Name, Variable],
    margin: int,
    *,
    is_broken: bool = False,
) -> list[Bound]:
    """Return the bounds that a condition sets.

    Args:
        condition: about values with an order.
        variables: what stands for each name.
        margin: the difference that `<` and `>` demand at least.
        is_broken: return bounds that break it.
    """
    positive, negative, constant = ZERO, ZERO, 0
    terms = [(each, False) for each in condition.comparison.left]
    terms += [(each, True) for each in condition.comparison.right]
    for term, is_right in terms:
        is_minus = term.is_subtracted != is_right
        if not isinstance(term.operand, Name):
            constant += -_amount(term, condition) if is_minus else _amount(term, condition)
        elif is_minus:
            negative = variables[term.operand]
        else:
            positive = variables[term.operand]
    at_most = Bound(positive, negative, -constant)
    below = Bound(positive, negative, -constant - margin)
    at_least = Bound(negative, positive, constant)
    above = Bound(negative, positive, constant - margin)
    kept = {"<": [below], "<=": [at_most], ">": [above], ">=": [at_least]}
    broken = {"<": [at_least], "<=": [above], ">": [at_most], ">=": [below]}
    equal, different = [at_most, at_least], [above]
    chosen = broken if is_broken else kept
    is_equality = (condition.comparison.operator == "==") != is_broken
    return chosen.get(condition.comparison.operator, equal if is_equality else different)


def steady(bounds: Iterable[Bound], rises: Mapping[Variable, int]) -> list[Bound]:
    """Return bounds that hold also later in a run of tests.

    Args:
        bounds: at its beginning.
        rises: by how much values become larger that are another one for each example.
    """
    return [replace(each, most=each.most - rises.get(each.first, 0)) for each in bounds]


def holds(bounds: Sequence[Bound], values: Mapping[Variable, int]) -> bool:
    """Return whether values keep within all bounds."""
    return all(
        values.get(each.first, 0) - values.get(each.second, 0) <= each.most for each in bounds
    )


def within(bounds: Sequence[Bound], wanted: Mapping[Variable, int]) -> dict[Variable, int] | None:
    """Return values near those wanted that keep within all bounds; None if there are none.

    Values only rise, the least that is necessary (Bellman and Ford's longest paths).
    """
    values = {ZERO: 0, **wanted}
    for _ in range(len(values) + 1):
        is_changed = False
        for each in bounds:
            least = values.setdefault(each.first, 0) - each.most
            if values.setdefault(each.second, 0) < least:
                values[each.second], is_changed = least, True
        if not is_changed:
            shift = values[ZERO]
            return {name: value - shift for name, value in values.items()}
    return None


def limits(variable: Variable, least: int, most: int) -> Iterator[Bound]:
    """Yield the bounds of one value."""
    yield Bound(variable, ZERO, most)
    yield Bound(ZERO, variable, -least)


def known_by_name(condition: Condition) -> dict[Name, Known]:
    """Return what the names in a rule stand for."""
    return {each.name: each for each in condition.known}


def is_contradiction(bounds: Iterable[Bound]) -> bool:
    """Return whether a value would have to differ from itself."""
    return any(each.first == each.second and each.most < 0 for each in bounds)


def _amount(term: Term, condition: Condition) -> int:
    match term.operand:
        case int():
            return term.operand
        case date():
            return (term.operand - DAY).days
        case time():
            return term.operand.hour * 3600 + term.operand.minute * 60 - NOON_SECONDS
        case Duration():
            length = term.operand.length
            is_days = any(each.kind == "date" for each in condition.known)
            return length.days if is_days else round(length.total_seconds())
    raise TypeError(f"{term.operand!r} has no order")
