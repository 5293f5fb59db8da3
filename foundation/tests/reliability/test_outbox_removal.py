"""Whatever happens between the writes of a removal, no event is lost and no mark stays for good."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest
from pymongo import MongoClient, UpdateOne
from pymongo.collection import Collection
from pymongo.uri_parser import parse_uri

from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.outbox_removal import OutboxRemoval
from carafe.infrastructure.database.mongo.outbox_store import MongoOutboxStore
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON, an_address
from carafe.testing.proxy import ReplyDroppingProxy
from carafe.testing.stores import Store, in_mongo
from chalicelib.domain.order import Order
from tests.support.orders import an_order

# So many writes of a removal may concern one document: one command for all of them, then three.
WRITES = 4


class Crash(Exception):
    """The process ends here."""


class Interrupted(OutboxRemoval):
    """Makes the writes of a removal one by one, and calls a function before one of them."""

    def __init__(
        self, collection: Collection[dict[str, Any]], before: int, action: Callable[[], None]
    ) -> None:
        super().__init__(collection)
        self._before = before
        self._action = action
        self._written = 0

    def _drained(self, event_ids: Mapping[str, Sequence[str]]) -> int:
        self._count()
        return super()._drained(event_ids)

    def _write(self, updates: list[UpdateOne]) -> None:
        for each in updates:
            self._count()
            super()._write([each])

    def _count(self) -> None:
        if self._written == self._before:
            self._action()
        self._written += 1


class StoredOrder:
    """An order with two pending events, and what others do with it."""

    def __init__(self, store: Store[Order], collection: Collection[dict[str, Any]]) -> None:
        self._orders = store.repository
        self.collection = collection
        self.outbox = MongoOutboxStore(collection)
        self.relayed: set[str] = set()
        order = an_order()
        order.change_shipping_address(an_address(), at=NOON)
        self._orders.add(order, a_context())
        self.id = order.id

    def nothing(self) -> None:
        """Leave it as it is."""

    def commit(self) -> None:
        if self._orders.exists(self.id):
            order = self._orders.get(self.id)
            order.change_shipping_address(an_address(), at=NOON)
            self._orders.save(order, a_context())

    def delete(self) -> None:
        if self._orders.exists(self.id):
            self._orders.delete(self._orders.get(self.id), a_context())

    def relay_first_event(self) -> None:
        self._relay(1)

    def relay_everything(self) -> None:
        self._relay(None)

    def commit_and_delete(self) -> None:
        self.commit()
        self.delete()

    def commit_and_relay(self) -> None:
        self.commit()
        self.relay_everything()

    def crash(self) -> None:
        raise Crash

    def _relay(self, most: int | None) -> None:
        for document in self.outbox.pending([self.id]):
            ids = [each["id"] for each in document.events[:most]]
            self.outbox.remove({self.id: ids})
            self.relayed.update(ids)

    def sweep(self) -> None:
        """Relay what the sweep finds, until it finds nothing."""
        while documents := self.outbox.overdue(-1, 10, None):
            for each in documents:
                self.outbox.remove({each.id: [event["id"] for event in each.events]})

    @property
    def document(self) -> dict[str, Any]:
        document = self.collection.find_one({"_id": self.id})
        assert document is not None
        return document

    @property
    def pending_ids(self) -> list[str]:
        return [each["id"] for each in self.document["pending"]]

    def require_marks(self) -> None:
        """The sweep finds it by its mark; the database deletes it by the other one."""
        document = self.document
        assert "pending_since" in document or not document["pending"]
        assert "expires_at" not in document or (
            "deleted_at" in document and not document["pending"]
        )


BEFORE = ["nothing", "commit", "delete", "commit_and_delete"]
MEANWHILE = [*BEFORE, "relay_first_event", "relay_everything", "commit_and_relay", "crash"]


class TestARemoval:
    """Of two events that the bus has confirmed."""

    @pytest.fixture
    def order(self, class_container: Container[Any]) -> StoredOrder:
        collection = class_container.database["orders"]
        collection.delete_many({})
        return StoredOrder(in_mongo(Order, class_container), collection)

    @pytest.mark.parametrize("position", range(WRITES))
    @pytest.mark.parametrize("meanwhile", MEANWHILE)
    @pytest.mark.parametrize("before", BEFORE)
    def test_loses_no_event_and_leaves_no_mark(
        self, order: StoredOrder, before: str, meanwhile: str, position: int
    ) -> None:
        confirmed = order.pending_ids
        committed = set(confirmed)

        def act(name: str) -> None:
            getattr(order, name)()
            committed.update(order.pending_ids)
            order.require_marks()

        act(before)
        interrupted = Interrupted(order.collection, position, lambda: act(meanwhile))
        with suppress(Crash):
            interrupted({order.id: confirmed})
        order.require_marks()
        unknown = committed - set(confirmed) - order.relayed
        assert unknown <= set(order.pending_ids)
        if meanwhile != "crash":
            assert unknown == set(order.pending_ids)
        order.sweep()
        assert order.pending_ids == []
        assert "pending_since" not in order.document
        assert ("expires_at" in order.document) == ("deleted_at" in order.document)

    def test_what_two_relays_took_out_together_is_settled_by_the_sweep(
        self, order: StoredOrder
    ) -> None:
        """A document without events is never returned, and keeps its mark until it is met."""
        order.collection.update_one({"_id": order.id}, {"$set": {"pending": []}})
        assert order.outbox.overdue(-1, 10, None) == []
        assert "pending_since" not in order.document

    def test_what_the_sweep_meets_without_events_hides_nothing_behind_it(
        self, class_container: Container[Any], order: StoredOrder
    ) -> None:
        others = [StoredOrder(in_mongo(Order, class_container), order.collection) for _ in range(2)]
        for each in (order, others[0]):
            order.collection.update_one({"_id": each.id}, {"$set": {"pending": []}})
        (found,) = order.outbox.overdue(-1, 1, None)
        assert found.id == others[1].id

    def test_takes_out_nothing_but_what_it_is_told(self, order: StoredOrder) -> None:
        """Even if the ids are not the oldest ones, or nobody's."""
        first, second = order.pending_ids
        order.outbox.remove({order.id: ["nobody's", second]})
        assert order.pending_ids == [first]
        order.require_marks()

    def test_is_made_again_when_the_connection_breaks(
        self, stack: Stack, order: StoredOrder
    ) -> None:
        """Drivers do not repeat an update of many documents."""
        ((_, port),) = parse_uri(stack.environment["MONGO_URI"])["nodelist"]
        with ReplyDroppingProxy(int(port or 0)) as proxy:
            uri = f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true&retryWrites=false"
            with MongoClient[dict[str, Any]](uri) as client:
                collection = client[order.collection.database.name][order.collection.name]
                proxy.drop_replies(1)
                OutboxRemoval(collection)({order.id: order.pending_ids})
                assert proxy.dropped == 1
        assert order.pending_ids == []
        order.require_marks()
