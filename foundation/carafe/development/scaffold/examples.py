"""Example values for tests and contracts, as code: in the domain, and on the wire."""

from collections.abc import Iterable, Iterator, Sequence

from carafe.development.discovery.model import Aggregate, Attribute, Model, Subscription
from carafe.development.discovery.names import article
from carafe.development.discovery.types import LONGEST_TEXT

NOON = 12

# The year of moments on the wire, and of those at which a timer calls: these must lie ahead
# whenever a test runs, or a reader of the API's description sends one.
YEAR, YEAR_AHEAD = 2026, 2099

# Two hours, or two numbers, lie between one example and the next, so that a test can replace any
# of them by the one in between, and the order stays as it is.
STEP = 2

# The types of the foundation whose values consist of several.
COMPOSITE_TYPES = ("money", "address")

Key = tuple[str, str, str, int, int]


class Examples:
    """Example values of a model's attributes.

    The moments of one value, aggregate or operation ascend in the order of their declaration, and
    so do the integers as far as their bounds allow: most rules about two of them demand it. What a
    timer is set to, and the moments after it, lie ahead.

    Args:
        model: of the service.
    """

    def __init__(self, model: Model) -> None:
        self._enumerations = model.enumerations
        self._values = model.values
        self._hours: dict[Key, int] = {}
        self._numbers: dict[Key, int] = {}
        self._due = {_key(each) for each in _due_moments(model)}
        self._ahead: set[Key] = set()
        self._unique = {_key(each) for each in _unique_attributes(model)}
        for siblings in _siblings(model):
            self._order(siblings)

    def text(self, attribute: Attribute) -> str:
        """Return the attribute's name as a text within its bounds."""
        text = attribute.name.replace("_", " ").capitalize()
        return text[: attribute.type.most].strip() or "A"

    def number(self, attribute: Attribute) -> int:
        """Return an integer within the attribute's bounds."""
        return self._numbers.get(_key(attribute), max(1, attribute.type.least))

    def hours(self, attribute: Attribute) -> int:
        """Return how many hours after noon an attribute's moment is."""
        return self._hours.get(_key(attribute), 0)

    def moment(self, attribute: Attribute) -> str:
        """Return a moment as JSON has it."""
        days, hour = divmod(NOON + self.hours(attribute), 24)
        year = YEAR_AHEAD if _key(attribute) in self._ahead else YEAR
        return f"{year}-03-{1 + days:02}T{hour:02}:00:00Z"

    def domain(self, attribute: Attribute) -> str:
        """Return an example of the domain's value, as code."""
        item = self._domain_item(attribute)
        return f"({item},)" if attribute.type.many else item

    def changed(self, attribute: Attribute) -> str:
        """Return an example of the domain's value that differs from `domain`, as code.

        What has parts, and an enumeration of one value, is the same again.
        """
        kind, name = attribute.type, attribute.type.name
        if kind.many:
            return self.domain(attribute)
        if name in self._enumerations:
            return f"{name}.{self._enumerations[name].values[:2][-1].upper()}"
        text = f"Another {attribute.name.replace('_', ' ')}"[: kind.most].strip()
        number = self.number(attribute)
        changed = {
            "text": repr(text if text != self.text(attribute) else "B"),
            "integer": str(number + 1 if number < kind.most else number - 1),
            "boolean": "False",
            "moment": _hours_after_noon(self.hours(attribute) + 1),
        }
        return changed.get(name) or self.domain(attribute)

    def distinct(self, attribute: Attribute) -> str:
        """Return code that evaluates to another value of the domain each time.

        Only identifiers, texts and unique attributes vary; for others this is `domain`.
        """
        kind, name = attribute.type, attribute.type.name
        is_unique = _key(attribute) in self._unique
        if kind.many or (kind.optional and not is_unique):
            return self.domain(attribute)
        if name == "identifier":
            return "new_id()"
        if name == "text":
            bound = f", {kind.most}" if kind.most < LONGEST_TEXT else ""
            return f"another({self.text(attribute)!r}{bound})"
        if is_unique and name == "integer":
            return f"another_number({kind.least}, {kind.most})"
        if is_unique and name == "moment":
            return f"another_moment(){_later(self.hours(attribute))}"
        return self.domain(attribute)

    def wire(self, attribute: Attribute) -> str:
        """Return an example of the JSON value, as code."""
        item = self._wire_item(attribute)
        return f"[{item}]" if attribute.type.many else item

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

    def _domain_item(self, attribute: Attribute) -> str:
        name = attribute.type.name
        if name in self._enumerations:
            return f"{name}.{self._enumerations[name].values[0].upper()}"
        if name in self._values:
            return f"{function_of(name)}()"
        return {
            "text": repr(self.text(attribute)),
            "identifier": "AN_ID",
            "integer": str(self.number(attribute)),
            "boolean": "True",
            "moment": _hours_after_noon(self.hours(attribute)),
            "money": 'Money.of("12.50", "EUR")',
            "address": "an_address()",
        }[name]

    def _wire_item(self, attribute: Attribute) -> str:
        name = attribute.type.name
        if name in self._enumerations:
            return repr(self._enumerations[name].values[0])
        if name in self._values:
            return constant_of(name)
        return {
            "text": repr(self.text(attribute)),
            "identifier": "AN_ID",
            "integer": str(self.number(attribute)),
            "boolean": "True",
            "moment": repr(self.moment(attribute)),
            "money": '{"amount": "12.50", "currency": "EUR"}',
            "address": "AN_ADDRESS",
        }[name]

    def _order(self, siblings: Sequence[Attribute]) -> None:
        moments = [_key(each) for each in siblings if each.type.name == "moment"]
        lies_ahead = False
        for position, key in enumerate(moments):
            lies_ahead = lies_ahead or key in self._due
            if key not in self._hours:
                self._hours[key] = STEP * (position + lies_ahead)
                self._ahead |= {key} if lies_ahead else set()
        number = 1 - STEP
        for each in siblings:
            if each.type.name == "integer":
                number = min(each.type.most, max(each.type.least, number + STEP))
                self._numbers.setdefault(_key(each), number)


