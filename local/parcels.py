"""What the shipping service knows: its parcels, and what it has to tell about them.

A parcel leaves a second after it was asked for, and arrives a second later, unless it is recalled.
"""

import heapq
import itertools
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from carafe.contracts.envelope import ReceivedEvent

DISPATCH = "shipping.parcel.dispatch.v1"
RECALL = "shipping.parcel.recall.v1"
DISPATCHED = "shipping.parcel.dispatched.v1"
DELIVERED = "shipping.parcel.delivered.v1"
RECALLED = "shipping.parcel.recalled.v1"
REFUSED = "shipping.command.refused.v1"

DISPATCH_SECONDS = 1.0
DELIVERY_SECONDS = 1.0

CARRIER = "DHL"

_EVENTS = uuid.UUID("8c7e3a52-0d0b-4bb0-9e5f-3f5a0c1d7e61")


class Fault(Enum):
    """A way to answer a command badly."""

    SILENT = "silent"  # does nothing, and never answers
    REFUSED = "refused"  # refuses it
    LATE = "late"  # does it, and tells it when the faults are forgotten
    TWICE = "twice"  # tells everything twice


@dataclass(frozen=True)
class Plan:
    """A fault of commands from now on.

    Attributes:
        fault: the way to fail.
        command: the wire type of those that fail.
        order_id: of those that fail; None for any.
    """

    fault: Fault
    command: str
    order_id: str | None = None


@dataclass
class Parcel:
    """A parcel with an order.

    Attributes:
        order_id: of the order.
        effects: what was done with it, oldest first; each effect is there once.
    """

    order_id: str
    effects: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Telling:
    """An event to publish.

    Attributes:
        id: the same for a repeat.
        type: its wire type.
        cause: the command that it follows from.
        data: what it says.
    """

    id: str
    type: str
    cause: ReceivedEvent
    data: dict[str, str]


class Parcels:
    """Carries commands out, each once; several threads may use it.

    Args:
        clock: in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._parcels: dict[str, Parcel] = {}
        self._plans: list[Plan] = []
        self._handled: dict[tuple[str, str], list[Telling]] = defaultdict(list)
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._outbox: list[Telling] = []
        self._late: list[Callable[[], None]] = []

    def plan(self, plan: Plan) -> None:
        """Let commands fail; of several plans, the first counts."""
        with self._lock:
            self._plans.append(plan)

    def forget_faults(self) -> None:
        """Cancel all plans, and tell what is late."""
        with self._lock:
            self._plans.clear()
            late, self._late = self._late, []
            for tell in late:
                tell()

    def of(self, order_id: str | None = None) -> list[dict[str, Any]]:
        """Return the parcel of an order, or all."""
        with self._lock:
            return [
                {"order_id": each.order_id, "effects": list(each.effects)}
                for each in self._parcels.values()
                if order_id in {None, each.order_id}
            ]

    def receive(self, command: ReceivedEvent) -> None:
        """Carry a command out; a repeat has no effect, and gets the same answers again."""
        with self._lock:
            key = command.source, command.id
            if key in self._handled:
                self._outbox += self._handled[key]
                return
            self._handled[key] = []
            order_id = str(command.data["order_id"])
            fault = self._fault(command)
            if fault is Fault.SILENT:
                return
            parcel = self._parcels.setdefault(order_id, Parcel(order_id))
            if fault is Fault.REFUSED:
                self._refuse(command, parcel, "not_possible")
            elif command.type == DISPATCH:
                self._later(DISPATCH_SECONDS, lambda: self._dispatch(command, parcel))
            else:
                self._recall(command, parcel)

    def take_tellings(self) -> list[Telling]:
        """Do what is due, and return the events to publish, oldest first."""
        with self._lock:
            while self._agenda and self._agenda[0][0] <= self._clock():
                heapq.heappop(self._agenda)[2]()
            tellings, self._outbox = self._outbox, []
            return tellings

    def put_back(self, tellings: list[Telling]) -> None:
        """Have events published later, because that failed."""
        with self._lock:
            self._outbox = [*tellings, *self._outbox]

    def _dispatch(self, command: ReceivedEvent, parcel: Parcel) -> None:
        if parcel.effects:
            return  # it was recalled, or has left

        def tell() -> None:
            code = f"JD{uuid.uuid5(_EVENTS, parcel.order_id).int % 10**10:010}"
            about = {"order_id": parcel.order_id, "carrier": CARRIER, "tracking_code": code}
            self._tell(command, DISPATCHED, about)
            self._later(DELIVERY_SECONDS, lambda: self._deliver(command, parcel))

        parcel.effects.append("dispatched")
        self._now_or_late(command, tell)

    def _deliver(self, command: ReceivedEvent, parcel: Parcel) -> None:
        if "recalled" not in parcel.effects:
            parcel.effects.append("delivered")
            self._tell(command, DELIVERED, {"order_id": parcel.order_id})

    def _recall(self, command: ReceivedEvent, parcel: Parcel) -> None:
        if "delivered" in parcel.effects:
            self._refuse(command, parcel, "parcel_is_delivered")
            return
        if "recalled" not in parcel.effects:
            parcel.effects.append("recalled")
        about = {"order_id": parcel.order_id}
        self._now_or_late(command, lambda: self._tell(command, RECALLED, about))

    def _refuse(self, command: ReceivedEvent, parcel: Parcel, code: str) -> None:
        parcel.effects.append(f"refused {command.type.split('.')[2]}")
        self._tell(command, REFUSED, {"command_id": command.id, "code": code})

    def _now_or_late(self, command: ReceivedEvent, tell: Callable[[], None]) -> None:
        if self._fault(command) is Fault.LATE:
            self._late.append(tell)
        else:
            tell()

    def _tell(self, command: ReceivedEvent, wire_type: str, data: dict[str, str]) -> None:
        identifier = str(uuid.uuid5(_EVENTS, f"{command.source} {command.id} {wire_type}"))
        telling = Telling(identifier, wire_type, command, data)
        self._handled[command.source, command.id].append(telling)
        times = 2 if self._fault(command) is Fault.TWICE else 1
        self._outbox += [telling] * times

    def _fault(self, command: ReceivedEvent) -> Fault | None:
        for each in self._plans:
            is_meant = each.order_id in {None, command.data["order_id"]}
            if each.command == command.type and is_meant:
                return each.fault
        return None

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (self._clock() + seconds, next(self._numbers), action))
