"""Life cycles are drawn as the source of the behaviours has them."""

import itertools
from enum import Enum

import pytest

from carafe.development.diagrams.guards import statuses_allowed
from carafe.development.diagrams.lifecycle import LifeCycle, Step, life_cycle
from carafe.development.diagrams.source import behaviours
from carafe.domain.errors import RuleBroken
from carafe.domain.model import AggregateRoot, schema


class Light(Enum):
    """How a lamp shines."""

    DARK = "dark"
    DIM = "dim"
    BRIGHT = "bright"


_SHINING = frozenset({Light.DIM, Light.BRIGHT})
_FOLLOWS = {Light.BRIGHT: {Light.DARK, Light.DIM}}


@schema(collection="lamps")
class Lamp(AggregateRoot):
    """Its behaviours say in several ways when they are allowed."""

    light: Light
    spare: Light
    turns: int = 0

    @classmethod
    def hang(cls, lamp_id: str) -> "Lamp":
        return cls(id=lamp_id, light=Light.DARK, spare=Light.DARK)

    def shine(self) -> None:
        self._require_status(Light.DARK, Light.BRIGHT)
        self.light = Light.BRIGHT

    def dim(self) -> None:
        if self.light is not Light.BRIGHT:
            raise RuleBroken("Only a bright lamp can be dimmed.")
        self.light = Light.DIM

    def go_out(self) -> None:
        self.light = Light.DARK

    def break_down(self) -> None:
        if self.light not in _SHINING:
            raise RuleBroken("The lamp is dark.")
        self.light = Light.DARK

    def turn(self) -> None:
        if self.light in {Light.DIM, Light.BRIGHT}:
            raise RuleBroken("It is hot.")
        self.turns += 1

    def swap(self) -> None:
        self.turns += 1
        if self.turns == 1:
            if self.light is Light.DARK:
                raise RuleBroken("It is too early.")
            self.spare = Light.BRIGHT

    def discard(self) -> None:
        self._require_dark()
        self.turns = 0

    def _require_dark(self) -> None:
        if self.light != Light.DARK:
            raise RuleBroken("The lamp shines.")

    def _require_status(self, *allowed: Light) -> None:
        if self.light not in allowed:
            raise RuleBroken("The lamp cannot.")


CYCLE = life_cycle(Lamp, {"discard"})
assert CYCLE is not None
DRAWN = CYCLE.diagram()


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("shine", {Light.DARK, Light.BRIGHT}),
        ("dim", {Light.BRIGHT}),
        ("go_out", set(Light)),
        ("break_down", {Light.DIM, Light.BRIGHT}),
        ("turn", {Light.DARK}),
        ("swap", set(Light)),
        ("discard", {Light.DARK}),
    ],
)
def test_the_statuses_in_which_a_behaviour_is_allowed_are_read(
    name: str, allowed: set[Light]
) -> None:
    (behaviour,) = (each for each in behaviours(Lamp) if each.name == name)
    assert statuses_allowed(behaviour, "light", Light) == allowed


def _arrows(drawn: str) -> set[str]:
    return {line.strip() for line in drawn.splitlines() if "-->" in line}


def test_arrows_lead_from_where_a_behaviour_is_allowed() -> None:
    """Another attribute of the same type, set by `swap`, is no status."""
    assert 'state "any status" as s1' in DRAWN
    assert _arrows(DRAWN) == {
        "[*] --> s2 : hang",
        "s2 --> s4 : shine",
        "s4 --> s3 : dim",
        "s1 --> s2 : go_out",
        "s3 --> s2 : break_down",
        "s4 --> s2 : break_down",
        "s2 --> [*] : discard",
    }


def test_behaviours_that_keep_the_status_are_listed_with_where_they_are_allowed() -> None:
    assert CYCLE is not None
    assert CYCLE.table() == (
        ("keeps the status", "allowed in"),
        ("turn", "DARK"),
        ("swap", "any status"),
    )


def test_behaviours_between_the_same_statuses_share_an_arrow() -> None:
    steps = [Step(name, frozenset({Light.DARK}), Light.DIM) for name in ("glow", "flicker")]
    assert _arrows(LifeCycle(Light, tuple(steps)).diagram()) == {"s1 --> s2 : glow<br>flicker"}


def test_a_timer_stands_beside_the_behaviour_that_it_calls() -> None:
    cycle = life_cycle(Lamp, timers={"go_out": ["NightOver", "TimeUp"], "turn": ["TimeUp"]})
    assert cycle is not None
    assert "s1 --> s2 : go_out (NightOver, TimeUp)" in _arrows(cycle.diagram())
    assert ("turn (TimeUp)", "DARK") in cycle.table()


class Long(Enum):
    """Statuses that do not fit beside each other."""

    ANNOUNCED_TO_THE_TOWN = 1
    HUNG_BY_THE_WATCHMAN = 2
    LIT_FOR_THE_FIRST_TIME = 3
    SHINING_ALL_NIGHT = 4
    REPLACED_BY_ANOTHER = 5


def test_what_is_too_wide_for_a_page_is_drawn_from_top_to_bottom() -> None:
    steps = tuple(
        Step("lead_to_the_next", frozenset({before}), after)
        for before, after in itertools.pairwise(Long)
    )
    assert "direction TB" in LifeCycle(Long, steps).diagram()
    assert "direction LR" in LifeCycle(Long, steps[:1]).diagram()
