"""External services as code: what their operations return, and where they are sent."""

import ast
from collections.abc import Sequence
from urllib.parse import quote

from carafe.development.discovery.external_model import Operation, ServiceCall
from carafe.development.discovery.model import Aggregate, Attribute
from carafe.development.discovery.names import snake

from . import code
from .examples import Examples


def result_type(operation: Operation) -> str:
    """Return the type that an operation returns in the domain."""
    if len(operation.returns) == 1:
        return code.domain_type(operation.returns[0].type)
    return operation.result or "None"


def call_path(operation: Operation) -> str:
    """Return the expression for the path of a request."""
    names = operation.path_names
    if not names:
        return f'"{operation.path}"'
    return f'path_of("{operation.path}", {", ".join(f"{each}={each}" for each in names)})'


def called_services(aggregate: Aggregate) -> list[str]:
    """Return the names of the external services that an aggregate's commands call, each once."""
    calls = (each.call for each in aggregate.commands)
    return list(dict.fromkeys(each.operation.service for each in calls if each))


def answer_name(call: ServiceCall) -> str:
    """Return the variable that holds what an operation has returned: `insurance_answer`."""
    return f"{snake(call.operation.service)}_answer"


def given(call: ServiceCall, parameter: Attribute) -> str:
    """Return the expression for a parameter that the answer gives."""
    field = call.gives[parameter.name]
    return f"{answer_name(call)}.{field.name}" if call.operation.result else answer_name(call)


def example_path(operation: Operation, *, examples: Examples) -> str:
    """Return the path of a request with the examples of its parameters, as code."""
    taken, path = {each.name: each for each in operation.takes}, operation.path
    for name in (each for each in operation.path_names if each in taken):
        example = examples.wire(taken[name])
        text = "{AN_ID}" if example == "AN_ID" else quote(str(ast.literal_eval(example)), safe="")
        path = path.replace(f"{{{name}}}", text)
    return f'f"{path}"' if "{AN_ID}" in path else f'"{path}"'


def returns_entity(operation: Operation, *, examples: Examples) -> bool:
    """Return whether an operation returns an entity, which equals no other."""
    return any(examples.has_entity(each) for each in operation.returns)


def answer_type(
    attribute: Attribute, operation: Operation, *, aggregates: Sequence[Aggregate]
) -> str:
    """Return the type of a field of an answer.

    What a behaviour is given must be within the bounds: otherwise the other service is at fault,
    and the caller would be blamed.

    Args:
        attribute: the field.
        operation: that returns it.
        aggregates: of the model.
    """
    kind = attribute.type
    if not is_given(attribute, operation, aggregates):
        return code.domain_type(kind)
    bounded = {
        "text": f"Annotated[str, printable({kind.most}, {attribute.name!r})]",
        "integer": f"Annotated[int, Meta(ge={kind.least}, le={kind.most})]",
        "identifier": "Identifier",
        "moment": "Moment",
    }
    if kind.name not in bounded:
        return code.domain_type(kind)
    if kind.many:
        return f"tuple[{bounded[kind.name]}, ...]"
    return f"{bounded[kind.name]} | None" if kind.optional else bounded[kind.name]


def is_given(attribute: Attribute, operation: Operation, aggregates: Sequence[Aggregate]) -> bool:
    """Return whether a behaviour is given a field of an operation's answer."""
    return any(
        attribute in call.gives.values()
        for aggregate in aggregates
        for command in aggregate.commands
        if (call := command.call) is not None and call.operation == operation
    )
