"""The fields without which a command was accepted before, and no longer is."""

from collections.abc import Iterator

from .compatibility import MAY_BE_MISSING, Comparison
from .snapshot import Snapshot


def new_requirements(before: Snapshot, present: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield commands that were there before, each with a field that it needs now.

    Args:
        before: the contracts of earlier code.
        present: those of the present code.

    Yields:
        The name of the command's class, and the path to the field, such as `line.quantity`.
    """
    comparison = Comparison(writer=before["schemas"], reader=present["schemas"])
    for wire_name, schema in present["commands"].items():
        if wire_name not in before["commands"]:
            continue
        for each in comparison.incompatibilities(before["commands"][wire_name], schema):
            if each.reason == MAY_BE_MISSING:
                name = schema["$ref"].rpartition("/")[2]
                yield name, each.pointer.removeprefix("/").replace("/", ".")
