"""Which behaviours lead an aggregate to a status."""

from collections import deque
from collections.abc import Collection

from .model import Aggregate, Behavior


def steps_to(
    aggregate: Aggregate, status: str, allowed: Collection[str] | None = None
) -> list[Behavior] | None:
    """Return the shortest way from the making to a status; None if there is none.

    Args:
        aggregate: whose.
        status: the goal.
        allowed: names of the behaviours that may be used; None for all.
    """
    first = next((each for each in aggregate.behaviors if each.creates), None)
    if first is None:
        return None
    ways: deque[tuple[str, list[Behavior]]] = deque([(first.becomes, [])])
    seen = {first.becomes}
    while ways:
        here, way = ways.popleft()
        if here == status:
            return way
        for each in aggregate.behaviors:
            fits = not each.when or here in each.when
            usable = not each.creates and not each.deletes and fits
            if usable and (allowed is None or each.name in allowed):
                there = each.becomes or here
                if there not in seen:
                    seen.add(there)
                    ways.append((there, [*way, each]))
    return None


def steps_before(
    aggregate: Aggregate, behavior: Behavior, allowed: Collection[str] | None = None
) -> list[Behavior] | None:
    """Return the shortest way to where a behaviour is allowed."""
    if not behavior.when:
        return []
    ways = [steps_to(aggregate, each, allowed) for each in behavior.when]
    return min((way for way in ways if way is not None), key=len, default=None)


def steps_to_refusal(
    aggregate: Aggregate, behavior: Behavior, allowed: Collection[str] | None = None
) -> list[Behavior] | None:
    """Return the shortest way to where a behaviour is refused; None if it never is."""
    others = {each.becomes for each in aggregate.behaviors if each.becomes} - set(behavior.when)
    if not behavior.when:
        return None
    ways = [steps_to(aggregate, each, allowed) for each in sorted(others)]
    return min((way for way in ways if way is not None), key=len, default=None)
