"""Additions to lists, and removals from them, as code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from carafe.development.discovery.list_checks import member_of
from carafe.development.discovery.model import Aggregate, Attribute, Behavior, Value
from carafe.development.discovery.names import words
from carafe.development.discovery.types import MOST_ITEMS


@dataclass(frozen=True)
class ListChange:
    """A change of a list by a behaviour.

    Attributes:
        attribute: the list.
        parameter: what is added, or searched for.
        member: the attribute of an element that equals the parameter; empty if the element does.
        is_addition: it adds; otherwise it removes.
        has_rules: rules of the aggregate are about the list.
    """

    attribute: Attribute
    parameter: Attribute
    member: str = ""
    is_addition: bool = False
    has_rules: bool = False

    @property
    def code(self) -> str:
        """The stable code of the error."""
        return f"{'too_many' if self.is_addition else 'not_among'}_{self.attribute.name}"

    @property
    def message(self) -> str:
        """What is said to whoever would add too many, or remove what is not there."""
        name = words(self.attribute.name)
        if self.is_addition:
            return f"There are {MOST_ITEMS} {name} at most."
        return f"This {words(self.parameter.name)} is not among the {name}."

    @property
    def compared(self) -> str:
        """What of an element equals the parameter."""
        return f"each.{self.member}" if self.member else "each"

    @property
    def found(self) -> str:
        """What of an element, as an attribute behind it, equals the parameter."""
        return f".{self.member}" if self.member else ""


def list_changes(
    aggregate: Aggregate, behavior: Behavior, values: Mapping[str, Value]
) -> tuple[ListChange, ...]:
    """Return the changes of lists that a behaviour makes."""
    return tuple(_changes(aggregate, behavior, values))


def _changes(
    aggregate: Aggregate, behavior: Behavior, values: Mapping[str, Value]
) -> Iterator[ListChange]:
    attributes = {each.name: each for each in aggregate.attributes}
    parameters = {each.name: each for each in behavior.takes}
    ruled = {known.root.name for rule in aggregate.rules for known in rule.known}
    for name, word in behavior.adds:
        yield ListChange(attributes[name], parameters[word], is_addition=True)
    for name, word in behavior.removes:
        attribute, parameter = attributes[name], parameters[word]
        is_element = parameter.type.name == attribute.type.name
        member = "" if is_element else member_of(attribute, parameter, values)
        yield ListChange(attribute, parameter, member, has_rules=name in ruled)
