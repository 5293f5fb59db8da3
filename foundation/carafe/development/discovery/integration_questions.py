"""Questions about external services, and about events of other services."""

from collections.abc import Iterator
from typing import Any

from .draft import Draft, Entries, type_text, unused_name
from .external_model import path_names
from .names import snake, words
from .prompts import prompt, prompt_description, unknown_message
from .reserved_names import CLIENT_PARAMETERS
from .type_questions import TypeQuestions


def ask_services(draft: Draft, types: TypeQuestions) -> None:
    """Ask for external services until an empty answer."""
    question = "External service (such as Reminders)"
    while name := prompt(question, "TypeName", draft.class_name_fault):
        operations: Entries = {}
        draft.parts["external_services"][name] = {
            "description": prompt_description(f"What does {name} do?"),
            "operations": operations,
        }
        check = unused_name(operations, CLIENT_PARAMETERS)
        while verb := prompt(
            f"Operation of {name} (a verb)", "letters", check, required=not operations
        ):
            operations[verb] = {"description": prompt_description(f"What does {verb} do?")}
            _ask_operation(verb, operations[verb], types)


def _ask_operation(verb: str, operation: Entries, types: TypeQuestions) -> None:
    request = prompt("Its request (such as POST /letters)", "request", required=True)
    operation["request"] = request
    operation["takes"] = {each: types.ask_type(each) for each in path_names(request)}
    if not request.startswith("GET"):  # which has no body
        types.ask_attributes(
            f"What {verb} takes (an attribute)",
            operation["takes"],
            reserved=CLIENT_PARAMETERS,
            required=False,
        )
    if field := prompt("Field of the answer that it returns", "snake", unused_name(())):
        operation["returns"] = {field: types.ask_type(field)}


def ask_subscriptions(draft: Draft, types: TypeQuestions) -> None:
    """Ask for events of other services until an empty answer.

    Nothing is asked if no behaviour could follow an event.
    """
    parameters = dict(_reactions(draft))
    subscriptions = draft.parts["subscriptions"]

    def wire_type_fault(wire_type: str) -> str:
        if wire_type.startswith(f"{draft.context}."):
            return "This is an event of this service itself: add it to the file by hand."
        return unused_name(subscriptions)(wire_type)

    question = "Event of another service (such as weather.storm.forecast.v1)"
    while parameters and (wire_type := prompt(question, "wireType", wire_type_fault)):
        subscriptions[wire_type] = {"description": prompt_description("What does it mean?")}
        _ask_subscription(subscriptions[wire_type], parameters, types)


def _ask_subscription(
    entries: Entries, parameters: dict[str, dict[str, str]], types: TypeQuestions
) -> None:
    """Ask for the behaviour that an event triggers, and for the attributes of the event.

    Args:
        entries: of the subscription, which are added to.
        parameters: of the possible behaviours, with their types.
        types: for the attributes.
    """

    def behavior_fault(behavior: str) -> str:
        return "" if behavior in parameters else unknown_message(behavior, parameters)

    question = "Behaviour that it triggers (such as Loan.renew)"
    behavior = prompt(question, "reaction", behavior_fault, required=True)
    entries.update(_ask_identifier(behavior, parameters[behavior]))
    attributes = entries["attributes"]
    question = f"Another attribute, besides {', '.join(attributes)}"
    types.ask_attributes(question, attributes, required=False)


def _ask_identifier(behavior: str, parameters: dict[str, str]) -> Entries:
    """Ask which attribute of the event holds the aggregate's id.

    Return the entries of the subscription; the behaviour's parameters are among its attributes.
    """
    aggregate = behavior.partition(".")[0]
    identifier = prompt(
        f"Attribute of the event that holds the {words(aggregate)}'s id",
        "snake",
        unused_name(parameters),
        default=f"{snake(aggregate)}_id",
        required=True,
    )
    return {
        "attributes": {identifier: "identifier", **parameters},
        "behavior": behavior,
        "identifier": identifier,
    }


def _reactions(draft: Draft) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the behaviours that can follow an event, with the types of their parameters."""
    for name, aggregate in draft.parts["aggregates"].items():
        for verb, behavior in aggregate["behaviors"].items():
            if not behavior.keys() & {"creates", "deletes"}:
                takes = behavior.get("takes", ())
                yield f"{name}.{verb}", _parameter_types(takes, aggregate["attributes"])


def _parameter_types(takes: list[Any], attributes: Entries) -> dict[str, str]:
    types: dict[str, str] = {}
    for each in takes:
        if isinstance(each, dict):
            types |= each
        else:
            types[each] = type_text(attributes[each]).removesuffix("?")
    return types
