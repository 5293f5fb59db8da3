"""Which behaviours lead an aggregate to a status."""

from collections import deque
from collections.abc import Collection, Iterable

from .model import Aggregate, Behavior


def steps_to(
    aggregate: Aggregate, status: str, allowed: Collection[str] | None = None
) -> list[Behavior] | None:
    """Return the fewest steps from the aggregate's creation to a status; None if none lead there.

    Args:
        aggregate: whose behaviours the steps are.
        status: the goal.
        allowed: names of the behaviours that may be used; None for all.
    """
    creation = next((each for each in aggregate.behaviors if each.creates), None)
    if creation is None:
        return None
    queue: deque[tuple[str, list[Behavior]]] = deque([(creation.becomes, [])])
    visited = {creation.becomes}
    while queue:
        current, steps = queue.popleft()
        if current == status:
            return steps
        for each in _usable(aggregate, current, allowed):
            following = each.becomes or current
            if following not in visited:
                visited.add(following)
                queue.append((following, [*steps, each]))
    return None


def _usable(
    aggregate: Aggregate, status: str, allowed: Collection[str] | None
) -> Iterable[Behavior]:
    """Yield the behaviours that may change the aggregate in a status."""
    for each in aggregate.behaviors:
        is_change = not each.creates and not each.deletes
        has_status = not each.when or status in each.when
        if is_change and has_status and (allowed is None or each.name in allowed):
            yield each


def steps_before(
    aggregate: Aggregate, behavior: Behavior, allowed: Collection[str] | None = None
) -> list[Behavior] | None:
    """Return the fewest steps to a status in which a behaviour is allowed."""
    if not behavior.when:
        return []
    return _fewest_steps(aggregate, behavior.when, allowed)


def steps_to_refusal(
    aggregate: Aggregate, behavior: Behavior, allowed: Collection[str] | None = None
) -> list[Behavior] | None:
    """Return the fewest steps to a status in which a behaviour is refused; None if it never is."""
    if not behavior.when:
        return None
    others = {each.becomes for each in aggregate.behaviors if each.becomes} - set(behavior.when)
    return _fewest_steps(aggregate, sorted(others), allowed)


def _fewest_steps(
    aggregate: Aggregate, statuses: Iterable[str], allowed: Collection[str] | None
) -> list[Behavior] | None:
    candidates = (steps_to(aggregate, each, allowed) for each in statuses)
    return min((steps for steps in candidates if steps is not None), key=len, default=None)
