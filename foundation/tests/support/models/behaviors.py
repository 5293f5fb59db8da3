"""What aggregates do: creations, changes that lead through all statuses, and their events."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from . import words
from .parts import (
    INTEGERS,
    TEXTS,
    Data,
    descriptions,
    is_free_behavior,
    is_optional,
    subsets,
    types,
    without,
)

MOST_CHANGES = 5

PLAIN = (*TEXTS, *INTEGERS, "boolean", "moment", "date", "time", "identifier")
"""Elements that a parameter equals."""


@st.composite
def behaviors_of(
    draw: st.DrawFn,
    name: str,
    own: Data,
    owner: str | None,
    statuses: list[str],
    declared: tuple[str, ...],
) -> tuple[Data, Data]:
    """Draw behaviours, and the events that they record.

    Args:
        draw: of Hypothesis.
        name: of the aggregate.
        own: its attributes, with their types.
        owner: the attribute that no change takes.
        statuses: that are reached, the first one by the creation.
        declared: names of the model's types.
    """
    free = [each for each in words.VERBS if is_free_behavior(each) and each not in own]
    verbs = draw(subsets(free, len(statuses)))[: max(MOST_CHANGES, len(statuses))]
    beginning = draw(st.sampled_from([each for each in words.BEGINNINGS if each not in own]))
    behaviors = {beginning: draw(_creations(own, statuses, declared))}
    reached = statuses[:1]
    changeable = {each: kind for each, kind in own.items() if each != owner}
    for verb, status in zip(verbs, _goals(statuses), strict=False):
        goal = status or draw(st.sampled_from([None, *reached]))
        behaviors[verb] = draw(_changes(changeable, reached, goal, own, declared))
        reached += [goal] if goal and goal not in reached else []
    events = draw(_events(name, own, behaviors, has_status=bool(statuses)))
    return {each: without(behavior) for each, behavior in behaviors.items()}, events


def _goals(statuses: list[str]) -> Iterator[str | None]:
    """Yield the statuses after the first, and then none."""
    yield from statuses[1:]
    while True:
        yield None


@st.composite
def _takes(draw: st.DrawFn, taken: list[str], own: Data, declared: tuple[str, ...]) -> list[Any]:
    """Draw parameters: attributes by their names, and others with their types."""
    names = st.sampled_from([each for each in words.PARAMETERS if each not in own])
    others = draw(st.dictionaries(names, types(declared), max_size=2))
    may_lack = [e for e in taken if own[e].endswith("?") and draw(st.booleans())]
    by_name = [each for each in taken if each not in may_lack]
    typed = {each: own[each] for each in may_lack} | others
    return [*by_name, *({name: kind} for name, kind in typed.items())]


@st.composite
def _creations(draw: st.DrawFn, own: Data, statuses: list[str], declared: tuple[str, ...]) -> Data:
    """Draw a creation, which takes all that is required."""
    optional = [each for each, kind in own.items() if is_optional(kind)]
    required = [each for each in own if each not in optional]
    return {
        "description": draw(descriptions()),
        "creates": True,
        "takes": draw(_takes([*required, *draw(subsets(optional))], own, declared)),
        "becomes": statuses[0] if statuses else None,
    }


@st.composite
def _changes(
    draw: st.DrawFn,
    changeable: Data,
    reached: list[str],
    goal: str | None,
    own: Data,
    declared: tuple[str, ...],
) -> Data:
    """Draw a change, which is allowed in some of the statuses that are reached."""
    takes_nothing = draw(st.booleans())  # as what a timer calls
    taken = [] if takes_nothing else draw(subsets(changeable))
    added, removed = draw(_list_changes(changeable, taken, has_goal=goal is not None))
    if takes_nothing:
        added, removed = {}, {}
    clearable = [e for e, kind in changeable.items() if kind.endswith("?") and e not in taken]
    return {
        "description": draw(descriptions()),
        "deletes": True if not goal and draw(st.integers(0, 5)) == 0 else None,
        "takes": []
        if takes_nothing
        else [
            *draw(_takes(taken, own, declared)),
            *({word: changeable[name].removeprefix("list of ")} for name, word in added.items()),
            *({word: changeable[name].removeprefix("list of ")} for name, word in removed.items()),
        ],
        "adds": added,
        "removes": removed,
        "when": draw(subsets(reached)),
        "becomes": goal,
        "clears": draw(subsets(clearable)),
    }


@st.composite
def _list_changes(
    draw: st.DrawFn, changeable: Data, taken: list[str], *, has_goal: bool
) -> tuple[Data, Data]:
    """Draw a list that is added to, and one that something is removed from."""
    lists = [e for e, kind in changeable.items() if kind.startswith("list of ") and e not in taken]
    chosen = draw(subsets(lists))[:2]
    if not chosen or draw(st.booleans()):
        return {}, {}
    added = {chosen[0]: "new_one"}
    is_plain = chosen[-1] not in added and changeable[chosen[-1]][len("list of ") :] in PLAIN
    removed = {chosen[-1]: "old_one"} if is_plain and not has_goal else {}
    return added, removed


@st.composite
def _events(draw: st.DrawFn, name: str, own: Data, behaviors: Data, *, has_status: bool) -> Data:
    """Draw the events that behaviours record; each tells the parameters that nothing keeps."""
    known = [*own, *(["status"] if has_status else [])]
    events: Data = {}
    shareable: list[str] = []
    for number, behavior in enumerate(behaviors.values()):
        parameters = [key for each in behavior["takes"] if isinstance(each, dict) for key in each]
        if shareable and not parameters and draw(st.booleans()):
            behavior["records"] = draw(st.sampled_from(shareable))
            continue
        event = f"{name}{draw(st.sampled_from(words.PARTICIPLES))}{'ABCDEFGH'[number]}"
        tells = list(dict.fromkeys([*parameters, *draw(subsets(known))]))
        events[event] = without({"description": draw(descriptions()), "tells": tells})
        behavior["records"] = event
        shareable += [] if parameters else [event]
    return events
