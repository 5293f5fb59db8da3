"""Classes of a model have other names than the constants of the generated code."""

import pytest

from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from tests.support.loan_model import MODEL, faults, line_of

MORE = """\
  {name}:
    description: Another
    shared: true
    collection: others
    attributes: {{note: text(40)}}
    events:
      {name}Noted: {{description: It is noted, tells: [note]}}
    behaviors:
      note_down: {{description: Note it, creates: true, takes: [note], records: {name}Noted}}
"""


def message(name: str) -> str:
    """Return what is said of the name of a class."""
    return f"{name} is the name of a constant as well: choose another, not all in capitals"


@pytest.mark.parametrize("name", ["ISBN", "X"])
def test_an_aggregate_is_not_called_like_the_constant_of_what_its_queries_show(name: str) -> None:
    text = MODEL + MORE.format(name=name)
    assert resolve(Source(text, "model.yaml")).aggregates[1].name == name
    shown = f"{text}    queries: {{Get{name}: {{returns: one}}}}\n"
    assert faults(shown) == [(line_of(text, f"  {name}:"), message(name))]


def test_a_command_is_not_called_like_the_constant_of_its_body() -> None:
    text = MODEL.replace("CloseLoan: {", "FINISH: {")
    assert faults(text) == [(line_of(text, "FINISH"), message("FINISH"))]


def test_a_class_is_not_called_like_the_constant_of_the_caller() -> None:
    text = MODEL.replace("State", "CALLER")
    assert faults(text) == [(line_of(text, "CALLER"), message("CALLER"))]
