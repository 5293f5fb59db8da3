"""Models drawn by a seed, which the checks of a scaffolded service must accept."""

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from carafe.development.discovery.model_warnings import lost_parameters
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import BadModel, Source

from .mutations import mutated
from .parts import Data
from .strategy import CONTEXT, models, yaml_of

DRAWS_PER_MODEL = 10
"""How many are drawn for one: many have faults, and the first ones of Hypothesis are tiny."""


def drawn_models(count: int, *, seed: int) -> list[Data]:
    """Return the largest of many models that are right, half of them by chance.

    Of those that Hypothesis makes from each other, only the largest one is returned.

    Args:
        count: of the models.
        seed: the same one draws the same models.
    """
    found: dict[tuple[str, ...], Data] = {}

    @hypothesis.seed(seed)
    @settings(
        max_examples=count * DRAWS_PER_MODEL,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(models(), mutated(models())))
    def collect(model: Data) -> None:
        if is_right(model):
            names = (*model.get("aggregates", ()), *model.get("processes", ()))
            found[names] = max(found.get(names, {}), model, key=_size)

    collect()
    return sorted(found.values(), key=_size, reverse=True)[:count]


def _size(model: Data) -> int:
    return len(yaml_of(model))


def is_right(model: Data) -> bool:
    """Return whether a model can be scaffolded, and leaves no TODO in code.

    It is that of the service in which it is checked, and has neither faults nor lost parameters.
    """
    if model.get("context") != CONTEXT:
        return False
    try:
        return not list(lost_parameters(resolve(Source(yaml_of(model), "model.yaml"))))
    except BadModel:
        return False
