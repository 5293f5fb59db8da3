"""A wired service: where ports meet adapters.

Everything is made on first use and kept for the warm invocations that follow, so that
each function pays only for what it needs.
"""

import functools
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from carafe.domain.model import AggregateRoot, collection_of

from . import database as _database  # noqa: F401 - before pymongo
from .declaration import Declaration
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
    from .event_bus.port import EventBus
    from .outbox.nudges import SqsNudges
    from .outbox.outbox import Outbox
    from .outbox.relay import Relay

A = TypeVar("A", bound=AggregateRoot)
P = TypeVar("P")
S = TypeVar("S", bound=Settings)

# The ladder of timeouts: each rung ends before the one above it gives up.
SERVER_SELECTION_MS = 3_000
OPERATION_MS = 5_000
NUDGE_SECONDS = 1


class Container(Generic[S]):
    """A service on its settings.

    Args:
        service: what is wired.
        settings: what the environment decides.
    """

    def __init__(self, service: Declaration[S], settings: S) -> None:
        self.service = service
        self.settings = settings
        self._repositories: dict[type[AggregateRoot], object] = {}
        self._adapters: dict[type, object] = {}

    @functools.cached_property
    def database(self) -> "Database[dict[str, Any]]":
        """The database; writes are acknowledged, and reads confirmed, by a majority.

        What is set here counts for more than the same option of MONGO_URI.
        """
        from pymongo import MongoClient

        client: MongoClient[dict[str, Any]] = MongoClient(
            self.settings.mongo_uri,
            appname=self.settings.service_name,
            tz_aware=True,
            uuidRepresentation="standard",
            w="majority",
            # A read that a failover could take back would let the relay announce a phantom.
            readConcernLevel="majority",
            # A secondary may not have yet what the same caller has just written. The two options
            # that MONGO_URI may have beside this one are only for other read preferences.
            readPreference="primary",
            readPreferenceTags="",
            maxStalenessSeconds=-1,
            serverSelectionTimeoutMS=SERVER_SELECTION_MS,
            timeoutMS=OPERATION_MS,
        )
        return client[self.settings.mongo_database]

    def repository(self, aggregate: type[A]) -> "MongoRepository[A]":
        """Return what keeps an aggregate.

        Raises:
            KeyError: the service declares no repository of it.
        """
        if aggregate not in self._repositories:
            kind = resolve(self.service.repositories[aggregate])
            self._repositories[aggregate] = kind(
                self.database, self.outbox, self.nudge, self.cursors
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

        return Outbox(self.settings.service_name, self.service.published)

    def nudge(self, collection: str, identifier: str) -> None:
        """Tell the bridge which document has events."""
        self._nudges(collection, identifier)

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
        from .authorization.tokens import TokenVerifier

        issuer = self.settings.token_issuer
        keys = KeySet(Issuer(issuer).fetch_keys)
        return TokenVerifier(issuer, self.settings.token_audience, keys, self.service.scopes)

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
        """Takes events from the outboxes to the bus."""
        from .outbox.relay import Relay

        return Relay(self.outbox_stores, self.bus)

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
        self.bus.declare(self.service.subscribed)

    def database_plan(self) -> "list[Change]":
        """Return how the live database differs from what the domain declares.

        Raises:
            StoreUnavailable: the database did not answer in time.
        """
        from .database.mongo.schema_sync import plan

        return [
            change for each in self.service.repositories for change in plan(self.database, each)
        ]

    def prepare_database(self) -> None:
        """Make collections, validators and indexes that are missing, and drop nothing.

        Raises:
            StoreUnavailable: the database did not answer in time.
        """
        from .database.mongo.schema_sync import apply

        apply(self.database_plan())

    def close(self) -> None:
        """Close the connections that were opened."""
        opened = vars(self)
        if "database" in opened:
            self.database.client.close()
        if "bus" in opened:
            self.bus.close()
        if "sqs" in opened:
            self.sqs.close()
