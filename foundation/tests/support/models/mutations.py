"""Changes to a model at random, as slips of a hand make them; most results are wrong."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from .parts import Data

Path = tuple[str | int, ...]


def paths_in(part: Any, path: Path = ()) -> Iterator[Path]:  # noqa: ANN401 - any YAML
    """Yield the path of each part, outer ones first."""
    entries = (
        part.items()
        if isinstance(part, dict)
        else enumerate(part)
        if isinstance(part, list)
        else ()
    )
    for key, value in entries:
        yield (*path, key)
        yield from paths_in(value, (*path, key))


def at(part: Any, path: Path) -> Any:  # noqa: ANN401 - any YAML
    """Return the part at a path."""
    for key in path:
        part = part[key]
    return part


def replaced(model: Data, path: Path, *values: Any) -> Data:  # noqa: ANN401 - any YAML
    """Return a model with another part at a path; without one, if no value is given."""
    changed = copy.deepcopy(model)
    owner = at(changed, path[:-1])
    if values:
        (owner[path[-1]],) = copy.deepcopy(values)
    else:
        del owner[path[-1]]
    return changed


def renamed(model: Data, path: Path, name: str) -> Data:
    """Return a model with another name for a part of it, in its place."""
    changed = copy.deepcopy(model)
    owner = at(changed, path[:-1])
    items = [(name if key == path[-1] else key, value) for key, value in owner.items()]
    owner.clear()
    owner.update(items)
    return changed


@st.composite
def mutated(draw: st.DrawFn, models: st.SearchStrategy[Data]) -> Data:
    """Draw a model with up to three slips in it."""
    model = draw(models)
    for _ in range(draw(st.integers(1, 3))):
        paths = list(paths_in(model))
        path = draw(st.sampled_from(paths))
        other = draw(st.sampled_from(paths))
        names = st.sampled_from(
            [str(each[-1]) for each in paths] + ["", "x y", "Ä", "9", "__init__"]
        )
        odd: st.SearchStrategy[Any] = st.sampled_from(
            [None, True, False, "", "text(0)", "list of text?", 12, [], {}, ["a"]]
        )
        kinds = ["drop", "odd", "other"] + ["rename"] * isinstance(path[-1], str)
        kind = draw(st.sampled_from(kinds))
        if kind == "drop":
            model = replaced(model, path)
        elif kind == "rename":
            model = renamed(model, path, draw(names))
        else:
            model = replaced(model, path, at(model, other) if kind == "other" else draw(odd))
        if len(model) < 1 or not list(paths_in(model)):
            break
    return model
