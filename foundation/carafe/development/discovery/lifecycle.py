"""Which behaviours lead an aggregate to a status, or to a state in which a timer is set."""

from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from .model import Aggregate, Behavior

Names = Collection[str]


@dataclass(frozen=True)
class State:
    """A state of an aggregate.

    Attributes:
        status: empty if it has none.
        has_timer: whether the timer in question is set.
    """

    status: str
    has_timer: bool = False


def state_after(behavior: Behavior, before: State, timer: str = "") -> State:
    """Return the state after a behaviour.

    Args:
        behavior: that was called.
        before: the state in which it was.
        timer: the name of the timer in question.
    """
    is_set = timer in (each.timer for each in behavior.timers)
    has_timer = is_set or (before.has_timer and timer not in behavior.cancels)
    return State(behavior.becomes or before.status, has_timer)


def steps_to(
    aggregate: Aggregate, status: str, allowed: Names | None = None
) -> list[Behavior] | None:
    """Return the fewest steps from the aggregate's creation to a status; None if none lead there.

    Args:
        aggregate: whose behaviours the steps are.
        status: the goal.
        allowed: names of the behaviours that may be used; None for all.
    """
    return _fewest_steps(aggregate, lambda state: state.status == status, allowed=allowed)


def steps_to_timer(aggregate: Aggregate, timer: str, behavior: Behavior) -> list[Behavior] | None:
    """Return the fewest steps to a state in which a timer is set, and a behaviour is allowed."""

    def is_goal(state: State) -> bool:
        return state.has_timer and is_allowed(behavior, state.status)

    return _fewest_steps(aggregate, is_goal, timer)


def _fewest_steps(
    aggregate: Aggregate,
    is_goal: Callable[[State], bool],
    timer: str = "",
    allowed: Names | None = None,
) -> list[Behavior] | None:
    creation = next((each for each in aggregate.behaviors if each.creates), None)
    if creation is None:
        return None
    first = state_after(creation, State(""), timer)
    queue: deque[tuple[State, list[Behavior]]] = deque([(first, [])])
    visited = {first}
    while queue:
        current, steps = queue.popleft()
        if is_goal(current):
            return steps
        for each in _usable(aggregate, current.status, allowed):
            following = state_after(each, current, timer)
            if following not in visited:
                visited.add(following)
                queue.append((following, [*steps, each]))
    return None


def is_allowed(behavior: Behavior, status: str) -> bool:
    """Return whether a behaviour is allowed in a status."""
    return not behavior.when or status in behavior.when


def _usable(aggregate: Aggregate, status: str, allowed: Names | None) -> Iterable[Behavior]:
    """Yield the behaviours that may change the aggregate in a status."""
    for each in aggregate.behaviors:
        is_change = not each.creates and not each.deletes
        is_usable = is_change and is_allowed(each, status)
        if is_usable and (allowed is None or each.name in allowed):
            yield each


def steps_before(
    aggregate: Aggregate, behavior: Behavior, allowed: Names | None = None
) -> list[Behavior] | None:
    """Return the fewest steps to a status in which a behaviour is allowed."""
    if not behavior.when:
        return []
    return _shortest(aggregate, behavior.when, allowed)


def steps_to_refusal(
    aggregate: Aggregate, behavior: Behavior, allowed: Names | None = None
) -> list[Behavior] | None:
    """Return the fewest steps to a status in which a behaviour is refused; None if it never is."""
    if not behavior.when:
        return None
    others = {each.becomes for each in aggregate.behaviors if each.becomes} - set(behavior.when)
    return _shortest(aggregate, sorted(others), allowed)


def _shortest(
    aggregate: Aggregate, statuses: Iterable[str], allowed: Names | None
) -> list[Behavior] | None:
    candidates = (steps_to(aggregate, each, allowed) for each in statuses)
    return min((steps for steps in candidates if steps is not None), key=len, default=None)
