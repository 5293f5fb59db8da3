"""The repository suite finds what it is made to find: repositories that break one promise each."""

import pytest

from tests.support.suites import failing_tests

HEAD = """
import copy
from datetime import timedelta
import pytest
from carafe.contracts.base import CommandResult
from carafe.infrastructure.outbox.outbox import Outbox
from carafe.infrastructure.database.cursors import Cursors
from carafe.infrastructure.database.memory.memory_repository import MemoryRepository
from carafe.infrastructure.database.repository import Page
from carafe.testing.clock import AdvanceableClock
from carafe.testing.stores import CURSORS, Nudged, Store
from carafe.testing.suites import MemoryRepositoryTests

from chalicelib.domain.product import Product
from chalicelib.infrastructure.bootstrap import service
from tests.infrastructure.repositories.test_promises import another_product


class Products(MemoryRepository[Product]):
    aggregate = Product
"""

FOOT = """

class TestProducts(MemoryRepositoryTests[Product]):
    aggregate = Product
    an_aggregate = staticmethod(another_product)

    @pytest.fixture
    def declared(self):
        return service

    @pytest.fixture
    def store(self):
        nudged, clock = Nudged(), AdvanceableClock()
        products = Products(Outbox("ordering", service.published), nudged, CURSORS, clock)
        return Store(products, products.pending, nudged, clock)
"""

