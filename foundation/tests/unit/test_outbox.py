"""What an aggregate recorded, as envelopes."""

import msgspec
import pytest

from carafe.contracts.envelope import CloudEvent
from carafe.infrastructure.outbox.outbox import Outbox
from carafe.testing.contexts import a_context
from chalicelib.contracts.integration_events import PUBLISHED
from tests.support.orders import a_paid_order


@pytest.mark.parametrize("traceparent", [None, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b-01"])
def test_an_envelope_is_a_cloud_event_and_nothing_more(traceparent: str | None) -> None:
    context = msgspec.structs.replace(a_context(), traceparent=traceparent)
    envelopes = Outbox("ordering", PUBLISHED).envelopes(a_paid_order(lines=2), context)
    assert [each["type"] for each in envelopes] == [
        "ordering.order.placed.v1",
        "ordering.order.paid.v1",
    ]
    for envelope in envelopes:
        assert msgspec.to_builtins(msgspec.convert(envelope, CloudEvent)) == envelope
        assert envelope.get("traceparent") == traceparent
