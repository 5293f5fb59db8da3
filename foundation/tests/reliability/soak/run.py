"""Load, kill, heal, wait until everything has come to rest, reconcile."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from carafe.infrastructure.errors import InfrastructureError
from carafe.infrastructure.event_bus.names import (
    RETRY_DELAYS_SECONDS,
    inbox_queue,
    parked_queue,
    retry_queue,
)

from .load import Customer, Replies
from .reconciliation import Event, Verdict, event_of, reconciled
from .world import CONSUMER_QUEUE, SERVICE, World, pause, running_world, schedule

LONGEST_PAUSE_SECONDS = 3.0
REST_SECONDS = 240.0
POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Report:
    """What a soak found.

    Attributes:
        seed: repeats the same faults.
        seconds: that the load lasted.
        faults: how many, by name.
        replies: what the customers were told.
        verdict: everything, held against each other.
    """

    seed: int
    seconds: float
    faults: Mapping[str, int]
    replies: Replies
    verdict: Verdict

    @property
    def is_clean(self) -> bool:
        """Nothing was lost, invented, reordered or done twice."""
        return not any(self.verdict.faults.values())

    def text(self) -> str:
        """Return the report for a person."""
        replies, verdict = self.replies, self.verdict
        lines = [f"seed {self.seed}, {self.seconds:.0f} s of load"]
        lines += [f"{count} x {name}" for name, count in sorted(self.faults.items())]
        lines.append(
            f"{len(replies.answers)} commands answered, {replies.refused} refused by the domain"
        )
        lines.append(f"{replies.repeats} repeats after an unknown outcome")
        lines.append(f"{verdict.orders} orders, {verdict.events} events committed")
        lines.append(f"{verdict.deliveries} deliveries, {verdict.duplicates} of them repeats")
        for name, found in verdict.faults.items():
            lines.append(f"{len(found)} {name}")
            lines += [f"    {each}" for each in found[:10]]
        return "\n".join(lines)


def soak(
    folder: Path, *, kills: int, seed: int, customers: int, tell: Callable[[str], None]
) -> Report:
    """Run one soak: servers are killed.

    Args:
        folder: for everything that it writes.
        kills: of broker and database, each; functions are killed as often in between.
        seed: of the faults and of the customers' choices.
        customers: so many at once.
        tell: told each kill.
    """
    tell("starting servers and functions")
    with running_world(folder) as world:
        return trial(world, kills, seed, customers, tell)


def trial(
    world: World, times: int, seed: int, customers: int, tell: Callable[[str], None]
) -> Report:
    """Have each fault of a world happen under load so many times, and reconcile.

    Args:
        world: which runs.
        times: of each fault; functions are killed in between.
        seed: of the faults and of the customers' choices.
        customers: so many at once.
        tell: told each fault.
    """
    replies = Replies()
    generator = random.Random(seed)  # noqa: S311 - a repeatable one
    began = time.monotonic()
    with load(world, replies, seed, customers):
        for fault in schedule(generator, world.fault_names, times, world.functions):
            pause(generator, LONGEST_PAUSE_SECONDS)
            tell(f"{time.monotonic() - began:6.1f} s  {fault}")
            world.suffer(fault)
        pause(generator, LONGEST_PAUSE_SECONDS)
    seconds = time.monotonic() - began
    tell("waiting until everything has come to rest")
    come_to_rest(world)
    verdict = reconciled(world.container.database["orders"].find(), arrived(world), replies)
    return Report(seed, seconds, world.faults, replies, verdict)


class load:  # noqa: N801 - reads as what it is in a with statement
    """Customers at work, for as long as the block lasts."""

    def __init__(self, world: World, replies: Replies, seed: int, customers: int) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(
                target=Customer(world.container, replies, seed * 1_000 + number).run,
                args=(self._stopping,),
            )
            for number in range(customers)
        ]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()


def come_to_rest(world: World) -> None:
    """Wait until no event waits for the bus, and no message for a function.

    Raises:
        TimeoutError: something does not move any more.
    """
    deadline = time.monotonic() + REST_SECONDS
    while not (inbox_is_empty(world) and outboxes_are_empty(world)):
        if time.monotonic() > deadline:
            raise TimeoutError("something does not come to rest")
        time.sleep(POLL_SECONDS)


def outboxes_are_empty(world: World) -> bool:
    """Sweep, as the schedule does, and return whether no event waits any more."""
    try:
        world.container.relay.sweep(0, time.monotonic() + 10)
        return not any(store.waiting() for store in world.container.outbox_stores.values())
    except InfrastructureError:
        return False


def inbox_is_empty(world: World) -> bool:
    """Return whether nothing is on its way to `consume`; what was parked is a fault."""
    queues = [
        inbox_queue(SERVICE),
        *(retry_queue(SERVICE, delay) for delay in RETRY_DELAYS_SECONDS),
    ]
    with world.broker() as connection:
        channel = connection.channel()
        counts = {
            name: channel.queue_declare(name, passive=True).method.message_count
            for name in (*queues, parked_queue(SERVICE))
        }
    if counts[parked_queue(SERVICE)]:
        raise AssertionError(f"parked: {counts}")
    return not any(counts.values())


def arrived(world: World) -> Iterator[Event]:
    """Yield everything that the consumer's queue holds, in its order."""
    with world.broker() as connection:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=1_000)
        for method, _properties, body in channel.consume(CONSUMER_QUEUE, inactivity_timeout=2):
            if method is None or body is None:
                return
            channel.basic_ack(method.delivery_tag)
            yield event_of(body)
