"""Example values for tests and contracts, as code: in the domain, and on the wire."""

from collections.abc import Sequence

from carafe.development.discovery.model import (
    Aggregate,
    Attribute,
    Behavior,
    Command,
    Model,
)
from carafe.development.discovery.rule_model import Known
from carafe.development.discovery.source import Location
from carafe.development.discovery.types import LONGEST_TEXT

from .example_code import (
    HOUR,
    after_noon,
    another_of_its_length,
    constant_of,
    date_text,
    function_of,
    later,
    moment_text,
    scalar,
    several,
    time_text,
)
from .example_keys import Key, key_of
from .example_siblings import due_moments, siblings, unique_attributes
from .rule_bounds import MOST_RISEN, Variable
from .rule_examples import CHANGES, Accepted, accepted, unaccepted, usual_change
from .rule_values import added, changed, example, length, present

# Two hours, or two numbers, lie between one example and the next, so that a test can replace any
# of them by the one in between, and the order stays as it is.
STEP = 2

LATEST_HOUR = 10  # after noon, of a time of day

# The types of the foundation whose values consist of several.
COMPOSITE_TYPES = ("money", "address")

WIRE_CONSTANTS = {
    "identifier": "AN_ID",
    "money": '{"amount": "12.50", "currency": "EUR"}',
    "address": "AN_ADDRESS",
}


