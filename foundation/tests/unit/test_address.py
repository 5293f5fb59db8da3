"""An address cannot be built wrong."""

import pytest

from carafe.domain.address import LONGEST
from carafe.domain.errors import InvalidValue
from carafe.testing.examples import an_address


@pytest.mark.parametrize("part", LONGEST)
def test_a_part_may_be_as_long_as_its_limit(part: str) -> None:
    assert getattr(an_address(**{part: "x" * LONGEST[part]}), part) == "x" * LONGEST[part]


@pytest.mark.parametrize("part", LONGEST)
@pytest.mark.parametrize("text", ["", "   ", "line\nbreak", "nul\x00"])
def test_a_part_must_be_printable_text(part: str, text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        an_address(**{part: text})
    assert refusal.value.field == part


@pytest.mark.parametrize("part", LONGEST)
def test_an_over_long_part_is_refused_with_both_lengths(part: str) -> None:
    with pytest.raises(InvalidValue, match=f"at most {LONGEST[part]} .* has {LONGEST[part] + 1}"):
        an_address(**{part: "x" * (LONGEST[part] + 1)})


@pytest.mark.parametrize("country", ["de", "DEU", "D", "D1", ""])
def test_a_country_is_two_capital_letters(country: str) -> None:
    with pytest.raises(InvalidValue, match="country: must be two capital letters"):
        an_address(country=country)
