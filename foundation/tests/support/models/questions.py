"""What commands ask before their behaviour: external services, and other aggregates."""

from hypothesis import strategies as st

from carafe.development.discovery.names import dashed

from . import words
from .aggregates import CALLED_BY, OWNER, taken_by
from .parts import Data, descriptions, subsets, without

REFUSALS = {"unknown_here": "404", "in_conflict": "409", "not_valid": "422"}


@st.composite
def refusals(draw: st.DrawFn) -> Data:
    """Draw the answers by which an operation refuses."""
    return {
        each: {"description": f"No, {each}.", "status": REFUSALS[each]}
        for each in draw(subsets(REFUSALS))
    }


@st.composite
def calls(draw: st.DrawFn, aggregates: Data, services: Data) -> None:
    """Let commands call operations of their own, which are added to the services."""
    commands = [
        (aggregate, command)
        for aggregate in aggregates.values()
        for command in aggregate.get("commands", {}).values()
    ]
    for aggregate, command in draw(subsets(commands))[:3] if services else []:
        service = draw(st.sampled_from(list(services)))
        operations = services[service]["operations"]
        verb = draw(st.sampled_from([each for each in words.VERBS if each not in operations]))
        operations[verb], command["calls"] = draw(_called(verb, aggregate, command))
        command["calls"]["operation"] = f"{service}.{verb}"


@st.composite
def _called(draw: st.DrawFn, verb: str, aggregate: Data, command: Data) -> tuple[Data, Data]:
    """Draw an operation that a command can call, and how it does."""
    behavior = aggregate["behaviors"][command["behavior"]]
    taken = taken_by(aggregate, command["behavior"])
    required = command.get("requires", {})
    givable = [each for each in taken if each not in {OWNER, CALLED_BY, *required}]
    given = draw(subsets(givable))[:2]
    known = {} if behavior.get("creates") else _types(aggregate)
    known |= {name: kind for name, kind in taken.items() if name not in given}
    known |= {"id": "identifier"}
    asked = draw(subsets(known))[:3]
    method, path = draw(st.sampled_from(("POST", "PUT"))), draw(st.sampled_from(words.PATHS))
    path = f"{path}/{dashed(verb)}"
    operation = {
        "description": draw(descriptions()),
        "request": f"{method} /{path}",
        "takes": {f"the_{number}": known[name] for number, name in enumerate(asked)},
        "returns": {f"their_{'ab'[number]}": taken[name] for number, name in enumerate(given)},
        "refusals": draw(refusals()),
    }
    call = {
        "with": {f"the_{number}": name for number, name in enumerate(asked)},
        "gives": {name: f"their_{'ab'[number]}" for number, name in enumerate(given)},
    }
    return without(operation), without(call)


def _types(aggregate: Data) -> Data:
    entries = aggregate["attributes"].items()
    return {name: each if isinstance(each, str) else each["type"] for name, each in entries}


@st.composite
def requirements(draw: st.DrawFn, aggregates: Data) -> None:
    """Let commands require aggregates of the kinds before theirs, perhaps in some statuses."""
    for position, aggregate in enumerate(aggregates.values()):
        for command in aggregate.get("commands", {}).values():
            taken = taken_by(aggregate, command["behavior"])
            fields = [e for e, kind in taken.items() if kind == "identifier" and e != CALLED_BY]
            fields = [each for each in fields if each != OWNER]
            others = list(aggregates)[:position]
            if not fields or not others or draw(st.booleans()):
                continue
            other = draw(st.sampled_from(others))
            behaviors = aggregates[other]["behaviors"].values()
            reached = dict.fromkeys(each["becomes"] for each in behaviors if "becomes" in each)
            requirement = {"aggregate": other, "status": draw(subsets(reached))}
            command["requires"] = {draw(st.sampled_from(fields)): without(requirement)}
