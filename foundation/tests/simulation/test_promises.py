"""The simulated servers keep what the real ones promise, by the same suites."""

from datetime import timedelta

import pytest

from carafe.development.project import Project
from carafe.domain.model import collection_of
from carafe.infrastructure.database.mongo.outbox_store import MongoOutboxStore
from carafe.infrastructure.event_bus.names import unrouted_queue
from carafe.infrastructure.event_bus.port import EventBus
from carafe.infrastructure.outbox.outbox import Envelope, Outbox, envelope_of
from carafe.infrastructure.outbox.store import OutboxStore
from carafe.infrastructure.references import resolve
from carafe.testing.clock import AdvanceableClock
from carafe.testing.stores import CURSORS, Nudged, Store
from carafe.testing.suites import BusTests, OutboxStoreTests
from carafe.testing.suites.repository import RepositoryPromises
from chalicelib.domain.order import Order
from simulation.collection import Database
from tests.support.orders import another_order, orders_in_every_status
from tests.support.simulated_servers import SimulatedBus, a_database


@pytest.fixture
def database() -> Database:
    """An empty simulated database."""
    return a_database()


@pytest.fixture
def simulated_orders(project: Project, database: Database) -> Store[Order]:
    """The service's repository of orders, on a simulated database."""
    service, nudged, clock = project.service, Nudged(), AdvanceableClock()
    outbox = Outbox(service.name, service.published, sent=service.sent, clock=clock)
    kind = resolve(service.repositories[Order])
    collection = database[collection_of(Order)]

    def pending(identifier: str) -> list[Envelope]:
        document = collection.find_one({"_id": identifier})
        return [envelope_of(each) for each in document["pending"]] if document else []

    return Store(kind(database, outbox, nudged, CURSORS, clock), pending, nudged, clock)


class TestSimulatedOrders(RepositoryPromises[Order]):
    """The store; unique attributes, which it does not know, are none of an order's."""

    aggregate = Order
    an_aggregate = staticmethod(another_order)
    examples = staticmethod(orders_in_every_status)

    @pytest.fixture
    def store(self, simulated_orders: Store[Order]) -> Store[Order]:
        return simulated_orders


class TestSimulatedOutbox(OutboxStoreTests[Order]):
    """The same, as the relay sees it."""

    aggregate = Order
    an_aggregate = staticmethod(another_order)

    @pytest.fixture
    def store(self, simulated_orders: Store[Order]) -> Store[Order]:
        # A real server takes longer than a millisecond, the smallest difference of times.
        assert simulated_orders.clock is not None
        simulated_orders.clock.advance(timedelta(milliseconds=-5))
        return simulated_orders

    @pytest.fixture
    def outbox(self, database: Database) -> OutboxStore:
        return MongoOutboxStore(database[collection_of(Order)])  # type: ignore[arg-type]


class TestSimulatedBus(BusTests):
    """The broker, and the publisher's connection to it."""

    @pytest.fixture
    def bus(self) -> EventBus:
        return SimulatedBus("harbour")

    def unrouted(self, bus: EventBus) -> list[str]:
        with bus.subscribe([], queue=unrouted_queue("harbour")) as subscription:
            message = subscription.receive(0)
            return [message.id] if message else []
