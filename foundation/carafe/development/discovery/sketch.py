"""A model of one thing, from what options of the command line say of it."""

import json
from collections.abc import Sequence
from pathlib import Path

import yaml

from .names import camel, plural, snake, words

CONFIG = Path(".chalice/config.json")


class NoService(Exception):
    """The command runs elsewhere than in a service's folder; the message says what is missing."""


def own_context() -> str:
    """Return the context of the tree that the command runs in.

    Raises:
        NoService: the tree is not a service's.
    """
    try:
        return str(json.loads(CONFIG.read_text(encoding="utf-8"))["app_name"])
    except (OSError, ValueError, KeyError) as error:
        raise NoService(
            f"{CONFIG} cannot be read ({type(error).__name__}): run this in a service's folder"
        ) from error


def sketch(kind: str, name: str, attributes: Sequence[str]) -> str:
    """Return a model file with one aggregate or value.

    An aggregate is registered by a command, and read by two queries.

    Args:
        kind: aggregate or value.
        name: in CamelCase.
        attributes: each as `name=type`.
    """
    parted = dict(each.partition("=")[::2] for each in attributes)
    told = {each.strip(): kind.strip() for each, kind in parted.items()}
    spoken = words(name)
    model: dict[str, object] = {"context": own_context()}
    if kind == "value":
        model["values"] = {name: {"description": f"What makes up one {spoken}", "attributes": told}}
    else:
        model["aggregates"] = {name: _aggregate(name, spoken, told)}
    return str(yaml.safe_dump(model, sort_keys=False))


def _aggregate(name: str, spoken: str, attributes: dict[str, str]) -> dict[str, object]:
    taken = [each for each, kind in attributes.items() if not kind.endswith("?")]
    many = camel(plural(snake(name)))
    return {
        "description": f"One {spoken}",
        "attributes": attributes,
        "events": {f"{name}Registered": {"description": f"One {spoken} is new", "tells": taken}},
        "behaviors": {
            "register": {
                "description": f"Register one {spoken}",
                "creates": True,
                "takes": taken,
                "records": f"{name}Registered",
            }
        },
        "commands": {f"Register{name}": {"behavior": "register"}},
        "queries": {f"Get{name}": {"returns": "one"}, f"List{many}": {"returns": "page"}},
    }
