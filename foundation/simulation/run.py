"""One run: a seed's commands and faults, then everything brought to an end without faults."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from carafe.infrastructure.database.mongo.outbox_store import PARKED_SINCE
from carafe.infrastructure.event_bus.names import inbox_queue
from carafe.infrastructure.event_bus.topology import topology_of
from carafe.infrastructure.timers.grace import LOOK_AHEAD
from carafe.infrastructure.timers.nudges import timer_nudge_in

from .broker import Broker
from .chance import Chance, Faults
from .clients import Clients, Wish, wishes_of
from .functions import Lambda
from .loop import Loop
from .network import Network
from .patches import BEGINNING, simulated
from .promises import broken_promises
from .queues import Queue, Sqs
from .services import declared
from .store import ReplicaSet

FAULTY_SECONDS = 240.0
LONGEST_SECONDS = 6 * 3_600.0
SWEEP_SECONDS = 60.0

SERVICES = declared()


@dataclass
class Run:
    """A run that has come to its end.

    Attributes:
        seed: of it.
        wishes: the commands of its clients.
        faults: what went wrong.
        broken: the promises that were broken, one sentence for each.
        story: what happened, in order.
        calls: so many calls left functions.
        kills: so many functions were killed.
        events: so many different events and commands were published.
        seconds: so long it took, in its own time.
    """

    seed: int
    wishes: list[Wish]
    faults: Faults
    broken: list[str]
    story: list[str] = field(default_factory=list)
    calls: int = 0
    kills: int = 0
    events: int = 0
    seconds: float = 0.0


class World:
    """All servers, services and clients of a run.

    Args:
        seed: of the run.
        wishes: what clients want.
        faults: what goes wrong; drawn from the seed if None.
        is_told: whether the story is taken down.
    """

    def __init__(
        self, seed: int, wishes: list[Wish], faults: Faults | None, *, is_told: bool
    ) -> None:
        self.story: list[str] = []
        self.loop = Loop()
        self.chance = Chance(seed, faults)
        self.network = Network(self.loop, self.chance, self._tell if is_told else None)
        self.stores = {name: ReplicaSet(self.network) for name in SERVICES}
        self.functions = Lambda(SERVICES, self.network)
        self.queues = dict(self._queues())
        self.sqs = Sqs(self.queues, self.network)
        self.broker = self._broker()
        self.clients = Clients(wishes, self.functions, self.network)
        self._sweeping: set[str] = set()
        for name in SERVICES:
            self.loop.call_later(SWEEP_SECONDS, lambda name=name: self._sweep(name))  # type: ignore[misc]

    def play(self) -> None:
        """Let everything happen until nothing is left to do, or for too long."""
        self.loop.run(FAULTY_SECONDS)
        self.chance.is_on = False
        for store in self.stores.values():
            store.step_down()
        self.network.tell("FAULTS END")
        self.loop.run(LONGEST_SECONDS)
        for store in self.stores.values():
            store.replicate()

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is left to do."""
        return (
            not self.chance.is_on
            and self.clients.are_content
            and not any(each.messages for name, each in self.queues.items() if "dead" not in name)
            and not any(each.messages for each in self.broker.queues.values() if each.consume)
            and not any(self.is_waiting(each) for each in self.documents())
        )

    def _tell(self, who: str, text: str) -> None:
        self.story.append(f"{self.loop.now:9.3f} s  {who:<22} {text}")

    def _queues(self) -> Iterable[tuple[str, Queue]]:
        for name in SERVICES:
            works: dict[str, Callable[..., None]] = {
                "nudges": self.functions.bridge,
                "commands": self.functions.execute,
            }
            for kind, work in works.items():

                def invoke(
                    batch: Any,  # noqa: ANN401 - as `queues.Invoke`
                    settle: Any,  # noqa: ANN401 - the same
                    work: Callable[..., None] = work,
                    name: str = name,
                ) -> None:
                    work(name, batch, settle)

                yield f"{name}-{kind}", Queue(f"{name}-{kind}", self.network, invoke, _is_nudge)
            dead = f"{name}-commands-dead"
            yield dead, Queue(dead, self.network, _keep, lambda _: False)

    def _broker(self) -> Broker:
        broker = Broker(self.network)
        for name, service in SERVICES.items():
            topology = topology_of(
                name,
                service.subscribed,
                own_events=service.own_events,
                sends_commands=bool(service.outgoing),
            )
            broker.declare(topology)
            broker.queues[inbox_queue(name)].consume = self.functions.consume
        return broker

    def _sweep(self, name: str) -> None:
        """Sweep every minute while there is something to find, until all is at rest."""
        if self.is_at_rest:
            return
        self.loop.call_later(SWEEP_SECONDS, lambda: self._sweep(name))
        if any(self._is_found(each) for each in self.documents(name)):
            self.functions.sweep(name, lambda *_: None)

    def documents(self, *names: str) -> Iterable[dict[str, Any]]:
        """Yield the documents of services; of all if none is named."""
        for name in names or SERVICES:
            for documents in self.stores[name].latest.values():
                yield from documents.values()

    def _is_found(self, document: dict[str, Any]) -> bool:
        """Return whether a sweep would find a document; one that finds nothing does nothing."""
        due = document.get("next_due")
        horizon = BEGINNING + self.loop.now + LOOK_AHEAD.total_seconds() + 300
        return "pending_since" in document or (due is not None and due.timestamp() <= horizon)

    def is_waiting(self, document: dict[str, Any]) -> bool:
        """Return whether something is still to be done for a document."""
        is_pending = document.get("pending_since", PARKED_SINCE) < PARKED_SINCE
        return is_pending or ("next_due" in document and "deleted_at" not in document)


def played(
    seed: int,
    wishes: list[Wish] | None = None,
    faults: Faults | None = None,
    *,
    is_told: bool = False,
) -> Run:
    """Play a run and check what it should have kept.

    Args:
        seed: of the run.
        wishes: instead of those drawn from the seed.
        faults: instead of those drawn from the seed.
        is_told: whether the story is taken down.
    """
    wishes = wishes_of(seed) if wishes is None else wishes
    world = World(seed, wishes, faults, is_told=is_told)
    with simulated(seed, world.loop, world.stores, world.broker, world.sqs):
        world.play()
        broken = broken_promises(world)
        world.loop.close()
    return Run(
        seed=seed,
        wishes=wishes,
        faults=world.chance.taken,
        broken=broken,
        story=world.story,
        calls=world.network.calls,
        kills=world.network.kills,
        events=len({each.properties.message_id for each in world.broker.stored}),
        seconds=world.loop.now,
    )


def _is_nudge(body: str) -> bool:
    return '"command"' not in body or timer_nudge_in(body) is not None


def _keep(_batch: object, _settle: object) -> None:
    """Leave dead letters where they are."""
