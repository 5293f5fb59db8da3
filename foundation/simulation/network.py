"""What every call that leaves a function goes through: it takes time, and may go wrong."""

from collections.abc import Callable

from .chance import Chance, Fault
from .loop import Loop

LATENCY = 0.001

MOST_CALLS = 20_000
"""Of a run; some hundred are usual."""

Tell = Callable[[str, str], None]
"""Takes down who did what."""


class Network:
    """Where functions are left, delayed and killed.

    Args:
        loop: whose time passes.
        chance: decides what goes wrong.
        tell: takes down what a reader of the story should know; None if nobody reads it.

    Attributes:
        calls: so many calls left a function.
        kills: so many functions were killed.
    """

    def __init__(self, loop: Loop, chance: Chance, tell: Tell | None) -> None:
        self.loop = loop
        self.chance = chance
        self.calls = 0
        self.kills = 0
        self._tell = tell

    @property
    def is_told(self) -> bool:
        """Whether somebody reads the story."""
        return self._tell is not None

    def tell(self, text: str, who: str | None = None) -> None:
        """Take a step of the story down."""
        if self._tell is not None:
            task = self.loop.current
            self._tell(who or (task.machine.name if task else "world"), text)

    def leave(self, place: str, doing: str) -> str:
        """Leave a function before a call has an effect; return what else goes wrong with it.

        Args:
            place: the kind of call, of `chance.RATES`.
            doing: for the story.
        """
        self.calls += 1
        if self.calls > MOST_CALLS:
            self.loop.kill()
        fault = self.chance.fault(place)
        if fault is None:
            self.loop.pause(LATENCY)
            return ""
        kind = fault.kind
        if kind == "killed":
            self.kill(f"before it could {doing}")
        elif kind == "late":
            self._wait(fault.size**3, doing)
        elif kind == "frozen":
            self._wait(20 + 600 * fault.size, doing)
        else:
            self.loop.pause(LATENCY)
            return kind
        return ""

    def kill(self, when: str) -> None:
        """Kill the function that runs."""
        self.kills += 1
        self.tell(f"IS KILLED {when}")
        self.loop.kill()

    def fault(self, place: str) -> Fault | None:
        """Return what goes wrong elsewhere than in a call."""
        return self.chance.fault(place)

    def _wait(self, seconds: float, doing: str) -> None:
        self.tell(f"is held up for {seconds:.3f} s before it can {doing}")
        self.loop.pause(seconds)
