"""What an aggregate recorded, as pending entries."""

import msgspec
import pytest

from carafe.contracts.envelope import CloudEvent
from carafe.infrastructure.outbox.outbox import Outbox, PendingEntry, body_of, envelope_of
from carafe.testing.contexts import a_context
from chalicelib.contracts.integration_events import PUBLISHED
from tests.support.orders import a_paid_order


@pytest.mark.parametrize("traceparent", [None, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b-01"])
def test_an_envelope_is_a_cloud_event_and_nothing_more(traceparent: str | None) -> None:
    context = msgspec.structs.replace(a_context(), traceparent=traceparent)
    entries = Outbox("ordering", PUBLISHED).entries(a_paid_order(lines=2), context)
    for envelope in map(envelope_of, entries):
        assert msgspec.to_builtins(msgspec.convert(envelope, CloudEvent)) == envelope
        assert envelope.get("traceparent") == traceparent


def test_an_entry_says_what_the_relay_needs_and_the_text_that_it_publishes() -> None:
    order = a_paid_order(lines=2)
    entries = Outbox("ordering", PUBLISHED).entries(order, a_context())
    assert [(each["type"], each["sequence"]) for each in entries] == [
        ("ordering.order.placed.v1", 1),
        ("ordering.order.paid.v1", 2),
    ]
    for entry in entries:
        envelope = envelope_of(entry)
        assert {name: envelope[name] for name in ("id", "type", "sequence")} == {
            name: each for name, each in entry.items() if name != "body"
        }
        assert body_of(entry) == entry["body"].encode()


def test_an_entry_of_an_earlier_version_is_the_event_itself() -> None:
    (entry, _) = Outbox("ordering", PUBLISHED).entries(a_paid_order(lines=2), a_context())
    envelope = envelope_of(entry)
    assert msgspec.json.decode(body_of(envelope)) == envelope
    assert envelope_of(envelope) == envelope


@pytest.mark.parametrize(
    "entry", [{}, {"body": 7}, {"body": None}, {"specversion": "1.0", "data": {"total": object()}}]
)
def test_the_body_of_a_damaged_entry_is_an_error_that_the_relay_expects(
    entry: PendingEntry,
) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        body_of(entry)
