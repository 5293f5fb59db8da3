"""Checks of external services and of the commands that call them."""

from collections.abc import Iterator

from carafe.development.stubs.script import FAULT_NAMES

from .external_model import Argument, ExternalService, Operation, ServiceCall
from .locations import located_aggregates, located_services
from .model import Attribute, Behavior, Model
from .source import Location
from .suggestions import did_you_mean
from .types import Type

IN_PATHS = ("text", "identifier", "integer")

LocatedMessages = Iterator[tuple[Location, str]]


def operation_faults(model: Model) -> LocatedMessages:
    """Yield operations whose requests or refusals cannot be told apart, or made."""
    for service, location in located_services(model):
        first: dict[tuple[str, ...], Operation] = {}
        for each in service.operations:
            place: Location = (*location, "operations", each.name)
            other = first.setdefault(_form_of(each), each)
            if other is not each:
                message = f"{other.name} has this request already: nothing tells the two apart"
                yield (*place, "request"), message
            yield from _request_faults(each, place, model)
            yield from _refusal_faults(each, service, place)


def _request_faults(operation: Operation, place: Location, model: Model) -> LocatedMessages:
    taken = {each.name: each for each in operation.takes}
    for name in operation.path_names:
        if name not in taken:
            message = f"{operation.name} takes no {name}: add it to `takes:`"
            yield (*place, "request"), message + did_you_mean(name, taken)
        elif operation.path_names.count(name) > 1:
            yield (*place, "request"), f"{name} stands in the path twice"
        elif not _fits_path(taken[name].type, model):
            message = (
                f"{name} cannot stand in a path: only a single text, identifier, integer or "
                "enumeration that is always there can"
            )
            yield (*place, "takes", name), message
    if operation.method == "GET" and operation.body:
        names = ", ".join(each.name for each in operation.body)
        example = f"GET {operation.path}/{{{operation.body[0].name}}}"
        message = f"a GET has no body for {names}: name it in the path, as `{example}`, or POST it"
        yield place, message


def _form_of(operation: Operation) -> tuple[str, ...]:
    """Return what tells a request from others: the names of parameters do not."""
    parts = operation.path.split("/")
    return (operation.method, *("{}" if each.startswith("{") else each for each in parts))


def _fits_path(kind: Type, model: Model) -> bool:
    is_named = kind.name in IN_PATHS or kind.name in model.enumerations
    return is_named and not kind.many and not kind.optional


def _refusal_faults(
    operation: Operation, service: ExternalService, place: Location
) -> LocatedMessages:
    first = {each.code: each for each in service.refusals}
    statuses: dict[int, str] = {}
    for each in operation.refusals:
        where: Location = (*place, "refusals", each.code)
        other = statuses.setdefault(each.status, each.code)
        if other != each.code:
            yield where, f"{each.status} says {other} already: nothing tells {each.code} from it"
        if each.description != first[each.code].description:
            message = f"another operation says `{first[each.code].description}`: say the same"
            yield (*where, "description"), message
        if each.code in FAULT_NAMES:
            yield where, f"{each.code} is a fault of every stub: choose another code"


def call_faults(model: Model) -> LocatedMessages:
    """Yield calls that give an operation, or a behaviour, something of another type."""
    for aggregate, location in located_aggregates(model):
        for command in aggregate.commands:
            if command.call is None:
                continue
            place: Location = (*location, "commands", command.name, "calls")
            yield from _argument_faults(command.call, place)
            yield from _given_faults(command.call, command.behavior, place)


def _argument_faults(call: ServiceCall, place: Location) -> LocatedMessages:
    for parameter in call.operation.takes:
        argument = call.arguments.get(parameter.name)
        if argument is not None and not _fits(_kind(argument), parameter.type):
            name = argument.attribute.name if argument.attribute else "id"
            message = f"{call.operation.name} takes {parameter.name} of another type than {name}"
            yield (*place, "with", parameter.name), message


def _kind(argument: Argument) -> Type:
    return argument.attribute.type if argument.attribute else Type("identifier")


def _fits(given: Type, taken: Type) -> bool:
    """Return whether a value of one type can be given where another is taken."""
    is_alike = (given.name, given.many) == (taken.name, taken.many)
    return is_alike and (taken.optional or not given.optional)


def _given_faults(call: ServiceCall, behavior: Behavior, place: Location) -> LocatedMessages:
    parameters = {each.name: each for each in behavior.takes}
    for name, field in call.gives.items():
        where: Location = (*place, "gives", name)
        if parameters[name].from_caller:
            yield where, f"{name} is the caller: it cannot be given"
        elif not _fits(field.type, parameters[name].type):
            yield where, f"{behavior.name} takes {name} of another type than {field.name}"
        elif not _is_within(field, parameters[name]):
            message = f"{field.name} may be out of the bounds of {name}: let it have the same type"
            yield where, message


def _is_within(field: Attribute, parameter: Attribute) -> bool:
    return field.type.least >= parameter.type.least and field.type.most <= parameter.type.most
