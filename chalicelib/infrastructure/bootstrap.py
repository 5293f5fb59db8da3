"""Where ports meet adapters: the one place that wires the service.

Everything is made on first use and kept for the warm invocations that follow, so that
each function pays only for what it needs.
"""

import functools
import logging
from typing import TYPE_CHECKING, Any

from chalicelib.contracts.integration_events import PUBLISHED, faults_of
from chalicelib.domain.model import AggregateRoot, collection_of
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product

from . import logs, secrets
from .errors import SecretsUnavailable
from .settings import BadSettings, Settings, environment

if TYPE_CHECKING:
    from pymongo.database import Database

    from .authorization.tokens import Tokens
    from .cqrs.buses.port import EventBus
    from .cqrs.nudges import SqsNudges
    from .cqrs.outbox import Outbox
    from .cqrs.relay import Relay
    from .database.cursors import Cursors
    from .database.mongo.mongo_repository import MongoRepository
    from .database.mongo.order_repository import OrderRepository
    from .database.mongo.outbox_store import MongoOutboxStore
    from .database.mongo.product_repository import ProductRepository
    from .database.mongo.schema_sync import Change
    from .external_services.payment_gateway import HttpPaymentGateway

log = logging.getLogger(__name__)

AGGREGATES: tuple[type[AggregateRoot], ...] = (Order, Product)

# The ladder of timeouts: each rung ends before the one above it gives up.
SERVER_SELECTION_MS = 3_000
OPERATION_MS = 5_000
NUDGE_SECONDS = 1
SECRET_SECONDS = 2


