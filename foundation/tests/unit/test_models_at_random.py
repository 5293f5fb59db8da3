"""Whatever stands in a model file, it is accepted, or refused with its faults by line."""

import os
import re
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import BadModel, Source
from tests.support.models.mutations import mutated
from tests.support.models.strategy import models, yaml_of

# Names that a draw takes twice, or from Python or the foundation.
NAMES = re.compile(r"\btaken\b|something else|choose another|begins otherwise")

# `make test-scaffold` sets COUNT, for hundreds of them. Shrinking would take minutes.
several = settings(
    max_examples=50 + 20 * int(os.environ.get("COUNT", "0")),
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@several
@given(models())
def test_a_model_drawn_to_be_right_is_right_but_for_names(model: dict[str, Any]) -> None:
    text = yaml_of(model)
    assert [each for each in faults_of(text) if not NAMES.search(each)] == [], text


@several
@given(mutated(models()))
def test_a_model_with_slips_is_right_or_refused_by_line(model: dict[str, Any]) -> None:
    faults_of(yaml_of(model))


def faults_of(text: str) -> list[str]:
    """Return what is wrong with a model; each fault is in a line of it."""
    try:
        resolve(Source(text, "model.yaml"))
    except BadModel as refusal:
        faults = refusal.faults
    else:
        faults = []
    assert all(1 <= each.line <= text.count("\n") for each in faults)
    return [each.message for each in faults]
