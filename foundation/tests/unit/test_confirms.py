"""Every message of a wave gets the answer that is its own, whatever the order of the answers."""

from hypothesis import given
from hypothesis import strategies as st

from carafe.infrastructure.event_bus.confirms import Confirms
from carafe.infrastructure.event_bus.port import Outcome

UNKNOWN, CONFIRMED, NACKED, RETURNED = (
    Outcome.UNKNOWN,
    Outcome.CONFIRMED,
    Outcome.NACKED,
    Outcome.RETURNED,
)


def a_wave(*message_ids: str, confirms: Confirms | None = None) -> Confirms:
    confirms = confirms or Confirms()
    confirms.begin(list(message_ids))
    for each in message_ids:
        confirms.record_sent(each)
    return confirms


def test_before_a_wave_nothing_is_known_and_nothing_is_awaited() -> None:
    confirms = Confirms()
    assert confirms.outcomes() == {}
    assert confirms.is_complete


def test_what_is_not_answered_is_unknown() -> None:
    confirms = a_wave("a", "b")
    confirms.record_answer(2, multiple=False, nacked=False)
    assert confirms.outcomes() == {"a": UNKNOWN, "b": CONFIRMED}
    assert not confirms.is_complete


def test_an_answer_for_several_leaves_the_later_ones_open() -> None:
    """F28."""
    confirms = a_wave("a", "b", "c", "d")
    confirms.record_answer(3, multiple=False, nacked=True)
    confirms.record_answer(3, multiple=True, nacked=False)
    assert confirms.outcomes() == {"a": CONFIRMED, "b": CONFIRMED, "c": NACKED, "d": UNKNOWN}


def test_an_answer_counts_once() -> None:
    confirms = a_wave("a", "b")
    confirms.record_answer(1, multiple=False, nacked=True)
    confirms.record_answer(1, multiple=False, nacked=False)
    confirms.record_answer(9, multiple=False, nacked=False)
    assert confirms.outcomes() == {"a": NACKED, "b": UNKNOWN}


def test_a_returned_message_is_returned_though_it_is_acknowledged() -> None:
    confirms = a_wave("a", "b")
    confirms.record_returned("a")
    confirms.record_answer(2, multiple=True, nacked=False)
    assert confirms.outcomes() == {"a": RETURNED, "b": CONFIRMED}


def test_tags_go_on_from_wave_to_wave_and_returns_do_not() -> None:
    confirms = a_wave("a", "b")
    confirms.record_returned("a")
    confirms.record_answer(2, multiple=True, nacked=False)
    a_wave("a", "c", confirms=confirms)
    confirms.record_answer(3, multiple=False, nacked=False)
    assert confirms.outcomes() == {"a": CONFIRMED, "c": UNKNOWN}


any_answers = st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.booleans()), max_size=30)


@given(st.integers(1, 10), any_answers, st.sets(st.integers(1, 10)))
def test_each_tag_has_the_first_answer_that_covers_it(
    count: int, answers: list[tuple[int, bool, bool]], returned: set[int]
) -> None:
    confirms = a_wave(*(str(tag) for tag in range(1, count + 1)))
    for tag in returned:
        confirms.record_returned(str(tag))
    expected = {}
    for tag in range(1, count + 1):
        covering = (
            nacked for last, multiple, nacked in answers if last == tag or (multiple and tag < last)
        )
        first = next(covering, None)
        positive = RETURNED if tag in returned else CONFIRMED
        expected[str(tag)] = UNKNOWN if first is None else NACKED if first else positive
    for last, multiple, nacked in answers:
        confirms.record_answer(last, multiple=multiple, nacked=nacked)
    assert confirms.outcomes() == expected