def function_of(name: str) -> str:
    """Return the function in the tests' support that makes an example: `a_shelf_mark`."""
    return article(name).replace(" ", "_")


def constant_of(name: str) -> str:
    """Return the constant in the tests' support that holds an example as JSON: `A_SHELF_MARK`."""
    return function_of(name).upper()


def _key(attribute: Attribute) -> Key:
    # A parameter that an optional attribute gives is required, and has the same example.
    kind = attribute.type
    return attribute.owner, attribute.full_name, kind.name, kind.least, kind.most


def _unique_attributes(model: Model) -> Iterator[Attribute]:
    """Yield the attributes that are unique, alone or together with others."""
    for aggregate in model.aggregates:
        names = {name for each in aggregate.unique for name in each.attributes}
        yield from (each for each in aggregate.attributes if each.unique or each.name in names)


def _due_moments(model: Model) -> Iterator[Attribute]:
    """Yield the attributes and parameters that hold the moments of timers."""
    for aggregate in model.aggregates:
        for behavior in aggregate.behaviors:
            yield from (each.due for each in behavior.timers if isinstance(each.due, Attribute))


def _siblings(model: Model) -> Iterator[Sequence[Attribute]]:
    """Yield the attributes that one instance has together, or one call passes together."""
    for value in model.values.values():
        yield value.attributes
    for aggregate in model.aggregates:
        yield from _siblings_of(aggregate)
    for service in model.external_services:
        yield from (operation.takes for operation in service.operations)


def _siblings_of(aggregate: Aggregate) -> Iterator[Sequence[Attribute]]:
    yield aggregate.attributes
    for behavior in aggregate.behaviors:
        yield (*aggregate.attributes, *(each for each in behavior.takes if each.behavior))
    for subscription in aggregate.subscriptions:
        yield [parameter_of(each, subscription) for each in subscription.attributes]


def parameter_of(attribute: Attribute, subscription: Subscription) -> Attribute:
    """Return the behaviour's parameter that an attribute of a subscribed event becomes.

    What the behaviour does not take is returned as it is.
    """
    parameters: Iterable[Attribute] = subscription.behavior.takes
    return next((each for each in parameters if each.name == attribute.name), attribute)


def _hours_after_noon(hours: int) -> str:
    return f"NOON{_later(hours)}"


def _later(hours: int) -> str:
    return f" + timedelta(hours={hours})" if hours else ""
