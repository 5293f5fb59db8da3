"""Values that differ at each call do so as long as a repository's tests need it."""

import pytest

from carafe.domain.requirements import require_text
from carafe.testing.examples import another, another_moment, another_number

COUNT = 150


@pytest.mark.parametrize("longest", [1, 2, 3, 4, 200])
@pytest.mark.parametrize("calls", [1, 2, 3, 5, 8])
def test_texts_differ_however_short_and_whatever_else_is_made(longest: int, calls: int) -> None:
    """Each aggregate may make several texts, which all count."""
    made = [another("Title", longest) for _ in range(COUNT * calls)]
    for text in made:
        require_text(text, "title", longest)
    own = made[::calls]
    assert len(set(own)) == COUNT


def test_numbers_differ_until_all_in_the_bounds_are_used() -> None:
    numbers = []
    for _ in range(200):
        numbers.append(another_number(1, 200))
        another("Title")
        another_moment()
    assert sorted(numbers) == list(range(1, 201))
