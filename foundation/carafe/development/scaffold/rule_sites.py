"""Where rules are checked in the examples of a model, and with which values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from carafe.development.discovery.lifecycle import steps_before
from carafe.development.discovery.locations import located_aggregates, located_values
from carafe.development.discovery.model import Aggregate, Attribute, Behavior, Model
from carafe.development.discovery.rule_expressions import NOW, Comparison, Name, Term
from carafe.development.discovery.rule_model import Condition, Known, Rule
from carafe.development.discovery.source import Location

from .rule_bounds import Variable, bounds_of, is_contradiction
from .rule_values import Check, example_of, in_requests_to, in_unit_tests, is_ordered


@dataclass(frozen=True)
class Site:
    """A condition of a rule that is checked with certain values.

    Attributes:
        location: of the rule in the file.
        rule: what must hold.
        condition: of the rule.
        variables: what stands for each name.
        aggregate: the name of the aggregate; empty for a rule of a value.
        behavior: the name of the behaviour that is called, likewise.
        is_called_over_http: the values are those of requests, at the true time.
        is_implied: no rule of the model says it, but a timer that is set to a moment.
    """

    location: Location
    rule: Rule
    condition: Condition
    variables: Mapping[Name, Variable]
    aggregate: str = ""
    behavior: str = ""
    is_called_over_http: bool = False
    is_implied: bool = False

    @property
    def is_renewal(self) -> bool:
        """Whether a request passes another value than the example."""
        is_changed = any(each[0] == "changed" for each in self.variables.values())
        return self.is_called_over_http and is_changed

    @property
    def is_out_of_reach(self) -> bool:
        """Whether no request keeps it: a change would have to differ from the same example."""
        has_bounds = self.is_called_over_http and is_ordered(self.condition)
        return has_bounds and is_contradiction(bounds_of(self.condition, self.variables, 1))


def sites(model: Model) -> Iterator[Site]:
    """Yield every check of a rule in the generated tests, rule by rule."""
    for value, location in located_values(model):
        for rule in value.rules:
            yield from _in_a_value((*location, "rules", rule.name), rule)
    for aggregate, location in located_aggregates(model):
        if sum(each.creates for each in aggregate.behaviors) == 1:
            yield from _in_behaviors(location, aggregate)


def _in_a_value(location: Location, rule: Rule) -> Iterator[Site]:
    for each in rule.conditions:
        yield Site(location, rule, each, {known.name: example_of(known) for known in each.known})


def _in_behaviors(location: Location, aggregate: Aggregate) -> Iterator[Site]:
    """Yield what timers imply where rules move moments, and then the rules."""
    ruled = list(_ruled(location, aggregate))
    moved = {
        each.behavior for each in ruled for known in each.condition.known if known.kind == "moment"
    }
    for behavior in aggregate.behaviors:
        if behavior.name in moved:
            yield from _ahead(location, aggregate, behavior)
    yield from ruled


def _ahead(location: Location, aggregate: Aggregate, behavior: Behavior) -> Iterator[Site]:
    """Yield that a timer is set to a moment that lies ahead."""
    now = Name((NOW,))
    for each in behavior.timers:
        if isinstance(each.due, Attribute):
            due = Name((each.due.name,))
            comparison = Comparison((Term(now),), "<", (Term(due),))
            known = (Known(now, ()), Known(due, (each.due,)))
            rule = Rule(each.timer, "", (Condition(comparison, known, "moment"),))
            place = (*location, "behaviors", behavior.name, "sets", each.timer)
            for site in _calls(place, rule, aggregate, behavior):
                yield replace(site, is_implied=True)


def _ruled(location: Location, aggregate: Aggregate) -> Iterator[Site]:
    for rule in aggregate.rules:
        for behavior in aggregate.behaviors:
            if changes(behavior, rule):
                yield from _calls((*location, "rules", rule.name), rule, aggregate, behavior)
    for behavior in aggregate.behaviors:
        place = (*location, "behaviors", behavior.name, "rules")
        for rule in behavior.rules:
            yield from _calls((*place, rule.name), rule, aggregate, behavior)


def changes(behavior: Behavior, rule: Rule) -> bool:
    """Return whether tests of a behaviour change what an aggregate's rule is about."""
    names = {each.root.name for each in rule.known}
    if names & {name for name, _ in behavior.removes}:
        return False  # no test removes what a rule counts
    changed = {each.name for each in behavior.takes} | {*behavior.changed_lists}
    return bool(names & changed)


def _calls(
    location: Location, rule: Rule, aggregate: Aggregate, behavior: Behavior
) -> Iterator[Site]:
    """Yield the checks of each condition in a behaviour."""
    for each in rule.conditions:
        yield from _checks(location, rule, each, aggregate, behavior)


def _checks(
    location: Location, rule: Rule, condition: Condition, aggregate: Aggregate, behavior: Behavior
) -> Iterator[Site]:
    """Yield the check in unit tests, and that over HTTP, unless a value is missing in both."""
    steps = [] if behavior.creates else steps_before(aggregate, behavior) or []
    check = Check(rule, condition, aggregate, behavior, steps)
    in_units = check.variables(in_unit_tests)
    in_requests = check.variables(in_requests_to(aggregate))
    if in_units is None or in_requests is None:
        return
    names = (aggregate.name, behavior.name)
    yield Site(location, rule, condition, in_units, *names)
    if not (behavior.creates and in_units == in_requests) or condition.needs_now:
        yield Site(location, rule, condition, in_requests, *names, is_called_over_http=True)
