"""Objects that are named rather than imported, so that who does not need them never loads them.

The notation is that of Python's entry points, `package.module:name`:
https://packaging.python.org/en/latest/specifications/entry-points/
"""

import importlib
import re
from typing import Any

Reference = str
"""Names an object: `weather.storms:StormRepository`."""

_FORM = re.compile(r"\w+(\.\w+)*:\w+")


def resolved(reference: Reference) -> Any:  # noqa: ANN401 - any object
    """Return the object that a reference names.

    Raises:
        ValueError: it does not have the form `package.module:name`, or names nothing.
    """
    if not _FORM.fullmatch(reference):
        raise ValueError(f"{reference!r} is not of the form package.module:name")
    module, _, name = reference.partition(":")
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # the module is there, and lacks one of its own
        raise ValueError(f"{reference!r} names no module") from error
    if not hasattr(loaded, name):
        raise ValueError(f"{reference!r}: the module has no {name}")
    return getattr(loaded, name)
