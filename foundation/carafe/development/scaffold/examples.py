"""Example values for tests and contracts, as code: in the domain, and on the wire."""

from carafe.development.discovery.model import Aggregate, Attribute, Behavior
from carafe.development.discovery.types import LONGEST_TEXT

from .example_amounts import ExampleAmounts
from .example_code import (
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
from .example_keys import key_of
from .rule_examples import CHANGES
from .rule_values import present

# The types of the foundation whose values consist of several.
COMPOSITE_TYPES = ("money", "address")

WIRE_CONSTANTS = {
    "identifier": "AN_ID",
    "money": '{"amount": "12.50", "currency": "EUR"}',
    "address": "AN_ADDRESS",
}


class Examples(ExampleAmounts):
    """Example values of a model's attributes.

    Args:
        model: of the service.
    """

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

    def _changed_text(self, attribute: Attribute) -> str:
        usual, name = self.text(attribute), attribute.name.replace("_", " ")
        if self._is_measured(attribute):
            return another_of_its_length(usual)
        text = f"Another {name}"[: attribute.type.most].strip()
        return text if text != usual else "B"