# What a repository does wrong, and the tests that must find it.
FAULTS = {
    "it overwrites what others have saved": (
        """
    def _require_unchanged(self, aggregate, found):
        self._refusals.require_alive(found, aggregate.id)
""",
        "stale_writer many_saves_of_one_version many_writers_at_once",
    ),
    "it saves what was deleted": (
        """
    def _require_unchanged(self, aggregate, found):
        if found is None or found["version"] != aggregate.version:
            raise self._refusals.stale()
""",
        "changed_by_who_deleted_it",
    ),
    "it takes an id twice": (
        """
    def _require_new(self, _aggregate, found):
        pass
""",
        "id_can_be_taken_only_once its_id_stays_taken",
    ),
    "it remembers no command": (
        """
    def _bookkeeping(self, before, events, context):
        return super()._bookkeeping(before, events, context) | {"handled": []}
""",
        "repeated_creation repeated_change repeated_deletion stale_repeat concurrent_repeats",
    ),
    "it remembers every command": (
        """
    def _bookkeeping(self, before, events, context):
        kept = super()._bookkeeping(before, events, context)
        return kept | {"handled": [*before["handled"], kept["handled"][-1]]}
""",
        "remembered_for_a_day",
    ),
    "it remembers a hundred commands, whenever they came": (
        """
    def _bookkeeping(self, before, events, context):
        kept = super()._bookkeeping(before, events, context)
        return kept | {"handled": [*before["handled"], kept["handled"][-1]][-100:]}
""",
        "remembered_for_a_day",
    ),
    "it remembers the commands of a day alone": (
        """
    def _bookkeeping(self, before, events, context):
        kept = super()._bookkeeping(before, events, context)
        day = timedelta(hours=24)
        handled = [each for each in kept["handled"] if each["at"] > self._clock() - day]
        return kept | {"handled": handled}
""",
        "remembered_for_a_day however_old_they_are",
    ),
    "it forgets the creation like any other command": (
        """
    def _bookkeeping(self, before, events, context):
        kept = super()._bookkeeping(before, events, context)
        if kept["version"] == 150:
            kept["handled"] = kept["handled"][1:]
        return kept
""",
        "remembered_for_a_day",
    ),
    "it loses events": (
        """
    def _bookkeeping(self, before, events, context):
        return super()._bookkeeping(before, events[:-1], context)
""",
        "events_wait_in_the_order goes_on_counting many_writers_at_once",
    ),
    "it counts with gaps": (
        """
    def _bookkeeping(self, before, events, context):
        kept = super()._bookkeeping(before, events, context)
        return kept | {"sequence": kept["sequence"] + 1}
""",
        "goes_on_counting as_it_was_added",
    ),
    "it forgets events with the aggregate": (
        """
    def delete(self, aggregate, context):
        result = super().delete(aggregate, context)
        self._documents[aggregate.id]["pending"] = []
        return result
""",
        "events_of_what_is_deleted",
    ),
    "it forgets what it deletes": (
        """
    def delete(self, aggregate, context):
        result = super().delete(aggregate, context)
        del self._documents[aggregate.id]
        return result
""",
        "its_id_stays_taken earlier_result_outlives",
    ),
    "it shows what was deleted": (
        """
    def exists(self, identifier):
        return identifier in self._documents
""",
        "what_is_deleted_is_gone",
    ),
    "it hands out one object to all": (
        """
    def get(self, identifier):
        known = vars(self).setdefault("known", {})
        return known.setdefault(identifier, super().get(identifier))
""",
        "what_was_read_changes_only_by_a_save",
    ),
    "it keeps the object that it was given": (
        """
    def add(self, aggregate, context):
        result = super().add(aggregate, context)
        vars(self).setdefault("given", {})[aggregate.id] = aggregate
        return result

    def get(self, identifier):
        return vars(self).get("given", {}).get(identifier) or super().get(identifier)
""",
        "what_was_added_changes_only_by_a_save",
    ),
    "it never nudges": (
        """
    def _commit(self, *arguments):
        self._nudge = lambda *_: None
        return super()._commit(*arguments)
""",
        "only_a_commit_with_events_nudges",
    ),
    "its outbox has no bound": (
        """
    def _bookkeeping(self, before, events, context):
        pending = before["pending"]
        kept = super()._bookkeeping(before | {"pending": []}, events, context)
        return kept | {"pending": [*pending, *kept["pending"]]}
""",
        "full_outbox_refuses_more",
    ),
    "nothing is unique": (
        """
    def _commit(self, *arguments):
        self._unique.move = lambda *_: None
        return super()._commit(*arguments)
""",
        "unique_attribute_can_be_taken many_who_take_it_at_once another_one_has owner_keeps_it",
    ),
    "what was unique stays taken": (
        """
    def _commit(self, *arguments):
        move = self._unique.move
        self._unique.move = lambda before, after: move(None, after)
        try:
            return super()._commit(*arguments)
        finally:
            self._unique.move = move
""",
        "free_again_when_its_owner_is_deleted frees_what_it_replaces",
    ),
    "its pages repeat": (
        """
    def find(self, *criteria, order=(), limit=100, cursor=None):
        page = super().find(*criteria, order=order, limit=limit, cursor=cursor)
        if cursor is not None:
            page = Page([vars(self)["last"], *page.items], page.next_cursor)
        self.last = page.items[-1] if page.items else None
        return page
""",
        "hold_everything_once neither_repeat_nor_skip size_of_a_page_may_change",
    ),
    "its pages are in no order": (
        """
    def find(self, *criteria, order=(), limit=100, cursor=None):
        page = super().find(*criteria, order=order, limit=limit, cursor=cursor)
        return Page(page.items[::-1], page.next_cursor)
""",
        "hold_everything_once stream_holds_everything id_can_be_asked_for",
    ),
    "its last page leads on": (
        """
    def find(self, *criteria, order=(), limit=100, cursor=None):
        page = super().find(*criteria, order=order, limit=limit, cursor=cursor)
        position = CURSORS.seal(["x"], "x")
        return Page(page.items, page.next_cursor or position)
""",
        "whether_there_is_another",
    ),
    "its cursors fit every question": (
        """
    def find(self, *criteria, order=(), limit=100, cursor=None):
        self._cursors = type("Open", (), {
            "open": lambda _, cursor, query: CURSORS.open(cursor, "any"),
            "seal": lambda _, position, query: CURSORS.seal(position, "any"),
        })()
        return super().find(*criteria, order=order, limit=limit, cursor=cursor)
""",
        "cursor_of_another_question",
    ),
    "it ignores criteria": (
        """
    def find(self, *criteria, order=(), limit=100, cursor=None):
        super().find(*criteria, order=order)
        return super().find(order=order, limit=limit, cursor=cursor)
""",
        "asked_for_by_its_value id_can_be_asked_for",
    ),
    "its views are another page": (
        """
    def find_views(self, view, *criteria, order=(), limit=100, cursor=None):
        return super().find_views(view, order=order, limit=limit)
""",
        "views_come_in_pages",
    ),
    "it keeps no timers": (
        """
    def _commit(self, aggregate, *arguments):
        aggregate.has_changed_timers = False
        return super()._commit(aggregate, *arguments)
""",
        "comes_back_with_what_its_commit_notes moves_and_cancels",
    ),
    "its timers go with the next save": (
        """
    def save(self, aggregate, context):
        if not aggregate.has_changed_timers:
            aggregate.replace_timers(())
        return super().save(aggregate, context)
""",
        "save_of_something_else",
    ),
    "it notes nothing of timers": (
        """
    def _commit(self, aggregate, *arguments):
        result = super()._commit(aggregate, *arguments)
        for each in self._documents[aggregate.id].get("timers", ()):
            each["version"] = 1
        return result
""",
        "comes_back_with_what_its_commit_notes may_set_its_timer_again timers_that_many_set",
    ),
    "it nudges every timer": (
        """
    def _commit(self, aggregate, *arguments):
        result = super()._commit(aggregate, *arguments)
        if aggregate.timers and not self._nudge.timers:
            self._nudge("products", aggregate.id, aggregate.timers[0].due)
        return result
""",
        "only_what_is_due_soon commit_that_changes_no_timer",
    ),
    "a deleted one keeps its timers": (
        """
    def delete(self, aggregate, context):
        timers = aggregate.timers
        result = super().delete(aggregate, context)
        aggregate.timers = timers
        return result
""",
        "what_is_deleted_has_no_timers",
    ),
    "a price loses its digits": (
        """
    def _commit(self, aggregate, context, state, require):
        if "price" in state:
            state = copy.deepcopy(state)
            amount = state["price"]["amount"]
            state["price"]["amount"] = type(amount)("7")
        return super()._commit(aggregate, context, state, require)
""",
        "as_it_was_added when_it_is_listed saved_change_comes_back",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_repository_that_breaks_its_promise_is_found(
    pytester: pytest.Pytester, fault: str
) -> None:
    body, finders = FAULTS[fault]
    for finder, failed in failing_tests(pytester, HEAD + body + FOOT, finders.split()).items():
        assert failed, f"no test fails for {finder}"


def test_a_repository_that_keeps_its_promises_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_products=HEAD + FOOT)
    result = pytester.runpytest_inprocess("-p", "carafe.testing.plugin", "-q")
    outcomes = result.parseoutcomes()
    assert outcomes.keys() == {"passed", "skipped"}
    assert outcomes["skipped"] == 1  # what is unique of the aggregate has no condition
    assert outcomes["passed"] >= 60
