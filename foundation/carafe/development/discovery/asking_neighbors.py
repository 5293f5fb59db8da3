"""External services, and events of other services, asked for."""

from collections.abc import Iterator
from typing import Any

from .answers import ask, described
from .asking_types import Types
from .draft import Draft, Entries, free_among
from .names import snake, words

PORT_WORDS = ("key", "self", "body")
"""Names that a client's methods use themselves."""


def ask_services(draft: Draft, types: Types) -> None:
    """Ask for external services until there are no more."""
    while name := ask("External service (such as Reminders)", "TypeName", draft.free):
        service: Entries = {"description": described(f"What does {name} do?"), "operations": {}}
        draft.parts["external_services"][name] = service
        operations = service["operations"]
        question, check = f"Operation of {name} (a verb)", free_among(operations, PORT_WORDS)
        while verb := ask(question, "letters", check, needed=not operations):
            operations[verb] = {"description": described(f"What does {verb} do?")}
            _ask_operation(verb, operations[verb], types)


def _ask_operation(verb: str, operation: Entries, types: Types) -> None:
    operation["request"] = ask("Its request (such as POST /letters)", "request", needed=True)
    operation["takes"] = {}
    if not operation["request"].startswith("GET"):  # which has no body
        question = f"What {verb} takes (an attribute)"
        types.attributes(question, operation["takes"], reserved=PORT_WORDS, needed=False)
    if returned := ask("Field of the answer that it returns", "snake", free_among(())):
        operation["returns"] = {returned: types.type_of(returned)}


def ask_subscriptions(draft: Draft, types: Types) -> None:
    """Ask for events of others until there are no more; there must be something to follow."""
    following = dict(_following(draft))
    if not following:
        return

    def foreign(wire_type: str) -> str:
        if wire_type.startswith(f"{draft.context}."):
            return "This is an event of this service itself."
        return free_among(draft.parts["subscriptions"])(wire_type)

    def known(behavior: str) -> str:
        there = ", ".join(following)
        return "" if behavior in following else f"There is no {behavior}; there are {there}."

    question = "Event of another service (such as weather.storm.forecast.v1)"
    while wire_type := ask(question, "wireType", foreign):
        entries: Entries = {"description": described("What does it tell?")}
        draft.parts["subscriptions"][wire_type] = entries
        behavior = ask("What follows? (such as Loan.renew)", "following", known, needed=True)
        _ask_told(behavior, following[behavior], entries, types)


def _ask_told(behavior: str, takes: dict[str, str], entries: Entries, types: Types) -> None:
    """Ask what an event tells; what the behaviour takes is among it."""
    aggregate = behavior.partition(".")[0]
    question = f"Attribute of the event that holds the {words(aggregate)}'s id"
    identifier = ask(
        question, "snake", free_among(takes), usual=f"{snake(aggregate)}_id", needed=True
    )
    entries |= {
        "attributes": {identifier: "identifier", **takes},
        "behavior": behavior,
        "identifier": identifier,
    }
    told = ", ".join(entries["attributes"])
    question = f"What does it tell beside {told}? (an attribute)"
    types.attributes(question, entries["attributes"], needed=False)


def _following(draft: Draft) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the behaviours that can follow an event, and what each takes."""
    for name, aggregate in draft.parts["aggregates"].items():
        for verb, behavior in aggregate["behaviors"].items():
            if not behavior.keys() & {"creates", "deletes"}:
                yield f"{name}.{verb}", _taken(aggregate["attributes"], behavior.get("takes", ()))


def _taken(attributes: Entries, takes: list[Any]) -> dict[str, str]:
    taken: dict[str, str] = {}
    for each in takes:
        if isinstance(each, dict):
            taken |= each
        else:
            own = attributes[each]
            taken[each] = (own if isinstance(own, str) else own["type"]).removesuffix("?")
    return taken
