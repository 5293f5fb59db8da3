"""Calls that rules refuse, for the tests of these rules."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from carafe.development.discovery.model import Aggregate, Behavior, Model, Value
from carafe.development.discovery.rule_model import Condition, Known, Rule

from .example_code import after_noon, scalar, several
from .examples import Examples
from .rule_bounds import Bound, Variable, bounds_of, holds, steady
from .rule_examples import CHANGES, rises
from .rule_sites import Site, sites
from .rule_values import is_ordered

MOST_ELEMENTS = 30


@dataclass(frozen=True)
class Refusal:
    """A call that one rule is the first to refuse.

    Attributes:
        rule: the one.
        name: of the test, in snake_case: the rule's, with a number for each further condition.
        arguments: the parameters, or attributes, that differ from the examples, as code; `at` may
            be among them.
    """

    rule: Rule
    name: str
    arguments: Mapping[str, str]


class Refusals:
    """Finds calls that rules refuse.

    Args:
        model: with the rules.
        examples: that they accept.
    """

    def __init__(self, model: Model, examples: Examples) -> None:
        self._enumerations = model.enumerations
        self._examples = examples
        self._rising = rises(model)
        self._sites = [each for each in sites(model) if not each.is_called_over_http]

    def of_behavior(self, behavior: Behavior, aggregate: Aggregate) -> list[Refusal]:
        """Return the calls of a behaviour that its rules, and the aggregate's, refuse."""
        if behavior.removes:
            return []
        names = (aggregate.name, behavior.name)
        here = [each for each in self._sites if (each.aggregate, each.behavior) == names]
        # As they are checked: that a timer's moment lies ahead, own rules, the aggregate's.
        here.sort(key=lambda each: not each.is_implied and 1 + (each.rule not in behavior.rules))
        taken = {each.name for each in behavior.takes}
        return list(self._found(here, taken, has_time=not behavior.creates))

    def of_value(self, value: Value) -> list[Refusal]:
        """Return the changes of a value that its rules refuse."""
        here = [each for each in self._sites if not each.aggregate and each.rule in value.rules]
        return list(self._found(here, {each.name for each in value.attributes}, has_time=False))

    def _found(self, here: list[Site], taken: set[str], *, has_time: bool) -> Iterator[Refusal]:
        found: list[Rule] = []
        for position, site in enumerate(here):
            earlier = [each for each in here[:position] if is_ordered(each.condition)]
            for known in () if site.is_implied else site.condition.known:
                is_adjustable = has_time if known.name.is_now else _is_taken(known, taken)
                code = self._breaking(site, known, earlier) if is_adjustable else None
                if code is not None:
                    found.append(site.rule)
                    yield Refusal(site.rule, _name(site.rule, found), {known.argument: code})
                    break

    def _breaking(self, site: Site, known: Known, earlier: list[Site]) -> str | None:
        """Return a value for one name that breaks a rule, and none before it; None without one."""
        if not is_ordered(site.condition):
            return self._other_choice(site.condition, known)
        variable = site.variables[known.name]
        values = self._amounts([site, *earlier])
        bounds = [each for e in earlier for each in bounds_of(e.condition, e.variables, 1)]
        kept = steady(bounds, self._rising)
        for broken in self._broken(site, known):
            for value in _at_bounds(broken, variable, values):
                changed = values | {variable: value}
                if holds([*kept, *broken], changed) and _is_possible(known, value):
                    return self._code(known, value)
        return None

    def _broken(self, site: Site, known: Known) -> Iterator[list[Bound]]:
        """Yield the bounds that break a rule: by a round difference first, then by the least."""
        margin = 1 if known.name.is_length else CHANGES.get(known.kind, 1)
        for each in (margin, 1):
            bounds = bounds_of(site.condition, site.variables, each, is_broken=True)
            yield steady(bounds, self._rising)

    def _amounts(self, here: list[Site]) -> dict[Variable, int]:
        return {
            site.variables[each.name]: self._examples.amount(site.variables[each.name], each)
            for site in here
            for each in site.condition.known
        }

    def _code(self, known: Known, value: int) -> str:
        if known.name.is_length and not known.root.type.many:
            return repr("x" * value)
        if known.name.is_length:
            item = self._examples.domain_item(known.root)
            return several(item, value)
        return scalar(known.kind, value) if known.chain else after_noon(value)

    def _other_choice(self, condition: Condition, known: Known) -> str | None:
        terms = (*condition.comparison.left, *condition.comparison.right)
        value = next(e.operand for e in terms if isinstance(e.operand, (str, bool)))
        name = known.kind
        is_equal = condition.comparison.operator == "=="
        if name in self._enumerations:
            others = [
                each for each in self._enumerations[name].values if (each != value) == is_equal
            ]
            return f"{name}.{others[0].upper()}" if others else None
        if name == "boolean":
            return str(bool(value) != is_equal)
        text = str(value)
        if is_equal:
            text = "B" if text != "B" else "A"
        return repr(text)


def _name(rule: Rule, found: list[Rule]) -> str:
    number = found.count(rule)
    return f"{rule.code}_{number}" if number > 1 else rule.code


def _at_bounds(
    bounds: Iterable[Bound], variable: Variable, values: Mapping[Variable, int]
) -> Iterator[int]:
    """Yield the values with which a variable just keeps within each of its bounds."""
    for each in bounds:
        if variable == each.first:
            yield each.most + values.get(each.second, 0)
        else:
            yield values.get(each.first, 0) - each.most


def _is_taken(known: Known, taken: set[str]) -> bool:
    return len(known.chain) == 1 and not known.is_before and known.root.name in taken


def _is_possible(known: Known, value: int) -> bool:
    """Return whether a name can have a value, whatever the rules say."""
    if known.name.is_length:
        most = MOST_ELEMENTS if known.root.type.many else known.root.type.most
        return (0 if known.root.type.many else 1) <= value <= most
    if known.kind == "integer":
        return known.root.type.least <= value <= known.root.type.most
    return known.kind != "time" or abs(value) < 12 * 60 * 60
