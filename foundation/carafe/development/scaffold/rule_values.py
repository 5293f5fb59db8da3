"""What stands for the names in a rule where a behaviour checks it: an example, or another value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from carafe.development.discovery.model import Aggregate, Attribute, Behavior
from carafe.development.discovery.rule_expressions import Name
from carafe.development.discovery.rule_model import Condition, Known, Rule

from .example_keys import Key, key_of
from .rule_bounds import ZERO, Variable, bounds_of, is_contradiction

Passed = Callable[[Behavior, Known], Variable]
"""What a call of a behaviour passes for a name in a rule."""


def example(key: Key) -> Variable:
    """Return what stands for an attribute's example."""
    return ("example", key)


def changed(key: Key) -> Variable:
    """Return what stands for the value that a test changes the example to."""
    return ("changed", key)


def length(key: Key) -> Variable:
    """Return what stands for the number of elements in an attribute's example."""
    return ("length", key)


def added(key: Key) -> Variable:
    """Return what stands for the number of elements after an addition."""
    return ("added", key)


def present(aggregate: Aggregate, behavior: Behavior) -> Variable:
    """Return what stands for the time at which a test has a behaviour called."""
    return ZERO if behavior.creates else ("present", aggregate.name, behavior.name)


def is_ordered(condition: Condition) -> bool:
    """Return whether a condition is about values with an order."""
    return condition.kind not in {"text", "boolean"} and not condition.kind[0].isupper()


@dataclass(frozen=True)
class Check:
    """A condition that a behaviour checks after others.

    Attributes:
        rule: what must hold.
        condition: of the rule.
        aggregate: whose behaviours are called.
        behavior: that checks it.
        steps: the behaviours that were called before, after the creation.
    """

    rule: Rule
    condition: Condition
    aggregate: Aggregate
    behavior: Behavior
    steps: Sequence[Behavior]

    def variables(self, passed: Passed, kept: Passed | None = None) -> dict[Name, Variable] | None:
        """Return what stands for each name; None if a value is missing.

        Args:
            passed: what the behaviour's call passes for a name.
            kept: what the calls before it passed; the same by default.
        """
        found: dict[Name, Variable] = {}
        for each in self.condition.known:
            name = each.root.name if each.chain else ""
            if each.name.is_now:
                found[each.name] = present(self.aggregate, self.behavior)
            elif self._is_added(name):
                found[each.name] = added(key_of(each.root))
            elif name in _names(self.behavior.takes) and not each.is_before:
                found[each.name] = passed(self.behavior, each)
            elif name in self.behavior.clears and not each.is_before:
                return None
            elif (source := self._source(name)) is not None:
                found[each.name] = (kept or passed)(source, each)
            else:
                return None
        return found

    def _is_added(self, name: str) -> bool:
        additions = {name for name, _ in self.behavior.adds}
        return name in additions and self.rule not in self.behavior.rules

    def _source(self, name: str) -> Behavior | None:
        """Return the behaviour that set an attribute before; None if it is missing."""
        creation = self.aggregate.creation
        defaults = {each.name for each in self.aggregate.attributes if each.default is not None}
        source = creation if name in _names(creation.takes) | defaults else None
        for step in self.steps:
            if name in step.clears:
                source = None
            if name in _names(step.takes):
                source = step
        return source


def in_unit_tests(behavior: Behavior, known: Known) -> Variable:
    """Return what a call in a unit test passes: each change takes another value."""
    return example_of(known) if behavior.creates else changed_of(known)


def in_requests_to(aggregate: Aggregate) -> Passed:
    """Return what requests pass: the examples, unless a rule demands another value."""

    def passed(behavior: Behavior, known: Known) -> Variable:
        is_other = known.root.name in renewed(aggregate, behavior)
        return changed_of(known) if is_other else example_of(known)

    return passed


def renewed(aggregate: Aggregate, behavior: Behavior) -> set[str]:
    """Return what a request must say otherwise than before, as in `due_at > before.due_at`."""
    bodies = [
        _names(each.takes) for each in aggregate.commands if each.behavior.name == behavior.name
    ]
    said = set.intersection(*bodies) if bodies else set()
    conditions = [each for rule in behavior.rules for each in rule.conditions if is_ordered(each)]
    return said & {each.known[0].root.name for each in conditions if _demands_another_value(each)}


def _demands_another_value(condition: Condition) -> bool:
    if any(not each.chain or len(each.chain) > 1 for each in condition.known):
        return False
    variables = {each.name: example_of(each) for each in condition.known}
    has_length = any(each.name.is_length for each in condition.known)
    return not has_length and is_contradiction(bounds_of(condition, variables, 1))


def _names(attributes: tuple[Attribute, ...]) -> set[str]:
    return {each.name for each in attributes}


def example_of(known: Known) -> Variable:
    """Return what stands for the example of a name in a rule."""
    key = key_of(known.chain[-1])
    return length(key) if known.name.is_length else example(key)


def changed_of(known: Known) -> Variable:
    """Return what stands for a changed value; what has parts, or elements, is the same again."""
    is_same = len(known.chain) > 1 or known.name.is_length
    return example_of(known) if is_same else changed(key_of(known.root))
