"""Rules as code: functions of an aggregate's module, calls of them, and checks of a value."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from carafe.development.discovery.durations import Duration
from carafe.development.discovery.model import Aggregate, Attribute, Behavior
from carafe.development.discovery.names import snake
from carafe.development.discovery.rule_expressions import OPPOSITES, Literal, Name, Term
from carafe.development.discovery.rule_model import Condition, Known, Rule

from .code import default_value, domain_type
from .timer_code import delay

SMALL = (0, 1)
"""Numbers that lint takes for what they are."""

SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True)
class RuleFunction:
    """A function that raises an error unless a rule holds.

    Attributes:
        rule: what must hold.
        parameters: with their types.
    """

    rule: Rule
    parameters: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The name of the function."""
        return f"_require_{snake(self.rule.name)}"


def functions_of(aggregate: Aggregate) -> list[RuleFunction]:
    """Return the functions that the behaviours of an aggregate call, each once."""
    called = [
        (rule, known) for each in aggregate.behaviors for rule, known in _applied(aggregate, each)
    ]
    return list({rule.name: _function(rule) for rule, _ in called}.values())


def calls_of(aggregate: Aggregate, behavior: Behavior) -> tuple[str, ...]:
    """Return the calls with which a behaviour begins: its own rules', and the aggregate's."""
    return tuple(
        f"{_function(rule).name}({', '.join(f'{name}={value}' for name, value in values.items())})"
        for rule, values in _applied(aggregate, behavior)
    )


def broken(condition: Condition, owner: str = "") -> str:
    """Return the expression that is true where a condition does not hold.

    Args:
        condition: of a rule.
        owner: the variable whose attributes it is about; empty if they are variables.
    """
    prefix = f"{owner}." if owner else ""
    known = {each.name: f"{prefix}{_value(each)}" for each in condition.known}
    guards = dict.fromkeys(guard for each in condition.known for guard in _guards(each, prefix))
    return " and ".join([*guards, _denial(condition, known)])


def has_magic_number(condition: Condition) -> bool:
    """Return whether lint asks what a number in a condition means."""
    terms = (*condition.comparison.left, *condition.comparison.right)
    return any(type(each.operand) is int and each.operand not in SMALL for each in terms)


def _applied(aggregate: Aggregate, behavior: Behavior) -> Iterator[tuple[Rule, dict[str, str]]]:
    """Yield the rules that a behaviour can break, with the values of their parameters."""
    changed = {each.name for each in behavior.takes} | set(behavior.clears)
    changed |= {*behavior.changed_lists}
    for rule in behavior.rules:
        if (values := _values(rule, behavior)) is not None:
            yield rule, values
    for rule in aggregate.rules:
        is_changed = any(each.root.name in changed for each in rule.known)
        values = _values(rule, behavior, behavior.changed_lists)
        if is_changed and values is not None:
            yield rule, values


def _values(rule: Rule, behavior: Behavior, lists: tuple[str, ...] = ()) -> dict[str, str] | None:
    """Return the value of each parameter in a behaviour; None if no condition has all of its own.

    Args:
        rule: what must hold.
        behavior: that is called.
        lists: those whose new elements are in variables.
    """
    taken = {*lists, *(each.name for each in behavior.takes)}
    found = {each: _value_in(behavior, each, taken) for each in rule.known}
    if not any(all(found[each] for each in condition.known) for condition in rule.conditions):
        return None
    return {each.argument: value or _nothing(each) for each, value in found.items()}


def _value_in(behavior: Behavior, known: Known, taken: set[str]) -> str:
    """Return the value of a name in a behaviour; empty if it is missing in any case."""
    if known.name.is_now:
        return "at"
    if known.root.name in taken and not known.is_before:
        return known.root.name
    if behavior.creates and known.root.default is not None:
        return default_value(known.root)
    if behavior.creates or (known.root.name in behavior.clears and not known.is_before):
        return ""
    return f"self.{known.root.name}"


def _nothing(known: Known) -> str:
    """Return what stands for an attribute that is missing."""
    return "()" if known.root.type.many else "None"


def _function(rule: Rule) -> RuleFunction:
    parameters = {each.argument: _type_of(each) for each in rule.known}
    return RuleFunction(rule, tuple(parameters.items()))


def _type_of(known: Known) -> str:
    return domain_type(known.root.type) if known.chain else "datetime"


def _value(known: Known) -> str:
    """Return the expression of what a name stands for, inside of a function."""
    path = ".".join((known.argument, *(each.name for each in known.chain[1:])))
    return f"len({path})" if known.name.is_length else path


def _guards(known: Known, prefix: str) -> Iterator[str]:
    """Yield the conditions that what leads to a value is there."""
    path = f"{prefix}{known.argument}"
    for position, each in enumerate(known.chain):
        path = path if position == 0 else f"{path}.{each.name}"
        if each.type.optional:
            yield f"{path} is not None"


def _denial(condition: Condition, known: dict[Name, str]) -> str:
    comparison = condition.comparison
    left, right = comparison.left, comparison.right
    operator = OPPOSITES[comparison.operator]
    if not any(isinstance(each.operand, Name) for each in left):
        left, right, operator = right, left, SWAPPED[operator]  # the literal stands behind
    if condition.kind == "boolean":
        is_wanted = (comparison.operator == "==") == bool(right[0].operand)
        name = _sum(left, condition, known)
        return f"not {name}" if is_wanted else name
    if condition.kind[0].isupper():
        operator = {"==": "is", "!=": "is not"}[operator]
    return f"{_sum(left, condition, known)} {operator} {_sum(right, condition, known)}"


def _sum(terms: tuple[Term, ...], condition: Condition, known: dict[Name, str]) -> str:
    text = ""
    for each in terms:
        operand = each.operand
        value = known[operand] if isinstance(operand, Name) else literal(operand, condition)
        sign = " - " if each.is_subtracted else " + "
        text += f"{sign if text else ''}{value}"
    return text


def literal(value: Literal, condition: Condition) -> str:
    """Return the expression of a literal in a condition."""
    match value:
        case bool():
            return str(value)
        case int():
            return f"{value:_}" if value >= 1000 else str(value)  # noqa: PLR2004 - as in 1_000
        case date():
            return f"date({value.year}, {value.month}, {value.day})"
        case time():
            return f"time({value.hour}, {value.minute})"
        case Duration():
            return delay(value)
    return f"{condition.kind}.{value.upper()}" if condition.kind[0].isupper() else repr(value)


def attributes_in(rules: tuple[Rule, ...]) -> list[Attribute]:
    """Return the attributes that rules compare."""
    return [each.chain[-1] for rule in rules for each in rule.known if each.chain]
