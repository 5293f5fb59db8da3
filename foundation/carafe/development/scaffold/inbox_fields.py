"""The fields of other services' events: as strict as whoever follows them needs."""

from carafe.development.discovery.model import Attribute, Model
from carafe.development.discovery.process_model import InboxEvent

from . import code
from .examples import Examples


class InboxFields:
    """Tells the types of the fields of subscribed events.

    Args:
        model: of the service.
        examples: of its attributes.
    """

    def __init__(self, model: Model, examples: Examples) -> None:
        self._model = model
        self._examples = examples

    def field(self, attribute: Attribute, event: InboxEvent) -> str:
        """Return the type of a field, with its default."""
        parameters = sources_of(event, self._model)
        parameter = next((each for name, each in parameters if name == attribute.name), attribute)
        default = " = None" if parameter.type.optional else ""
        return f"{self._type(attribute, parameter, event)}{default}"

    def _type(self, attribute: Attribute, parameter: Attribute, event: InboxEvent) -> str:
        if parameter is not attribute:
            return code.contract_type(parameter, self._examples)
        kind = attribute.type
        is_identifier = kind.name == "identifier" and not kind.many
        if is_identifier or attribute.name in self._kept(event):
            return code.bounded_type(attribute, self._examples)
        return code.event_field_type(kind)

    def _kept(self, event: InboxEvent) -> set[str]:
        """Return the names of the attributes that processes keep, or are found by."""
        names: set[str] = set()
        for process in self._model.processes:
            if event in process.followed:
                kept = process.attributes if event == process.begins_on else process.correlation
                names |= {each.name for each in kept}
        return names


def parameters_of(event: InboxEvent, model: Model) -> list[Attribute]:
    """Return the parameters of the behaviours that an event triggers."""
    return [parameter for _, parameter in sources_of(event, model)]


def sources_of(event: InboxEvent, model: Model) -> list[tuple[str, Attribute]]:
    """Return the event's attribute and the parameter that it becomes, of each behaviour."""
    subscriptions = (each for owner in model.aggregates for each in owner.subscriptions)
    return [
        (each.source(parameter), parameter)
        for each in subscriptions
        if each.wire_type == event.wire_type
        for parameter in each.behavior.takes
    ]
