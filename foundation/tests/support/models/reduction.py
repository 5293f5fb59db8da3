"""The smallest model with a fault, as far as time allows."""

import time
from collections.abc import Callable

from .mutations import at, paths_in, replaced
from .parts import Data


def reduced(model: Data, has_fault: Callable[[Data], bool], seconds: float) -> Data:
    """Return the model without all that the fault does not need.

    Args:
        model: with the fault.
        has_fault: whether a model has it as well.
        seconds: after which the smallest one so far is returned.
    """
    end = time.monotonic() + seconds
    position = 0
    paths = _largest_first(model)
    while position < len(paths) and time.monotonic() < end:
        candidate = replaced(model, paths[position])
        if has_fault(candidate):
            model, paths = candidate, _largest_first(candidate)
        else:
            position += 1
    return model


def _largest_first(model: Data) -> list[tuple[str | int, ...]]:
    """Return the paths of all parts; those with the most text first."""
    return sorted(paths_in(model), key=lambda path: len(str(at(model, path))), reverse=True)
