"""Rules about the present: requests are sent at the true time, whenever the tests run."""

from collections.abc import Sequence

from .example_keys import Key
from .rule_bounds import ZERO, Bound, Variable, bounds_of
from .rule_sites import Site
from .rule_values import example

_PRESENT: Variable = ("true present",)


def moments_ahead(found: Sequence[Site], known: frozenset[Key]) -> frozenset[Key]:
    """Return the moments that must lie ahead, whenever a request is sent."""
    needed = [bound for each in found for bound in _of_the_present(each)]
    ahead = {each.second for each in needed if each.first == _PRESENT}
    ahead |= {example(each) for each in known}
    over = [
        bound
        for each in found
        if not each.condition.needs_now
        and {known.kind for known in each.condition.known} == {"moment"}
        for bound in bounds_of(each.condition, each.variables, 1)
    ]
    while more := {v for b in over for v in _linked(b) if set(_linked(b)) & ahead} - ahead:
        ahead |= more
    return frozenset(each[1] for each in ahead if len(each) > 1)


def _linked(bound: Bound) -> tuple[Variable, ...]:
    return tuple(each for each in (bound.first, bound.second) if each != ZERO)


def _of_the_present(site: Site) -> list[Bound]:
    """Return the bounds that a rule sets between moments and the true present."""
    if not (site.condition.needs_now and site.is_called_over_http):
        return []
    variables = {
        each.name: _PRESENT if each.name.is_now else site.variables[each.name]
        for each in site.condition.known
    }
    return bounds_of(site.condition, variables, 1)


def is_kept(site: Site, ahead: frozenset[Key]) -> bool:
    """Return whether a request keeps a rule, as far as the present and its examples go."""
    if site.is_out_of_reach:
        return False
    for bound in _of_the_present(site):
        is_ahead = any(each[1] in ahead for each in (bound.first, bound.second) if len(each) > 1)
        if is_ahead != (bound.first == _PRESENT):
            return False
    return True
