"""The bus suite finds what it is made to find: buses that break one promise each."""

import pytest

from tests.support.suites import failing_tests

HEAD = """
import pytest
from carafe.infrastructure.event_bus import memory
from carafe.infrastructure.event_bus.memory import MemoryBus
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.testing.suites import MemoryBusTests


class Bus(MemoryBus):
    pass
"""

FOOT = """

class TestBus(MemoryBusTests):
    @pytest.fixture
    def bus(self):
        return Bus()
"""

# What a bus does wrong, and the tests that must find it.
FAULTS = {
    "it confirms what it loses": (
        """
    def publish(self, messages, deadline):
        return super().publish(messages[1:], deadline) | {messages[0].id: Outcome.CONFIRMED}
""",
        "arrives_as_it_was_published outcome",
    ),
    "it changes what it carries": (
        """
    def publish(self, messages, deadline):
        changed = [Message(each.id, each.type, each.routing_key, b"{}") for each in messages]
        return super().publish(changed, deadline)
""",
        "arrives_as_it_was_published",
    ),
    "it knows no order": (
        """
    def publish(self, messages, deadline):
        self.held = [*messages, *vars(self).get("held", [])]
        if len(self.held) == 50:
            super().publish(self.held, deadline)
        return {each.id: Outcome.CONFIRMED for each in messages}
""",
        "in_that_order",
    ),
    "it delivers twice": (
        """
    def publish(self, messages, deadline):
        super().publish(messages, deadline)
        return super().publish(messages, deadline)
""",
        "its_own_copy_once in_that_order",
    ),
    "everybody gets everything": (
        """
    def subscribe(self, patterns, queue=None):
        return super().subscribe(["#"], queue)
""",
        "patterns_choose_by_routing_key",
    ),
    "its queues go with their subscriptions": (
        """
    def subscribe(self, patterns, queue=None):
        return super().subscribe(patterns)
""",
        "keeps_what_comes_meanwhile not_settled_comes_again",
    ),
    "what nobody wants is gone": (
        """
    def publish(self, messages, deadline):
        outcomes = super().publish(messages, deadline)
        self.unrouted.clear()
        return outcomes
""",
        "nobody_wants_is_confirmed_and_kept",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bus_that_breaks_its_promise_is_found(pytester: pytest.Pytester, fault: str) -> None:
    body, finders = FAULTS[fault]
    for finder, failed in failing_tests(pytester, HEAD + body + FOOT, finders.split()).items():
        assert failed, f"no test fails for {finder}"
