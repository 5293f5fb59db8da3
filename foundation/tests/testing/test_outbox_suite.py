"""The outbox suite finds what it is made to find: outboxes that break one promise each."""

import json

import pytest

from carafe.development.servers.stack import Stack
from tests.support.suites import failing_tests

HEAD = """
import pytest
from datetime import timedelta
from carafe.domain.model import collection_of
from carafe.infrastructure.outbox.store import PendingDocument
from carafe.infrastructure.database.mongo.outbox_store import MongoOutboxStore
from carafe.testing.suites import OutboxStoreTests
from carafe.development.project import Project

from chalicelib.domain.order import Order
from tests.support.orders import an_order
from tests.support.places import ROOT


class Outbox(MongoOutboxStore):
    pass
"""

FOOT = """

@pytest.fixture(scope="session")
def project():
    return Project(ROOT)


class TestOutbox(OutboxStoreTests[Order]):
    aggregate = Order

    def an_aggregate(self):
        return an_order()

    @pytest.fixture
    def outbox(self, class_container):
        return Outbox(class_container.database["orders"])
"""

# What an outbox does wrong, and the tests that must find it.
FAULTS = {
    "it knows no order": (
        """
    def _pending_document(self, document):
        document["pending"] = document["pending"][::-1]
        return super()._pending_document(document)
""",
        "waits_in_its_order without_a_gap",
    ),
    "it returns what nobody asked for": (
        """
    def pending(self, identifiers):
        return self.overdue(-1, 1000, None)
""",
        "only_what_is_asked_for",
    ),
    "it takes away what was added meanwhile": (
        """
    def remove(self, event_ids):
        for identifier in event_ids:
            waiting = self.pending([identifier])
            events = [event["id"] for each in waiting for event in each.events]
            super().remove({identifier: events or ["none"]})
""",
        "added_meanwhile_stays removed_waits_no_longer",
    ),
    "it removes nothing": (
        """
    def remove(self, event_ids):
        pass
""",
        "removed_waits_no_longer still_announces_its_events",
    ),
    "it forgets what it does not return at once": (
        """
    def _pending_document(self, document):
        found = super()._pending_document(document)
        found.complete = True
        return found
""",
        "without_a_gap",
    ),
    "it takes every moment for long": (
        """
    def overdue(self, older_than_seconds, limit, after):
        return super().overdue(0, limit, after)
""",
        "for_a_moment_is_not_overdue",
    ),
    "its batches begin anew": (
        """
    def overdue(self, older_than_seconds, limit, after):
        return super().overdue(older_than_seconds, limit, None)
""",
        "batch_by_batch",
    ),
    "it parks nothing": (
        """
    def park(self, identifier):
        pass
""",
        "parked_waits_for_a_person longest_wait_is_known",
    ),
    "it parks by throwing away": (
        """
    def park(self, identifier):
        self.remove({identifier: [each["id"] for each in self.pending([identifier])[0].events]})
""",
        "parked_waits_for_a_person",
    ),
    "it never knows how long": (
        """
    def oldest_pending_since(self):
        return None
""",
        "longest_wait_is_known",
    ),
    "it leaves the mark of events that are gone": (
        """
    def remove(self, event_ids):
        for identifier, events in event_ids.items():
            update = {"$pull": {"pending": {"id": {"$in": events}}}}
            self._collection.update_one({"_id": identifier}, update)
""",
        "longest_wait_is_known",
    ),
    "it writes whole documents": (
        """
    def remove(self, event_ids):
        for identifier, events in event_ids.items():
            found = self._collection.find_one({"_id": identifier})
            if found is None:
                continue
            found["pending"] = [each for each in found["pending"] if each["id"] not in events]
            if not found["pending"]:
                del found["pending_since"]
            __import__("time").sleep(0.01)  # the moment in which another one commits
            self._collection.replace_one({"_id": identifier}, found)
""",
        "between_those_who_commit_and_those_who_remove",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_outbox_that_breaks_its_promise_is_found(
    pytester: pytest.Pytester, stack: Stack, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setenv("TEST_SERVERS", json.dumps(stack.environment))
    body, finders = FAULTS[fault]
    for finder, failed in failing_tests(pytester, HEAD + body + FOOT, finders.split()).items():
        assert failed, f"no test fails for {finder}"