class Examples:
    """Example values of a model's attributes.

    The moments of one value, aggregate or operation ascend in the order of their declaration, and
    so do the integers as far as their bounds allow: most rules about two of them demand it. What a
    timer is set to, and the moments after it, lie ahead.

    Args:
        model: of the service.

    Attributes:
        model: of the service.
        faults: rules that no example keeps, with their locations.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.faults: list[tuple[Location, str]]
        self._enumerations = model.enumerations
        self._values = model.values
        self._hours: dict[Key, int] = {}
        self._steps: dict[Key, int] = {}
        self._numbers: dict[Key, int] = {}
        self._due = {key_of(each) for each in due_moments(model)}
        self._ahead: set[Key] = set()
        self._unique = {key_of(each) for each in unique_attributes(model)}
        for together in siblings(model):
            self._order(together)
        self._accepted = Accepted()
        self.faults = list(unaccepted(model, self._wanted, frozenset(self._ahead)))
        if not self.faults:
            self._accepted = accepted(model, self._wanted, frozenset(self._ahead))
            self._ahead |= self._accepted.ahead

    def text(self, attribute: Attribute) -> str:
        """Return the attribute's name as a text within its bounds, or what rules demand."""
        if self._is_chosen(attribute):
            return self._choices(attribute)[0]
        text = attribute.name.replace("_", " ").capitalize()
        return text[: attribute.type.most].strip() or "A"

    def number(self, attribute: Attribute) -> int:
        """Return an integer within the attribute's bounds."""
        return self._amount(attribute)

    def seconds(self, attribute: Attribute) -> int:
        """Return how many seconds after noon an attribute's moment, or time of day, is."""
        return self._amount(attribute)

    def date(self, attribute: Attribute) -> str:
        """Return a date as JSON has it."""
        return date_text(self._amount(attribute))

    def time(self, attribute: Attribute) -> str:
        """Return a time of day as JSON has it."""
        return time_text(self.seconds(attribute))

    def moment(self, attribute: Attribute) -> str:
        """Return a moment as JSON has it."""
        return moment_text(self.seconds(attribute), lies_ahead=self.lies_ahead(attribute))

    def present(self, behavior: Behavior, aggregate: Aggregate) -> str:
        """Return the time at which a unit test calls a behaviour, as code."""
        return after_noon(self._value(present(aggregate, behavior), 0))

    def are_kept_now(self, commands: Sequence[Command], aggregate: Aggregate) -> bool:
        """Return whether requests with the examples keep rules about the true present."""
        names = {(aggregate.name, each.behavior.name) for each in commands}
        return not names & self._accepted.not_over_http

    def lies_ahead(self, attribute: Attribute) -> bool:
        """Return whether a moment on the wire lies ahead, whenever it is sent."""
        return key_of(attribute) in self._ahead

    def domain(self, attribute: Attribute) -> str:
        """Return an example of the domain's value, as code."""
        item = self.domain_item(attribute)
        return several(item, self._length(attribute)) if attribute.type.many else item

    def changed(self, attribute: Attribute) -> str:
        """Return an example of the domain's value that differs from `domain`, as code.

        What has parts, and an enumeration of one value, is the same again.
        """
        kind, name = attribute.type, attribute.type.name
        if kind.many:
            return self.domain(attribute)
        if name in self._enumerations:
            return f"{name}.{self._choices(attribute)[:2][-1].upper()}"
        if name == "boolean":
            return str(self._choices(attribute)[:2][-1] == "True")
        if name == "text" and not self._is_chosen(attribute):
            return repr(self._changed_text(attribute))
        if name not in CHANGES:
            return self.domain(attribute)
        return scalar(name, self._changed_amount(attribute))

    def distinct(self, attribute: Attribute) -> str:
        """Return code that evaluates to another value of the domain each time.

        Only identifiers, texts and unique attributes vary; for others this is `domain`.
        """
        kind, name = attribute.type, attribute.type.name
        is_unique = key_of(attribute) in self._unique
        if kind.many or (kind.optional and not is_unique):
            return self.domain(attribute)
        if name == "identifier":
            return "new_id()"
        if name == "text" and not self._is_chosen(attribute):
            text = self.text(attribute)
            most = len(text) if self._is_measured(attribute) else kind.most
            bound = f", {most}" if most < LONGEST_TEXT else ""
            return f"another({text!r}{bound})"
        if is_unique and name == "integer":
            return f"another_number({', '.join(map(str, self._range(attribute)))})"
        if is_unique and name == "moment":
            return f"another_moment(){later(self.seconds(attribute))}"
        return self.domain(attribute)

    def _range(self, attribute: Attribute) -> tuple[int, int]:
        """Return the least and the largest unique number: any, or one that rules allow."""
        least = self._accepted.values.get(example(key_of(attribute)))
        if least is None:
            return attribute.type.least, attribute.type.most
        return least, least + MOST_RISEN["integer"]

    def wire(self, attribute: Attribute) -> str:
        """Return an example of the JSON value, as code."""
        item = self._wire_item(attribute)
        count = self._length(attribute)
        return f"[{', '.join([item] * count)}]" if attribute.type.many else item

    def changed_wire(self, attribute: Attribute, *, lies_ahead: bool = True) -> str:
        """Return the JSON of a number, date, time or moment that differs from `wire`, as code.

        Of other types it is the same.

        Args:
            attribute: whose value it is.
            lies_ahead: a moment lies ahead if the example does.
        """
        kind = attribute.type
        if kind.many or kind.name not in CHANGES:
            return self.wire(attribute)
        amount = self._changed_amount(attribute)
        if kind.name == "integer":
            return str(amount)
        if kind.name == "date":
            return repr(date_text(amount))
        if kind.name == "time":
            return repr(time_text(amount))
        return repr(moment_text(amount, lies_ahead=lies_ahead and self.lies_ahead(attribute)))

    def comparison(self, attribute: Attribute) -> str:
        """Return the operator by which a test compares an attribute with an example."""
        kind = attribute.type
        is_one_of_few = kind.name == "boolean" or kind.name in self._enumerations
        return "is" if is_one_of_few and not kind.many else "=="

    def has_parts(self, attribute: Attribute) -> bool:
        """Return whether each example is another object, so that a test can tell them apart."""
        kind = attribute.type
        return kind.many or kind.name in {*COMPOSITE_TYPES, *self._values}

    def has_entity(self, attribute: Attribute) -> bool:
        """Return whether the value is an entity or contains one, which equals no other."""
        value = self._values.get(attribute.type.name)
        return value is not None and (
            value.is_entity or any(self.has_entity(each) for each in value.attributes)
        )

    def domain_item(self, attribute: Attribute) -> str:
        """Return an example of a single value of the domain, as code."""
        name = attribute.type.name
        if name in self._enumerations:
            return f"{name}.{self._choices(attribute)[0].upper()}"
        if name in self._values:
            return f"{function_of(name)}()"
        if name in CHANGES:
            return scalar(name, self._amount(attribute))
        return {
            "text": repr(self.text(attribute)),
            "identifier": "AN_ID",
            "boolean": self._choices(attribute)[0],
            "money": 'Money.of("12.50", "EUR")',
            "address": "an_address()",
        }[name]

    def _wire_item(self, attribute: Attribute) -> str:
        name = attribute.type.name
        if name in self._enumerations:
            return repr(self._choices(attribute)[0])
        if name in self._values:
            return constant_of(name)
        match name:
            case "text" | "moment" | "date" | "time":
                return repr(getattr(self, name)(attribute))
            case "integer":
                return str(self.number(attribute))
            case "boolean":
                return self._choices(attribute)[0]
        return WIRE_CONSTANTS[name]

    def _wanted(self, attribute: Attribute) -> int:
        """Return what an example is unless rules demand another one, counted likewise."""
        key = key_of(attribute)
        match attribute.type.name:
            case "integer" if attribute.default is not None:
                return int(str(attribute.default))
            case "integer":
                return self._numbers.get(key, max(1, attribute.type.least))
            case "moment":
                return HOUR * self._hours.get(key, 0)
            case "date":
                return self._steps.get(key, 0)
            case "time":
                return HOUR * (self._steps.get(key, 0) % LATEST_HOUR)
        return len(self.text(attribute))

    def amount(self, variable: Variable, known: Known) -> int:
        """Return the value of what stands for a name in a rule, as `rule_bounds` counts."""
        if not known.chain:
            return self._value(variable, 0)
        attribute = known.chain[-1]
        if variable == added(key_of(attribute)):
            return self._length(attribute) + 1
        if variable == length(key_of(attribute)):
            is_counted = attribute.type.many
            return self._length(attribute) if is_counted else len(self.text(attribute))
        if variable == changed(key_of(attribute)):
            return self._changed_amount(attribute)
        return self._amount(attribute)

    def _amount(self, attribute: Attribute) -> int:
        """Return what an example is: as `rule_bounds` counts."""
        return self._value(example(key_of(attribute)), self._wanted(attribute))

    def _changed_text(self, attribute: Attribute) -> str:
        usual, name = self.text(attribute), attribute.name.replace("_", " ")
        if self._is_measured(attribute):
            return another_of_its_length(usual)
        text = f"Another {name}"[: attribute.type.most].strip()
        return text if text != usual else "B"

    def _changed_amount(self, attribute: Attribute) -> int:
        usual = usual_change(attribute.type, self._amount(attribute))
        return self._value(changed(key_of(attribute)), usual)

    def _value(self, variable: Variable, wanted: int) -> int:
        return self._accepted.values.get(variable, wanted)

    def _length(self, attribute: Attribute) -> int:
        return self._value(length(key_of(attribute)), 1)

    def _is_chosen(self, attribute: Attribute) -> bool:
        return key_of(attribute) in self._accepted.choices

    def _is_measured(self, attribute: Attribute) -> bool:
        """Return whether a rule is about the length of a text: each one has that of the example."""
        return length(key_of(attribute)) in self._accepted.values

    def _choices(self, attribute: Attribute) -> tuple[str, ...]:
        """Return the values that rules leave, the example first."""
        chosen = self._accepted.choices.get(key_of(attribute))
        if chosen is not None:
            return tuple(str(each) for each in chosen)
        name = attribute.type.name
        return self._enumerations[name].values if name in self._enumerations else ("True", "False")

    def _order(self, siblings: Sequence[Attribute]) -> None:
        moments = [key_of(each) for each in siblings if each.type.name == "moment"]
        lies_ahead = False
        for position, key in enumerate(moments):
            lies_ahead = lies_ahead or key in self._due
            if key not in self._hours:
                self._hours[key] = STEP * (position + lies_ahead)
                self._ahead |= {key} if lies_ahead else set()
        for position, each in enumerate(e for e in siblings if e.type.name in {"date", "time"}):
            self._steps.setdefault(key_of(each), STEP * position)
        number = 1 - STEP
        for each in siblings:
            if each.type.name == "integer":
                number = min(each.type.most, max(each.type.least, number + STEP))
                self._numbers.setdefault(key_of(each), number)
