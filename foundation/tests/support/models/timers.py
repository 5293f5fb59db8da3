"""Timers of aggregates, and the behaviours that set and cancel them."""

from typing import Any

from hypothesis import strategies as st

from . import words
from .parts import Data, descriptions, subsets

MOST_TIMERS = 3


@st.composite
def timers(draw: st.DrawFn, name: str, own: Data, behaviors: Data) -> Data:
    """Draw timers, and let behaviours set and cancel them.

    Args:
        draw: of Hypothesis.
        name: of the aggregate.
        own: its attributes, with their types.
        behaviors: of the aggregate, to which it is added what they set and cancel.
    """
    callable_ones = [
        verb
        for verb, behavior in behaviors.items()
        if not behavior.get("creates") and not behavior.get("takes")
    ]
    found: Data = {}
    for number in range(draw(st.integers(0, MOST_TIMERS)) if callable_ones else 0):
        called = draw(st.sampled_from(callable_ones))
        setting = [
            verb
            for verb, behavior in behaviors.items()
            if verb != called and not behavior.get("deletes")
        ]
        timer = f"{name}{draw(st.sampled_from(words.TIMES))}{'ABC'[number]}"
        found[timer] = {"description": draw(descriptions()), "behavior": called}
        first = draw(st.sampled_from(setting))
        setters = [first, *(each for each in draw(subsets(setting)) if each != first)]
        for verb in setters:
            due = draw(st.sampled_from([*words.DUES, *_moments(behaviors[verb], own)]))
            behaviors[verb].setdefault("sets", {})[timer] = due
        _cancel(timer, draw(subsets(each for each in behaviors if each not in setters)), behaviors)
    return found


def _cancel(timer: str, verbs: list[str], behaviors: Data) -> None:
    for verb in verbs:
        if not behaviors[verb].keys() & {"creates", "deletes"}:
            behaviors[verb].setdefault("cancels", []).append(timer)


def _moments(behavior: Data, own: Data) -> list[str]:
    """Return the names of the moments that a behaviour knows."""
    taken: dict[str, Any] = {}
    for each in behavior.get("takes", ()):
        taken |= each if isinstance(each, dict) else {each: own[each].rstrip("?")}
    return [each for each, kind in {**own, **taken}.items() if kind == "moment"]
