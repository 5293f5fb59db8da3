"""Attributes with a default are set by a creation that does not take them."""

import pytest

from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.scaffold.code import default_of, parameter_default
from carafe.development.scaffold.examples import Examples
from tests.support.loan_model import MODEL, faults, line_of


def with_attribute(kind: str, default: str, takes: str = "book_id") -> str:
    """Return the model with an attribute that has a default."""
    attribute = f"      extra: {{type: '{kind}', default: {default}}}\n      status: State\n"
    text = MODEL.replace("      status: State\n", attribute)
    return text.replace("takes: [book_id]", f"takes: [{takes}]")


@pytest.mark.parametrize(
    ("kind", "default", "code"),
    [
        ("integer(0..5)", "0", " = 0"),
        ("integer", "12500", " = 12_500"),
        ("boolean", "true", " = True"),
        ("text(9)", "it's no", ' = "it\'s no"'),
        ("State", "closed", " = State.CLOSED"),
    ],
)
def test_a_default_is_code(kind: str, default: str, code: str) -> None:
    text = with_attribute(kind, default)
    (loan,) = resolve(Source(text, "model.yaml")).aggregates
    (attribute,) = [each for each in loan.attributes if each.name == "extra"]
    assert default_of(attribute) == code


def test_a_creation_that_takes_it_need_not_be_told() -> None:
    text = with_attribute("integer(0..5)", "3", "book_id, extra")
    text = text.replace("{description: End,", "{description: End, takes: [extra],")
    model = resolve(Source(text, "model.yaml"))
    (loan,) = model.aggregates
    defaults = [parameter_default(each.takes[-1]) for each in loan.behaviors]
    assert defaults == [" = 3", ""]
    assert Examples(model).number(loan.creation.takes[-1]) == 3


@pytest.mark.parametrize(
    ("kind", "default", "message"),
    [
        ("integer(1..5)", "0", "0 is not a value of extra"),
        ("integer(1..5)", "one", "one is not a value of extra"),
        ("integer(1..5)", "true", "True is not a value of extra"),
        ("boolean", "maybe", "maybe is not a value of extra"),
        ("text(3)", "long", "long is not a value of extra"),
        ("text(3)", "' '", "  is not a value of extra"),
        ("State", "lost", "State has no value lost"),
        ("moment", "now", "extra has a default: that is for a text, integer, boolean"),
        ("text(9)?", "a", "extra has a default: it is always there"),
        ("list of text(9)", "a", "extra has a default: it is always there"),
    ],
)
def test_a_default_that_cannot_be_is_reported(kind: str, default: str, message: str) -> None:
    text = with_attribute(kind, default)
    found = faults(text)
    assert [line for line, fault in found if message in fault] == [line_of(text, "extra:")], found
