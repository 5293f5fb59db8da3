"""What clients want: commands drawn from a seed, each repeated until it is answered."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from carafe.contracts.base import CommandResult
from carafe.domain.errors import AlreadyExists, NotFound

from .contracts import Act
from .functions import Lambda
from .network import Network
from .post import SILENT, UNWELCOME

FINE = "fine"
SPAN_SECONDS = 30.0
RETRY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Wish:
    """A command that a client wants.

    Attributes:
        number: which command of the run it is.
        shelf: number of the shelf.
        at: when it is sent first, in seconds.
        act: the command; its shelf is filled in when that is known.
    """

    number: int
    shelf: int
    at: float
    act: Act


@dataclass(slots=True)
class Outcome:
    """What became of a wish.

    Attributes:
        results: every answer.
        is_refused: the shelf is no longer there.
        error: an answer that should not be possible.
    """

    results: list[CommandResult] = field(default_factory=list)
    is_refused: bool = False
    error: str = ""

    @property
    def is_answered(self) -> bool:
        """Whether the client has heard of it."""
        return bool(self.results) or self.is_refused or bool(self.error)


def wishes_of(seed: int) -> list[Wish]:
    """Draw the commands of a run: each shelf's first puts it up."""
    dice = random.Random(f"{seed} wishes")  # noqa: S311 - a simulation
    shelves = dice.choice((1, 1, 2, 2, 3))
    wishes = []
    for number in range(shelves + dice.randint(1, 5)):
        shelf = number if number < shelves else dice.randrange(shelves)
        act = Act(name=f"c{number}", events=dice.choice((0, 1, 1, 2, 3)))
        if number >= shelves:
            act = _further(act, dice)
        at = dice.choice((1.0, SPAN_SECONDS)) * dice.random()
        wishes.append(Wish(number, shelf, at, act))
    return wishes


def _further(act: Act, dice: random.Random) -> Act:
    """Let a command do more than note its name."""
    key = dice.choice("ab")
    seconds = round(dice.choice((1, 5, 20, 400, 1_500)) * (0.5 + dice.random()), 3)
    mood = dice.choice((FINE, FINE, UNWELCOME, SILENT))
    further: Mapping[str, dict[str, object]] = {
        "nothing": {},
        "alarm": {"alarm": key, "seconds": seconds},
        "cancel": {"cancel": key},
        "errand": {"errand": mood},
        "copy": {"copy_to": "?"},
        "delete": {"is_last": True},
    }
    (kind,) = dice.choices(list(further), (25, 25, 15, 15, 15, 5))
    return _replace(act, **further[kind])


def _replace(act: Act, **changes: object) -> Act:
    values = {name: getattr(act, name) for name in act.__struct_fields__}
    return Act(**{**values, **changes})


class Clients:
    """Send commands and repeat them until they are answered.

    Args:
        wishes: the commands.
        functions: handle them.
        network: in whose time they do.

    Attributes:
        outcomes: by number of the wish.
        shelves: ids of the shelves that are up, by number.
    """

    def __init__(self, wishes: Sequence[Wish], functions: Lambda, network: Network) -> None:
        self.wishes = wishes
        self.outcomes = {each.number: Outcome() for each in wishes}
        self.shelves: dict[int, str] = {}
        self._functions = functions
        self._network = network
        for each in wishes:
            network.loop.call_later(each.at, lambda wish=each: self._send(wish))  # type: ignore[misc]

    @property
    def are_content(self) -> bool:
        """Whether every command is answered."""
        return all(each.is_answered for each in self.outcomes.values())

    def _send(self, wish: Wish) -> None:
        shelf = self.shelves.get(wish.shelf, "")
        is_first = wish.shelf == wish.number
        if not shelf and not is_first:
            if any(each.number == wish.shelf for each in self.wishes):
                self._later(RETRY_SECONDS, wish)  # until the shelf is up
            else:
                self.outcomes[wish.number].is_refused = True
            return
        act = wish.act if is_first else _replace(wish.act, shelf=shelf)
        if act.copy_to:
            act = _replace(act, copy_to=next(iter(self.shelves.values())))
        self._network.tell(f"sends {act.name}{_told(act)}", "client")
        self._functions.act(
            act, act.name, lambda result, error: self._hear(wish, act, result, error)
        )

    def _hear(
        self, wish: Wish, act: Act, result: CommandResult | None, error: Exception | None
    ) -> None:
        outcome = self.outcomes[wish.number]
        if result is not None:
            self._network.tell(f"hears that {act.name} is version {result.version}", "client")
            outcome.results.append(result)
            self.shelves.setdefault(wish.shelf, result.id)
            if self._network.fault("answer"):
                self._later(RETRY_SECONDS, wish)
        elif isinstance(error, NotFound) and any(
            each.act.is_last and each.shelf == wish.shelf for each in self.wishes
        ):
            outcome.is_refused = True
        elif isinstance(error, NotFound):
            outcome.error = f"{act.name}: the shelf that was put up is gone"
        elif isinstance(error, AlreadyExists):
            outcome.error = f"{act.name}: is told that the shelf exists, which it has put up itself"
        elif not outcome.is_answered:
            self._later(RETRY_SECONDS, wish)

    def _later(self, seconds: float, wish: Wish) -> None:
        self._network.loop.call_later(seconds, lambda: self._send(wish))


def _told(act: Act) -> str:
    values = {name: getattr(act, name) for name in act.__struct_fields__ if name != "name"}
    return "".join(f", {name} {str(value)[-6:]}" for name, value in values.items() if value)
