"""Example values that a model's rules accept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from carafe.development.discovery.model import Attribute, Enumeration, Model
from carafe.development.discovery.rule_model import Known
from carafe.development.discovery.source import Location
from carafe.development.discovery.types import Type

from .example_keys import Key, key_of
from .example_siblings import unique_attributes
from .rule_bounds import MOST_RISEN, ZERO, Bound, Variable, bounds_of, holds, limits, steady, within
from .rule_present import is_kept, moments_ahead
from .rule_sites import Site, sites
from .rule_values import example, is_ordered, length

HOUR, MINUTE = 3600, 60
FAR = 40 * 366 * 24 * HOUR
"""Moments stay within forty years of noon, so that none leaves the calendar."""

MOST_ELEMENTS = 5

# Between two values that follow each other, so that a test can change one by a single step.
COUNTED = ("integer", "date")
USUAL_MARGIN = 2
CHANGES: Mapping[str, int] = {"integer": 1, "date": 1, "time": HOUR, "moment": HOUR}
"""By how much a test changes a value."""

Wanted = Callable[[Attribute], int]


@dataclass(frozen=True)
class Accepted:
    """Examples that rules accept.

    Attributes:
        values: of what has an order.
        choices: what may stand for the others, the example first.
        ahead: moments that lie ahead of the true present.
        not_over_http: aggregates and behaviours whose rules no request can keep.
    """

    values: Mapping[Variable, int] = field(default_factory=dict)
    choices: Mapping[Key, tuple[str | bool, ...]] = field(default_factory=dict)
    ahead: frozenset[Key] = frozenset()
    not_over_http: frozenset[tuple[str, str]] = frozenset()


def accepted(model: Model, wanted: Wanted, ahead: frozenset[Key]) -> Accepted:
    """Return examples that all rules of a model accept; those that are wanted, if they do.

    Args:
        model: whose rules `unaccepted` finds satisfiable.
        wanted: returns the number, or the days or seconds after noon, of an attribute's example.
        ahead: moments that lie ahead anyway.
    """
    found = list(sites(model))
    if not found:
        return Accepted()
    ordered = [each for each in found if is_ordered(each.condition)]
    values = _values(ordered, wanted, rises(model))
    ahead = moments_ahead(found, ahead)
    missed = {(each.aggregate, each.behavior) for each in found if not is_kept(each, ahead)}
    return Accepted(values or {}, _choices(found, model) or {}, ahead, frozenset(missed))


def unaccepted(
    model: Model, wanted: Wanted, ahead: frozenset[Key]
) -> Iterator[tuple[Location, str]]:
    """Yield the first rule with which no example keeps all, and creations that no request makes."""
    found = list(sites(model))
    if not _has_examples(found, model, wanted):
        lengths = range(1, len(found) + 1)
        first = next(each for each in lengths if not _has_examples(found[:each], model, wanted))
        last = found[first - 1]
        message = (
            f"no example keeps {last.rule.name} and the rules before it: change them, or "
            "write one by hand"
        )
        yield last.location, message
        return
    ahead = moments_ahead(found, ahead)
    creations = {
        (each.name, behavior.name)
        for each in model.aggregates
        for behavior in each.behaviors
        if behavior.creates
    }
    for each in found:
        if (each.aggregate, each.behavior) in creations and not is_kept(each, ahead):
            message = f"no example keeps {each.rule.name} whenever a test runs: write it by hand"
            yield each.location, message


def _has_examples(found: Sequence[Site], model: Model, wanted: Wanted) -> bool:
    ordered = [each for each in found if is_ordered(each.condition)]
    has_values = _values(ordered, wanted, rises(model)) is not None
    return has_values and _choices(found, model) is not None


def rises(model: Model) -> dict[Variable, int]:
    """Return by how much unique numbers and moments rise, of which each example is another one."""
    unique = (each for each in unique_attributes(model) if each.type.name in MOST_RISEN)
    return {example(key_of(each)): MOST_RISEN[each.type.name] for each in unique}


def _values(
    found: Sequence[Site], wanted: Wanted, rising: Mapping[Variable, int]
) -> dict[Variable, int] | None:
    """Return values that keep all rules; None if there are none.

    What requests say otherwise than before may be in the way of other rules: then no test makes
    such a request.
    """
    values = _values_for_all(found, wanted, rising)
    if values is None and any(each.is_renewal for each in found):
        found = [each for each in found if not each.is_renewal]
        values = _values_for_all(found, wanted, rising)
    return values


def _values_for_all(
    found: Sequence[Site], wanted: Wanted, rising: Mapping[Variable, int]
) -> dict[Variable, int] | None:
    preferred = dict(_preferred(found, wanted))
    lasting = steady(_lasting(found, wanted), rising)
    presents = {each for each in preferred if each[0] == "present"}
    at_noon = [bound for each in presents for bound in limits(each, 0, 0)]
    differing = [*_differing(found)]
    usual = [*at_noon, *differing]
    attempts: tuple[tuple[int, list[Bound]], ...] = (
        *((margin, usual) for margin in (2 * HOUR, MINUTE, 1)),
        *((margin, differing) for margin in (2 * HOUR, MINUTE, 1)),
        (1, []),
    )
    if holds([*_all_bounds(found, 1, rising), *lasting, *at_noon], preferred):
        return preferred
    for margin, further in attempts:
        bounds = [*_all_bounds(found, margin, rising), *lasting, *further]
        if (values := within(bounds, preferred)) is not None:
            return values
    return None


def _all_bounds(found: Sequence[Site], margin: int, rising: Mapping[Variable, int]) -> list[Bound]:
    """Return the bounds that rules set; a request always says the same."""
    in_requests = [e for each in found if each.is_called_over_http for e in _bounds(each, margin)]
    in_units = [e for each in found if not each.is_called_over_http for e in _bounds(each, margin)]
    return [*in_requests, *steady(in_units, rising)]


def _bounds(site: Site, margin: int) -> list[Bound]:
    """Return the bounds that a rule sets; `<` demands a margin in seconds, if it is about them."""
    if site.is_called_over_http and site.condition.needs_now:
        return []  # at the true time, of which `ahead` takes care
    if site.is_out_of_reach:
        return []
    is_counted = any(each.name.is_length for each in site.condition.known)
    kinds = {each.kind for each in site.condition.known}
    if kinds & {*COUNTED}:
        margin = USUAL_MARGIN if margin > MINUTE and not is_counted else 1
    return bounds_of(site.condition, site.variables, margin)


def _known(found: Sequence[Site]) -> dict[Variable, Known]:
    """Return what each variable stands for, besides presents."""
    return {
        site.variables[each.name]: each
        for site in found
        for each in site.condition.known
        if not each.name.is_now
    }


def _preferred(found: Sequence[Site], wanted: Wanted) -> Iterator[tuple[Variable, int]]:
    yield ZERO, 0
    for site in found:
        yield from ((each, 0) for each in site.variables.values() if each[0] == "present")
    for variable, known in _known(found).items():
        attribute = known.chain[-1]
        if variable[0] == "added":
            yield from ((length(key_of(attribute)), 1), (variable, 2))
        elif variable[0] == "length":
            yield variable, 1 if attribute.type.many else wanted(attribute)
        else:
            yield variable, wanted(attribute)
            if variable[0] == "changed":
                yield variable, usual_change(attribute.type, wanted(attribute))


def usual_change(kind: Type, value: int) -> int:
    """Return the value to which a test changes an example, unless rules demand another one."""
    if kind.name == "integer" and value >= kind.most:
        return value - 1
    return value + CHANGES[kind.name]


def _lasting(found: Sequence[Site], wanted: Wanted) -> Iterator[Bound]:
    """Yield the bounds that types set."""
    for variable, known in _known(found).items():
        kind = known.chain[-1].type
        if variable[0] == "added":
            count = length(key_of(known.root))
            yield from (Bound(variable, count, 1), Bound(count, variable, -1))
            yield from limits(count, 0, MOST_ELEMENTS)
        elif variable[0] == "length":
            letters = 0 if kind.many else wanted(known.chain[-1])
            yield from limits(variable, letters, MOST_ELEMENTS if kind.many else letters)
        elif known.chain[-1].default is not None and variable[0] == "example":
            value = wanted(known.chain[-1])  # which a creation does not need to say
            yield from limits(variable, value, value)
        elif kind.name == "integer":
            yield from limits(variable, kind.least, kind.most)
        elif kind.name == "time":
            yield from limits(variable, -12 * HOUR, 12 * HOUR - 60)
        else:
            yield from limits(variable, -FAR, FAR)


def _differing(found: Sequence[Site]) -> Iterator[Bound]:
    """Yield bounds by which a changed value is another one."""
    for variable, known in _known(found).items():
        if variable[0] == "changed":
            step = CHANGES[known.chain[-1].type.name]
            yield Bound(example(key_of(known.chain[-1])), variable, -step)


def _choices(found: Sequence[Site], model: Model) -> dict[Key, tuple[str | bool, ...]] | None:
    """Return what may stand for values without an order; None if nothing may for one."""
    choices: dict[Key, tuple[str | bool, ...]] = {}
    for site in found:
        if is_ordered(site.condition):
            continue
        attribute = site.condition.known[0].chain[-1]
        terms = (*site.condition.comparison.left, *site.condition.comparison.right)
        value = next(e.operand for e in terms if isinstance(e.operand, (str, bool)))
        before = choices.get(key_of(attribute), _all(attribute, model.enumerations))
        is_equal = site.condition.comparison.operator == "=="
        if attribute.type.name == "text" and is_equal and not before:
            before = (value,) if 1 <= len(str(value)) <= attribute.type.most else ()
        kept = tuple(each for each in before if (each == value) == is_equal)
        if is_equal or attribute.type.name != "text":
            if not kept:
                return None
            choices[key_of(attribute)] = kept
    return choices


def _all(attribute: Attribute, enumerations: Mapping[str, Enumeration]) -> tuple[str | bool, ...]:
    name = attribute.type.name
    return (
        enumerations[name].values
        if name in enumerations
        else {"boolean": (True, False)}.get(name, ())
    )