class Container:
    """The wired service.

    Args:
        settings: what the environment decides.

    Raises:
        ValueError: an event has no wire name, or two share one.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        faults = faults_of(PUBLISHED)
        if faults:
            raise ValueError("integration events: " + "; ".join(faults))

    @functools.cached_property
    def database(self) -> "Database[dict[str, Any]]":
        """The database; writes are acknowledged, and reads confirmed, by a majority."""
        from pymongo import MongoClient

        client: MongoClient[dict[str, Any]] = MongoClient(
            self.settings.mongo_uri,
            appname=self.settings.service_name,
            tz_aware=True,
            uuidRepresentation="standard",
            w="majority",
            # A read that a failover could take back would let the relay announce a phantom.
            readConcernLevel="majority",
            serverSelectionTimeoutMS=SERVER_SELECTION_MS,
            timeoutMS=OPERATION_MS,
        )
        return client[self.settings.mongo_database]

    @functools.cached_property
    def orders(self) -> "OrderRepository":
        """The orders."""
        from .database.mongo.order_repository import OrderRepository

        return OrderRepository(self.database, self.outbox, self.nudge, self.cursors)

    @functools.cached_property
    def products(self) -> "ProductRepository":
        """The catalogue."""
        from .database.mongo.product_repository import ProductRepository

        return ProductRepository(self.database, self.outbox, self.nudge, self.cursors)

    @functools.cached_property
    def cursors(self) -> "Cursors":
        """Seals the cursors of pages."""
        from .database.cursors import Cursors

        return Cursors(self.settings.cursor_secret)

    @functools.cached_property
    def outbox(self) -> "Outbox":
        """Makes the envelopes of events."""
        from .cqrs.outbox import Outbox

        return Outbox(self.settings.service_name)

    def nudge(self, collection: str, identifier: str) -> None:
        """Tell the bridge which document has events; who only reads never loads boto3."""
        self._nudges(collection, identifier)

    @functools.cached_property
    def _nudges(self) -> "SqsNudges":
        from .cqrs.nudges import SqsNudges

        return SqsNudges(self.sqs, self.settings.nudge_queue_url)

    @functools.cached_property
    def sqs(self) -> Any:  # noqa: ANN401 - boto3's client has no type
        """SQS; it answers soon or not at all, since the caller's answer waits for it."""
        import boto3
        from botocore.config import Config

        brief = Config(
            connect_timeout=NUDGE_SECONDS,
            read_timeout=NUDGE_SECONDS,
            retries={"total_max_attempts": 1},
        )
        return boto3.client("sqs", config=brief)

    @functools.cached_property
    def payments(self) -> "HttpPaymentGateway":
        """The payment gateway."""
        from .external_services.http_client import HttpClient
        from .external_services.payment_gateway import HttpPaymentGateway

        return HttpPaymentGateway(HttpClient(self.settings.payments_url, "payment service"))

    @functools.cached_property
    def tokens(self) -> "Tokens":
        """Checks access tokens."""
        from .authorization.key_set import Issuer, KeySet
        from .authorization.tokens import Tokens

        issuer = self.settings.token_issuer
        return Tokens(issuer, self.settings.token_audience, KeySet(Issuer(issuer).fetch_keys))

    @functools.cached_property
    def bus(self) -> "EventBus":
        """The event bus that EVENT_BUS_TYPE names."""
        if self.settings.event_bus_type == "base":
            from .cqrs.buses.memory import MemoryBus

            return MemoryBus()
        from .cqrs.buses.rabbitmq import RabbitMQBus

        return RabbitMQBus(
            self.settings.rabbitmq_url,
            self.settings.service_name,
            renewed_url=lambda: read_settings().rabbitmq_url,
        )

    @functools.cached_property
    def relay(self) -> "Relay":
        """Takes events from the outboxes to the bus."""
        from .cqrs.relay import Relay

        return Relay(self.outbox_stores, self.bus)

    @functools.cached_property
    def outbox_stores(self) -> "dict[str, MongoOutboxStore]":
        """The pending events, by collection."""
        from .database.mongo.outbox_store import MongoOutboxStore

        collections = map(collection_of, AGGREGATES)
        return {each: MongoOutboxStore(self.database[each]) for each in collections}

    @property
    def repositories(self) -> "list[MongoRepository[Any]]":
        """The repository of every aggregate; each is called as its collection."""
        return [getattr(self, collection_of(each)) for each in AGGREGATES]

    def prepare_bus(self) -> None:
        """Make the exchanges and queues that are missing; the in-memory bus needs none.

        Raises:
            BusUnavailable: the broker did not answer in time.
        """
        self.bus.declare()

    def database_plan(self) -> "list[Change]":
        """Return how the live database differs from what the domain declares.

        Raises:
            StoreUnavailable: the database did not answer in time.
        """
        from .database.mongo.schema_sync import plan

        return [change for each in AGGREGATES for change in plan(self.database, each)]

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


@functools.cache
def container() -> Container:
    """Return the service, wired from the environment, once for each process.

    Raises:
        BadSettings: the environment is not right.
        SecretsUnavailable: settings that are secret cannot be read.
    """
    service = Container(read_settings())
    if not service.settings.is_local:
        logs.configure()
    return service


def renew() -> bool:
    """Read the settings again, and wire the service anew if they have changed.

    Returns:
        Whether they have; not so when they cannot be read.
    """
    old = container()
    try:
        if read_settings() == old.settings:
            return False
    except (BadSettings, SecretsUnavailable) as error:
        log.error("the settings cannot be read again: %s", error)  # noqa: TRY400 - no values in it
        return False
    container.cache_clear()
    old.close()
    return True


def read_settings() -> Settings:
    """Read the environment, and the secrets that it names.

    Raises:
        BadSettings, SecretsUnavailable: as `container`.
    """
    given = environment()
    if given.get(secrets.SETTINGS) or given.get(secrets.BROKER_LOGIN):
        given = secrets.completed(given, _secrets_client())
    return Settings.read(given)


@functools.cache
def _secrets_client() -> Any:  # noqa: ANN401 - boto3's client has no type
    import boto3
    from botocore.config import Config

    soon = Config(
        connect_timeout=SECRET_SECONDS,
        read_timeout=SECRET_SECONDS,
        retries={"total_max_attempts": 2},
    )
    return boto3.client("secretsmanager", config=soon)
