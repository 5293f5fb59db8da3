"""A failing run made small: the fewest commands and faults with which the same promise breaks."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from .run import Run, played

E = TypeVar("E")


def shrunk(run: Run) -> Run:
    """Return a run with fewer commands and faults that breaks the same promise, with its story."""
    promise = promise_of(run)

    def breaks(wishes: Sequence[int], faults: Sequence[int]) -> bool:
        return promise_of(_again(run, wishes, faults)) == promise

    wishes = [each.number for each in run.wishes]
    faults = _fewest(list(run.faults), lambda some: breaks(wishes, some))
    wishes = _fewest(wishes, lambda some: breaks(some, faults))
    rest = _fewest(faults, lambda some: breaks(wishes, some))
    return _again(run, wishes, rest, is_told=True)


def promise_of(run: Run) -> str:
    """Return which promise a run breaks first; empty if none."""
    return run.broken[0].partition(":")[0] if run.broken else ""


def _again(run: Run, wishes: Sequence[int], faults: Sequence[int], *, is_told: bool = False) -> Run:
    return played(
        run.seed,
        [each for each in run.wishes if each.number in wishes],
        {position: run.faults[position] for position in faults},
        is_told=is_told,
    )


def _fewest(parts: list[E], breaks: Callable[[list[E]], bool]) -> list[E]:
    """Leave parts out, half of them at first, as long as the promise still breaks."""
    if not parts or breaks([]):
        return []
    size = max(1, len(parts) // 2)
    while size:
        for without in _without(parts, size):
            if breaks(without):
                parts = without
                break
        else:
            size //= 2
    return parts


def _without(parts: list[E], size: int) -> Iterator[list[E]]:
    for start in range(0, len(parts), size):
        yield parts[:start] + parts[start + size :]
