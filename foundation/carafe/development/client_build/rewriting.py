"""Renames the package of a service in its modules."""

import io
import tokenize

from .imports import SERVICE


def rename_package(source: str, package: str) -> str:
    """Return the source of a module with another name for the service's package.

    Only the name itself is replaced, in imports and where it is used. Strings and comments stay,
    and so does an attribute of the same name.

    Args:
        source: of the module.
        package: the new name.
    """
    lines = io.StringIO(source).readlines()
    for number, column in reversed(_positions(source)):
        line = lines[number - 1]
        lines[number - 1] = line[:column] + package + line[column + len(SERVICE) :]
    return "".join(lines)


def _positions(source: str) -> list[tuple[int, int]]:
    """Return line and column of each use of the name."""
    positions = []
    previous = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and token.string == SERVICE and previous != ".":
            positions.append(token.start)
        previous = token.string
    return positions
