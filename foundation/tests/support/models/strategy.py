"""Models of services, drawn by Hypothesis: nearly all of them are right.

A model is its data, as YAML has it. What a draw gets wrong, such as a name that is taken, is for
`resolve` to refuse.
"""

import itertools
from collections.abc import Iterator

import yaml
from hypothesis import strategies as st

from carafe.development.discovery import reserved_names
from carafe.development.discovery.names import dashed, snake

from . import words
from .aggregates import aggregates, own_reactions, subscriptions
from .parts import Data, attributes, class_names, descriptions, subsets, without
from .processes import processes
from .questions import calls, refusals, requirements

CONTEXT = "lending"
"""Of the service in which models are checked."""


def yaml_of(model: Data) -> str:
    """Return a model as the text of its file."""
    return yaml.safe_dump(model, allow_unicode=True, sort_keys=False, width=100)


@st.composite
def declared_types(draw: st.DrawFn, names: Iterator[str]) -> Data:
    """Draw enumerations, values that contain each other, and entities."""
    statuses = st.lists(st.sampled_from(words.STATUSES), min_size=1, max_size=5, unique=True)
    enumerations = {
        next(names): {"description": draw(descriptions()), "values": draw(statuses)}
        for _ in range(draw(st.integers(0, 2)))
    }
    known = tuple(enumerations)
    parts: Data = {"values": {}, "entities": {}}
    for part, most in (("values", 3), ("entities", 2)):
        for _ in range(draw(st.integers(0, most))):
            name = next(names)
            parts[part][name] = {
                "description": draw(descriptions()),
                "attributes": draw(attributes(known, 1, 4)),
            }
            known += (name,)
    return {"enumerations": enumerations, **parts}


def names_of(declared: Data) -> tuple[str, ...]:
    """Return the names of the declared types."""
    return tuple(name for part in declared.values() for name in part)


def _operands(declared: tuple[str, ...]) -> st.SearchStrategy[Data]:
    """Parameters of operations, without the names that the client has for its own."""
    taken = reserved_names.CLIENT_PARAMETERS
    return attributes(declared, 0, 4).map(
        lambda drawn: {name: kind for name, kind in drawn.items() if name not in taken}
    )


@st.composite
def _operations(draw: st.DrawFn, verb: str, declared: tuple[str, ...]) -> Data:
    """Draw an operation, perhaps with a parameter in its path, and with refusals."""
    method = draw(st.sampled_from(("GET", "POST", "PUT", "DELETE")))
    path = f"/{draw(st.sampled_from(words.PATHS))}/{dashed(verb)}"
    takes = {} if method == "GET" else draw(_operands(declared))
    if draw(st.booleans()):
        path += "/{the_one}"
        takes |= {"the_one": draw(st.sampled_from(("identifier", "text(40)", "integer(1..9)")))}
    return without(
        {
            "description": draw(descriptions()),
            "request": f"{method} {path}",
            "takes": takes,
            "returns": draw(attributes(declared, 0, 3)),
            "refusals": draw(refusals()),
        }
    )


@st.composite
def external_services(draw: st.DrawFn, names: Iterator[str], declared: tuple[str, ...]) -> Data:
    """Draw services with operations of every method and answer."""
    services: Data = {}
    for name in itertools.islice(names, draw(st.integers(0, 2))):
        operations = {}
        for verb in draw(subsets(words.VERBS, 1))[:3]:
            operations[verb] = draw(_operations(verb, declared))
        services[name] = {"description": draw(descriptions()), "operations": operations}
    return services


@st.composite
def models(draw: st.DrawFn, context: str = CONTEXT) -> Data:
    """Draw a model."""
    names = iter(draw(st.lists(class_names(), min_size=14, max_size=14, unique_by=snake)))
    declared = draw(declared_types(names))
    model: Data = {"context": context, **declared, "aggregates": {}}
    for name in itertools.islice(names, draw(st.integers(1, 3))):
        statuses, model["aggregates"][name] = draw(aggregates(name, names_of(declared)))
        model["enumerations"] |= statuses
    model["external_services"] = draw(external_services(names, names_of(declared)))
    draw(requirements(model["aggregates"]))
    draw(calls(model["aggregates"], model["external_services"]))
    model["subscriptions"] = draw(subscriptions(model["aggregates"], names_of(declared)))
    model["subscriptions"] |= draw(own_reactions(context, model["aggregates"]))
    led = draw(processes(names, model["aggregates"], names_of(declared)))
    model["subscriptions"] |= led.pop("subscriptions")
    return without(model | led)
