"""Which calls in a row keep all rules with the values of the examples.

The examples keep the rules of each behaviour on the shortest way to it. Tests that call behaviours
in another order, or over HTTP, are generated only where that keeps the rules, too.
"""

from collections.abc import Callable, Iterator, Sequence

from carafe.development.discovery.lifecycle import steps_before
from carafe.development.discovery.model import Aggregate, Attribute, Behavior, Command, Subscription
from carafe.development.discovery.rule_model import Condition, Known, Rule

from .example_code import AHEAD, HOUR, after_noon
from .example_siblings import parameter_of
from .examples import Examples
from .rule_bounds import Variable, bounds_of, holds, steady
from .rule_examples import rises
from .rule_sites import changes
from .rule_values import (
    Check,
    Passed,
    changed_of,
    example_of,
    in_requests_to,
    in_unit_tests,
    is_ordered,
    renewed,
)

SENT = "sent"
"""What stands for a moment that lies ahead of the true present, as in requests."""

AHEAD_SECONDS = int(AHEAD.total_seconds())


class Trials:
    """Tries calls of behaviours with example values.

    Args:
        examples: that keep the rules of the model.
    """

    def __init__(self, examples: Examples) -> None:
        self._examples = examples
        self._rises = rises(examples.model)

    def are_kept(self, commands: Sequence[Command], aggregate: Aggregate) -> bool:
        """Return whether requests in a row, after the creation, keep the rules."""
        if any(each.behavior.removes for each in commands):
            return False  # no request knows an element
        if not self._examples.are_kept_now(commands, aggregate):
            return False
        calls = [each.behavior for each in commands]
        return self._are_possible(calls, aggregate, in_requests_to(aggregate))

    def are_possible(self, calls: Sequence[Behavior], aggregate: Aggregate) -> bool:
        """Return whether a unit test can call behaviours in a row, after the creation."""
        return self._are_possible(calls, aggregate, in_unit_tests)

    def setting(self, behavior: Behavior, aggregate: Aggregate) -> str:
        """Return when a unit test has a behaviour set its timers, as code.

        It is an hour after the creation, unless a rule is about that time.
        """
        needs_now = any(each.needs_now for each in behavior.rules)
        return self._examples.present(behavior, aggregate) if needs_now else after_noon(HOUR)

    def body(self, attribute: Attribute, command: Command, aggregate: Aggregate) -> str:
        """Return what a request says, as code: an example, or what a rule demands instead."""
        is_other = attribute.name in renewed(aggregate, command.behavior)
        return (self._examples.changed_wire if is_other else self._examples.wire)(attribute)

    def told(self, attribute: Attribute, subscription: Subscription, aggregate: Aggregate) -> str:
        """Return what an event tells a behaviour after unit tests' calls, as code.

        It is an example as in requests if that keeps the rules, and otherwise another value: at
        the latest the one with which a unit test calls the behaviour.
        """
        parameter = parameter_of(attribute, subscription)
        if parameter not in subscription.behavior.takes:
            return self._examples.wire(parameter)
        steps = steps_before(aggregate, subscription.behavior) or []
        ways: Sequence[tuple[Passed, Callable[[Attribute], str]]] = (
            (self._ahead(example_of), self._examples.wire),
            (self._ahead(changed_of), self._examples.changed_wire),
        )
        for passed, code in ways:
            if self._keeps(steps, subscription.behavior, aggregate, passed):
                return code(parameter)
        return self._examples.changed_wire(parameter, lies_ahead=False)

    def _are_possible(
        self, calls: Sequence[Behavior], aggregate: Aggregate, passed: Passed
    ) -> bool:
        return all(
            self._keeps(calls[:position], each, aggregate, passed, passed)
            for position, each in enumerate(calls)
        )

    def _keeps(
        self,
        steps: Sequence[Behavior],
        behavior: Behavior,
        aggregate: Aggregate,
        passed: Passed,
        kept: Passed = in_unit_tests,
    ) -> bool:
        """Return whether a behaviour's call keeps the rules after others."""
        for rule, condition in _checked(behavior, aggregate):
            check = Check(rule, condition, aggregate, behavior, steps)
            variables = check.variables(passed, kept)
            is_unit_test = kept is in_unit_tests
            if variables is None or (condition.needs_now and not is_unit_test):
                continue
            bounds = bounds_of(condition, variables, 1)
            bounds = steady(bounds, self._rises) if is_unit_test else bounds
            named = {variables[each.name]: each for each in condition.known}
            values = {variable: self._amount(variable, each) for variable, each in named.items()}
            if not holds(bounds, values):
                return False
        return True

    def _amount(self, variable: Variable, known: Known) -> int:
        if variable[0] == SENT:
            return self._examples.amount(variable[1], known) + AHEAD_SECONDS
        return self._examples.amount(variable, known)

    def _ahead(self, stands_for: Callable[[Known], Variable]) -> Passed:
        """Return what an event tells: moments ahead as requests have them."""

        def passed(_: Behavior, known: Known) -> Variable:
            lies_ahead = known.kind == "moment" and self._examples.lies_ahead(known.chain[-1])
            variable = stands_for(known)
            return (SENT, variable) if lies_ahead else variable

        return passed


def _checked(behavior: Behavior, aggregate: Aggregate) -> Iterator[tuple[Rule, Condition]]:
    """Yield the conditions of all rules that a behaviour checks, if their values have an order."""
    rules = [*behavior.rules, *(each for each in aggregate.rules if changes(behavior, each))]
    for rule in rules:
        yield from ((rule, each) for each in rule.conditions if is_ordered(each))
