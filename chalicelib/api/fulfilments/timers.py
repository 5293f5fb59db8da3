"""Handlers of the timers of fulfilments."""

from collections.abc import Mapping

from carafe.domain.model import Clock
from carafe.domain.timers import Timer
from carafe.infrastructure.cqrs.mediator import TimerHandler
from carafe.infrastructure.cqrs.processes import deadlines
from carafe.infrastructure.database.repository import Repository
from msgspec import Struct

from chalicelib.domain.fulfilment import Fulfilment, FulfilmentOverdue


class FulfilmentTimers(Struct, frozen=True):
    """The handler, with the ports it needs."""

    fulfilments: Repository[Fulfilment]
    clock: Clock

    def handlers(self) -> Mapping[type[Timer], TimerHandler]:
        """Return the handler of each timer."""
        return {FulfilmentOverdue: deadlines(self.fulfilments, self.clock)}
