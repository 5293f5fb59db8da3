"""Old alone, old and new together, new alone, and all the way back, under load."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from carafe.development.local_service import queue_environment
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.testing.processes import wait_until
from carafe.testing.sqs import Sqs
from chalicelib.infrastructure.bootstrap import service as declared
from chalicelib.infrastructure.settings import Settings
from local.shipping_bus import SERVICE as OTHER_SERVICE
from local.shipping_bus import received_from
from tests.support.inbound import parcel_dispatched
from tests.support.shipping import Shipping

from .load import CALLERS, Caller, Fate, Ledger, Load
from .messages import Messages, forget_earlier_runs
from .processes import Processes, Role, roles
from .reconciliation import Reconciliation
from .report import Phase, Report, figures
from .versions import Upgrade, Version
from .waiting import COLLECTIONS, told, waiting

ONE_HALF, OTHER_HALF = ("bridge", "execute"), ("consume", "sweep")
ALL = (*ONE_HALF, *OTHER_HALF)

PARKED = 3
POLL_SECONDS = 0.5

# How long a timer of each kind waits: longer than a phase, so that another version calls it, and
# longer than a busy machine takes for what is to come before.
DUE_SECONDS = {"PAYMENT_DUE_SECONDS": "20", "SHIPMENT_DUE_SECONDS": "25"}


@dataclass(frozen=True)
class Timing:
    """How long it all takes.

    Attributes:
        phase_seconds: of load in each phase, from when its processes run.
        rest_seconds: for everything that waits in the end.
    """

    phase_seconds: float = 4.0
    rest_seconds: float = 150.0


class Rollout:
    """A service that is upgraded and rolled back under load.

    Args:
        upgrade: both versions.
        environment: of a service, from the fixture of that name.
        sqs: its queues.
        folder: for logs.
        timing: how long it takes.
    """

    def __init__(
        self,
        upgrade: Upgrade,
        environment: Mapping[str, str],
        sqs: Sqs,
        folder: Path,
        timing: Timing,
    ) -> None:
        self._old, self._new = upgrade.old, upgrade.new
        forget_earlier_runs(sqs)
        queues = queue_environment(environment["AWS_ENDPOINT_URL"])
        self._settings = {**environment, **queues, **DUE_SECONDS, "SWEEP_GRACE_SECONDS": "1"}
        self._timing = timing
        self._container: Container[Any] = declared.wired(
            Settings.read(self._settings, declared.name)
        )
        nudges, commands = (
            self._settings[each].rpartition("/")[2]
            for each in ("NUDGE_QUEUE_URL", "COMMAND_QUEUE_URL")
        )
        self._messages = Messages(self._container, sqs, nudges, commands)
        self._shipping = Shipping(environment["SHIPPING_URL"])
        self._processes = Processes(folder, self._settings)
        self._ledger = Ledger()
        self._known_parked = 0
        self._has_ended_early = False
        self._phases: list[Phase] = []
        self._at_turns: list[str] = []

    def run(self, *, back: bool = True) -> Report:
        """Upgrade under load, roll back if wanted, let everything come to rest, and reconcile."""
        old, new = self._old, self._new
        self._prepare()
        try:
            self._processes.replace(roles(old, ALL))
            callers = self._callers()
            self._park(callers[0])
            with Load(callers, [*Fate]) as load:
                self._phase("old alone")
                self._turn(new, "upgraded")
                self._together()
                if back:
                    self._phase("new alone", roles(new, ALL))
                    self._redrive()
                    self._turn(old, "rolled back")
                    self._together()
                    load.fates = [Fate.COMPLETED]  # the rest waits for no timer that is set so late
                    self._phase("old alone again", roles(old, ALL))
            self._rest()
            return self._report()
        finally:
            self._processes.stop_all()
            self._container.close()

    def _prepare(self) -> None:
        """Make database and bus with the old version's commands, as a deployment does."""
        for words in (("database", "apply"), ("bus", "declare")):
            self._old.carafe(*words, settings=self._settings)
        name = self._container.settings.service_name
        bus = RabbitMQBus(self._container.settings.rabbitmq_url, OTHER_SERVICE)
        bus.declare(received_from(name))
        bus.close()
        self._messages.listen()

    def _callers(self) -> list[Caller]:
        callers = [
            Caller(
                lambda: self._processes.addresses,
                self._ledger,
                self._messages,
                self._shipping,
                self._settings["TOKEN_ISSUER"],
                seed,
            )
            for seed in range(CALLERS)
        ]
        for each in callers:
            each.register()
        return callers

    def _park(self, caller: Caller) -> None:
        """Have messages parked: they come too early, and were tried often enough."""
        for _ in range(PARKED):
            identifier = caller.place(Fate.TIMED_OUT)
            event = parcel_dispatched(identifier)
            self._ledger.announced.append((event, identifier))
            self._messages.send_for_the_last_time(event)
        wait_until(lambda: self._messages.parked == PARKED)
        self._known_parked = PARKED

    def _redrive(self) -> None:
        """Send them back by the new version's command, once they do no harm."""
        if self._is_hopeless:
            return
        output = self._new.carafe("parked", "redrive", "--all", settings=self._settings)
        if f"{PARKED} messages: redrive done; 0 stay" not in output:
            self._ledger.faults.append(f"lost: parked messages were not redriven: {output}")
        self._known_parked = 0

    def _together(self) -> None:
        old, new = self._old, self._new
        self._phase("together", [*roles(old, ONE_HALF), *roles(new, OTHER_HALF)])
        self._phase("swapped", [*roles(old, OTHER_HALF), *roles(new, ONE_HALF)])

    def _phase(self, name: str, wanted: list[Role] | None = None) -> None:
        """Go on with these processes for a while, or until it is known that something is wrong."""
        phase = Phase(name, time.time())
        self._phases.append(phase)
        if wanted is not None and not self._is_hopeless:
            self._processes.replace(wanted)
        end = time.monotonic() + self._timing.phase_seconds
        while time.monotonic() < end and not self._is_hopeless:
            time.sleep(POLL_SECONDS)
        phase.ended = time.time()

    def _turn(self, version: Version, what: str) -> None:
        """Let everything wait at once, and prepare the database with the version that comes."""
        self._processes.stop(self._processes.workers)
        version.carafe("database", "apply", settings=self._settings)
        version.carafe("bus", "declare", settings=self._settings)
        if self._is_hopeless:
            return
        wait_until(lambda: all(waiting(self._container, self._messages).values()))
        counts = waiting(self._container, self._messages)
        self._at_turns.append(f"{what} with {told(counts)}, {self._messages.parked} parked")

    @property
    def _is_hopeless(self) -> bool:
        """Whether something is known to be wrong already."""
        return (
            bool(self._ledger.faults)
            or self._messages.are_any_dead
            or self._messages.parked > self._known_parked
            or any(self._processes.errors())
        )

    def _rest(self) -> None:
        """Wait until nothing waits any more; a sweep comes every minute."""
        phase = Phase("rest", time.time())
        deadline = time.monotonic() + self._timing.rest_seconds
        while (rest := self._waiting()) and not self._is_hopeless:
            if time.monotonic() > deadline:
                break
            time.sleep(POLL_SECONDS)
        phase.ended = time.time()
        self._phases.append(phase)
        self._has_ended_early = self._is_hopeless
        if rest and not self._has_ended_early:
            seconds = f"{self._timing.rest_seconds:.0f} s"
            self._ledger.faults.append(f"lost: {rest} are still there after {seconds}")

    def _waiting(self) -> str:
        return told(waiting(self._container, self._messages))

    def _report(self) -> Report:
        """Reconcile; of a run that ended early, only what ended it is told."""
        database = self._container.database
        put_aside = list(self._messages.put_aside())[self._known_parked :]
        found = Reconciliation(
            {name: database[name].find() for name in COLLECTIONS},
            self._messages.arrived(),
            self._ledger,
            self._parcels(),
        )
        faults = [f"refused: {each}" for each in [*put_aside, *self._processes.errors()]]
        faults += (
            [*self._ledger.faults, *found.missing_keys()]
            if self._has_ended_early
            else found.faults()
        )
        return Report(
            [*dict.fromkeys(faults)], [*figures(self._phases, self._ledger, found), *self._at_turns]
        )

    def _parcels(self) -> dict[str, list[str]]:
        url = f"{self._settings['SHIPPING_URL']}/parcels"
        parcels = urllib3.request("GET", url).json()["parcels"]
        return {each["order_id"]: each["effects"] for each in parcels}
