"""Resolves which behaviour of its aggregate a part of it has."""

from collections.abc import Mapping

from .faults import Faults
from .model import Behavior
from .source import Location
from .suggestions import did_you_mean
from .type_resolution import Entries


def named_behavior(
    entries: Entries,
    behaviors: Mapping[str, Behavior],
    location: Location,
    missing: str,
    faults: Faults,
) -> Behavior | None:
    """Return the behaviour that an entry names; None, and a fault, if there is none.

    Args:
        entries: of the part in the file.
        behaviors: of the aggregate, by name.
        location: of the part, whose second element is the aggregate's name.
        missing: what is wrong if it names none.
        faults: of the model.
    """
    name = entries.get("behavior")
    if name is None:
        faults.add(location, f"{missing}: add `behavior: ...`")
        return None
    if name not in behaviors:
        message = f"{location[1]} has no behaviour {name}{did_you_mean(name, behaviors)}"
        faults.add((*location, "behavior"), message)
        return None
    return behaviors[name]
