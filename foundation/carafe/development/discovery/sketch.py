"""A model with a single aggregate or value, made from options of the command line."""

from collections.abc import Sequence

import yaml

from .names import camel, plural, snake, words
from .service_context import own_context

OWNER = "owner"


def sketch(category: str, name: str, attributes: Sequence[str]) -> str:
    """Return a model file with one aggregate or value.

    An aggregate gets one command, which registers it, and two queries. It is shared, unless one of
    its attributes is the owner.

    Args:
        category: aggregate or value.
        name: in CamelCase.
        attributes: each as `name=type`; `name=owner` holds whose an aggregate is.

    Raises:
        NoService: the working directory is not a service's folder.
    """
    pairs = dict(each.partition("=")[::2] for each in attributes)
    types = {attribute.strip(): text.strip() for attribute, text in pairs.items()}
    phrase = words(name)
    model: dict[str, object] = {"context": own_context()}
    if category == "value":
        value = {"description": f"What makes up one {phrase}", "attributes": types}
        model["values"] = {name: value}
    else:
        model["aggregates"] = {name: _aggregate(name, phrase, types)}
    return str(yaml.safe_dump(model, sort_keys=False))


def _aggregate(name: str, phrase: str, types: dict[str, str]) -> dict[str, object]:
    owner = next((each for each, text in types.items() if text == OWNER), None)
    if owner is not None:
        types[owner] = "identifier"
    required = [each for each, text in types.items() if not text.endswith("?")]
    many = camel(plural(snake(name)))
    registered = {"description": f"One {phrase} is new", "tells": required}
    return {
        "description": f"One {phrase}",
        **({"shared": True} if owner is None else {"owner": owner}),
        "attributes": types,
        "events": {f"{name}Registered": registered},
        "behaviors": {
            "register": {
                "description": f"Register one {phrase}",
                "creates": True,
                "takes": required,
                "records": f"{name}Registered",
            }
        },
        "commands": {f"Register{name}": {"behavior": "register"}},
        "queries": {f"Get{name}": {"returns": "one"}, f"List{many}": {"returns": "page"}},
    }
