"""What the examples of a model's attributes are, before they are written as code."""

from collections.abc import Sequence

from carafe.development.discovery.model import Aggregate, Attribute, Command, Model
from carafe.development.discovery.rule_model import Known
from carafe.development.discovery.source import Location

from .example_code import HOUR
from .example_keys import Key, key_of
from .example_siblings import due_moments, siblings, unique_attributes
from .rule_bounds import MOST_RISEN, Variable
from .rule_examples import Accepted, accepted, unaccepted, usual_change
from .rule_values import added, changed, example, length

# Two hours, or two numbers, lie between one example and the next, so that a test can replace any
# of them by the one in between, and the order stays as it is.
STEP = 2

LATEST_HOUR = 10  # after noon, of a time of day


class ExampleAmounts:
    """Numbers, moments, lengths and choices that the rules of a model allow.

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

    def lies_ahead(self, attribute: Attribute) -> bool:
        """Return whether a moment on the wire lies ahead, whenever it is sent."""
        return key_of(attribute) in self._ahead

    def are_kept_now(self, commands: Sequence[Command], aggregate: Aggregate) -> bool:
        """Return whether requests with the examples keep rules about the true present."""
        names = {(aggregate.name, each.behavior.name) for each in commands}
        return not names & self._accepted.not_over_http

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

    def _amount(self, attribute: Attribute) -> int:
        """Return what an example is: as `rule_bounds` counts."""
        return self._value(example(key_of(attribute)), self._wanted(attribute))

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

    def _range(self, attribute: Attribute) -> tuple[int, int]:
        """Return the least and the largest unique number: any, or one that rules allow."""
        least = self._accepted.values.get(example(key_of(attribute)))
        if least is None:
            return attribute.type.least, attribute.type.most
        return least, least + MOST_RISEN["integer"]

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
