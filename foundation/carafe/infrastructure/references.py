"""References to objects by name, so that they are imported only when needed.

The notation is that of Python's entry points, `package.module:name`:
https://packaging.python.org/en/latest/specifications/entry-points/
"""

import importlib
import re
from typing import Any

Reference = str
"""The name of an object: `weather.storms:StormRepository`."""

_FORM = re.compile(r"\w+(\.\w+)*:\w+")


def resolve(reference: Reference) -> Any:  # noqa: ANN401 - any object
    """Import and return the object that a reference names.

    Raises:
        ValueError: it does not have the form `package.module:name`, or there is no such object.
    """
    if not _FORM.fullmatch(reference):
        raise ValueError(f"{reference!r} is not of the form package.module:name")
    module_name, _, name = reference.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise  # the module exists, but one of its own imports is missing
        raise ValueError(f"{reference!r} names no module") from error
    if not hasattr(module, name):
        raise ValueError(f"{reference!r}: the module has no {name}")
    return getattr(module, name)
