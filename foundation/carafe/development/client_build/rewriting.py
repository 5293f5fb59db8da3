"""Lets the modules of a service go by another package's name."""

import io
import tokenize

from .imports import SERVICE


def renamed(source: str, package: str) -> str:
    """Return a module in which the service's package has another name.

    Only the name itself is replaced, in imports and where it is used; texts and comments stay,
    and so does an attribute that is called the same.

    Args:
        source: of the module.
        package: the new name.
    """
    lines = io.StringIO(source).readlines()
    places = list(_places(source))
    for line, column in reversed(places):
        old = lines[line - 1]
        lines[line - 1] = old[:column] + package + old[column + len(SERVICE) :]
    return "".join(lines)


def _places(source: str) -> list[tuple[int, int]]:
    """Return line and column of each use of the name."""
    found = []
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and token.string == SERVICE and before != ".":
            found.append(token.start)
        before = token.string
    return found
