"""A wired service: where ports meet adapters.

Everything is made on first use and kept for the warm invocations that follow, so that
each function pays only for what it needs.
"""

import functools
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from carafe.domain.model import AggregateRoot, collection_of

from . import database as _database  # noqa: F401 - before pymongo
from .declaration import Declaration
from .identifiers import now
from .lazy_proxy import LazyProxy
from .references import resolve
from .settings import Settings

if TYPE_CHECKING:
    from pymongo.database import Database

    from .authorization.tokens import TokenVerifier
    from .aws.services import Sqs
    from .database.cursors import Cursors
    from .database.mongo.mongo_repository import MongoRepository
    from .database.mongo.outbox_store import MongoOutboxStore
    from .database.mongo.schema_sync import Change
    from .database.mongo.timer_store import MongoTimerStore
    from .event_bus.port import EventBus
    from .outbox.nudges import SqsNudges
    from .outbox.outbox import Outbox
    from .outbox.relay import Relay
    from .timers.nudges import TimerNudges
    from .timers.sweep import TimerSweep

A = TypeVar("A", bound=AggregateRoot)
P = TypeVar("P")
S = TypeVar("S", bound=Settings)

NUDGE_SECONDS = 1
"""The caller's answer waits for a nudge."""


class Container(Generic[S]):
    """A service on its settings.

    Args:
        service: what is wired.
        settings: what the environment decides.
        clock: returns the present; tests pass one that they move by hand.
    """

    def __init__(
        self, service: Declaration[S], settings: S, clock: Callable[[], datetime] = now
    ) -> None:
        self.service = service
        self.settings = settings
        self.clock = clock
        self._repositories: dict[type[AggregateRoot], object] = {}
        self._adapters: dict[type, object] = {}

    @functools.cached_property
    def database(self) -> "Database[dict[str, Any]]":
        """The database, as `connected_database`."""
        from .database.mongo.connection import connected_database

        return connected_database(self.settings)

    def repository(self, aggregate: type[A]) -> "MongoRepository[A]":
        """Return what keeps an aggregate.

        Raises:
            KeyError: the service declares no repository of it.
        """
        if aggregate not in self._repositories:
            kind = resolve(self.service.repositories[aggregate])
            self._repositories[aggregate] = kind(
                self.database, self.outbox, self.nudge, self.cursors, self.clock
            )
        return cast("MongoRepository[A]", self._repositories[aggregate])

    def adapter(self, port: type[P]) -> P:
        """Return what fills a port of the domain; it is made on first use.

        Raises:
            KeyError: the service declares no adapter of it.
        """
        if port not in self._adapters:
            reference = self.service.adapters[port]
            proxy = LazyProxy(lambda: resolve(reference)(self.settings))
            self._adapters.setdefault(port, proxy)  # another thread may have been faster
        return cast("P", self._adapters[port])

    @functools.cached_property
    def cursors(self) -> "Cursors":
        """Seals the cursors of pages."""
        from .database.cursors import Cursors

        return Cursors(self.settings.cursor_secret)

    @functools.cached_property
    def outbox(self) -> "Outbox":
        """Makes the envelopes of events."""
        from .outbox.outbox import Outbox

        return Outbox(
            self.settings.service_name,
            self.service.published,
            sent=self.service.sent,
            clock=self.clock,
        )

    def nudge(self, collection: str, identifier: str, due: datetime | None = None, /) -> None:
        """Hurry what a commit left to do, as `Nudge`."""
        if due is None:
            self._nudges(collection, identifier)
        else:
            from .timers.nudges import delay_until

            self.timer_nudges(collection, identifier, due, delay_until(due, self.clock()))

    @functools.cached_property
    def timer_nudges(self) -> "TimerNudges":
        """Sends the nudges of timers."""
        from .timers.nudges import TimerNudges

        return TimerNudges(self.sqs, self.settings.command_queue_url)

    @functools.cached_property
    def timer_stores(self) -> "dict[str, MongoTimerStore]":
        """The timers, by collection; of a kind that is no longer declared, too."""
        from .database.mongo.timer_store import MongoTimerStore

        collections = map(collection_of, self.service.repositories)
        return {each: MongoTimerStore(self.database[each]) for each in collections}

    @functools.cached_property
    def timer_sweep(self) -> "TimerSweep":
        """Sends the nudges that no commit sent."""
        from .timers.sweep import TimerSweep

        return TimerSweep(self.timer_stores, self.timer_nudges, self.clock)

    def stuck_processes(self) -> int:
        """Return how many processes wait for a person, since they cannot be undone.

        Raises:
            StoreUnavailable: the database did not answer in time.
        """
        from .database.mongo.process_store import stuck_count

        return sum(
            stuck_count(self.database[collection_of(each)]) for each in self.service.processes
        )

    @functools.cached_property
    def _nudges(self) -> "SqsNudges":
        from .outbox.nudges import SqsNudges

        return SqsNudges(self.sqs, self.settings.nudge_queue_url)

    @functools.cached_property
    def sqs(self) -> "Sqs":
        """SQS; it answers soon or not at all, since the caller's answer waits for it."""
        from .aws.client import AwsClient
        from .aws.configuration import SQS
        from .aws.services import Sqs

        return Sqs(AwsClient(SQS, attempt_seconds=NUDGE_SECONDS, total_seconds=NUDGE_SECONDS))

    @functools.cached_property
    def tokens(self) -> "TokenVerifier":
        """Checks access tokens."""
        from .authorization.key_set import Issuer, KeySet
        from .authorization.profile import TokenProfile
        from .authorization.tokens import TokenVerifier

        settings = self.settings
        profile = TokenProfile(
            settings.token_issuer,
            frozenset(settings.token_audience.split()),
            settings.token_audience_claim,
            tuple(settings.token_scope_claims.split()),
            settings.token_scope_prefix,
        )
        keys = KeySet(Issuer(profile.issuer, settings.token_keys_url).fetch_keys)
        return TokenVerifier(profile, keys, self.service.scopes)

    @functools.cached_property
    def bus(self) -> "EventBus":
        """The event bus that EVENT_BUS_TYPE names."""
        if self.settings.event_bus_type == "base":
            from .event_bus.memory import MemoryBus

            return MemoryBus()
        from .event_bus.rabbitmq import RabbitMQBus

        return RabbitMQBus(
            self.settings.rabbitmq_url,
            self.settings.service_name,
            renewed_url=lambda: self.service.read_settings().rabbitmq_url,
        )

    @functools.cached_property
    def relay(self) -> "Relay":
        """Takes events and commands from the outboxes to where they go."""
        from .outbox.own_commands import OwnCommands
        from .outbox.relay import Relay

        sqs = cast("Sqs", LazyProxy(lambda: self.sqs))  # few services need it here
        own_commands = OwnCommands(sqs, self.settings.command_queue_url)
        return Relay(self.outbox_stores, self.bus, own_commands)

    @functools.cached_property
    def outbox_stores(self) -> "dict[str, MongoOutboxStore]":
        """The pending events, by collection."""
        from .database.mongo.outbox_store import MongoOutboxStore

        collections = map(collection_of, self.service.repositories)
        return {each: MongoOutboxStore(self.database[each]) for each in collections}

    @property
    def repositories(self) -> "list[MongoRepository[Any]]":
        """The repository of every aggregate."""
        return [self.repository(each) for each in self.service.repositories]

    def prepare_bus(self) -> None:
        """Make the exchanges and queues that are missing; the in-memory bus needs none.

        Raises:
            BusUnavailable: the broker did not answer in time.
        """
        self.bus.declare(
            self.service.subscribed,
            own_events=self.service.own_events,
            sends_commands=bool(self.service.outgoing),
        )

    def require_database(self) -> None:
        """Check that the database answers.

        Raises:
            StoreUnavailable: it did not, in time.
        """
        from .database.mongo.faults import store_faults

        with store_faults():
            self.database.command("ping")

    def database_plan(self) -> "list[Change]":
        """Return how the live database differs from what the domain declares.

        Raises:
            StoreUnavailable: the database did not answer in time.
        """
        from .database.mongo.schema_sync import plan

        return [
            change for each in self.service.repositories for change in plan(self.database, each)
        ]

    def prepare_database(self) -> "list[Change]":
        """Make collections, validators and indexes that are missing, and drop nothing.

        Returns:
            What was left, since it drops something or undoes what newer code has made.

        Raises:
            StoreUnavailable: the database did not answer in time.
        """
        from .database.mongo.schema_sync import apply

        return apply(self.database_plan())

    def close(self) -> None:
        """Close the connections that were opened."""
        opened = vars(self)
        if "database" in opened:
            self.database.client.close()
        if "bus" in opened:
            self.bus.close()
        if "sqs" in opened:
            self.sqs.close()
