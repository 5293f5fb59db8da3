"""What the stub of an external service answers, as code."""

from dataclasses import replace

from carafe.development.discovery.external_model import Operation
from carafe.development.discovery.model import Attribute, Model
from carafe.testing.examples import AN_ADDRESS, AN_ID

from .examples import Examples


class StubAnswers:
    """The JSON that a stub answers, as code.

    Args:
        model: of the service.
        examples: of its attributes.
    """

    def __init__(self, model: Model, examples: Examples) -> None:
        self._model = model
        self._examples = examples
        self._parameters = {
            (call.operation.service, call.operation.name, field.name): parameter
            for aggregate in model.aggregates
            for command in aggregate.commands
            if (call := command.call) is not None
            for parameter in command.behavior.takes
            if (field := call.gives.get(parameter.name)) is not None
        }

    def json(self, attribute: Attribute, operation: Operation) -> str:
        """Return the example of a field: that of the parameter that it is given to, if any."""
        key = (operation.service, operation.name, attribute.name)
        return self._json(self._parameters.get(key, attribute))

    def _json(self, attribute: Attribute) -> str:
        kind = attribute.type
        if kind.many:
            return f"[{self._json(replace(attribute, type=replace(kind, many=False)))}]"
        if kind.name in self._model.values:
            value = self._model.values[kind.name]
            parts = {"id": repr(AN_ID)} if value.is_entity else {}
            parts |= {each.name: self._json(each) for each in value.attributes}
            return "{" + ", ".join(f'"{name}": {text}' for name, text in parts.items()) + "}"
        constants = {"identifier": repr(AN_ID), "address": repr(AN_ADDRESS)}
        return constants.get(kind.name) or self._examples.wire(attribute)
