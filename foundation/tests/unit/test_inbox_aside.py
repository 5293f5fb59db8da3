"""How messages are put aside, whatever their publishers put around them."""

import pytest

from carafe.infrastructure.cqrs import inbox as inbox_module
from carafe.infrastructure.cqrs.delivery import ATTEMPTS, Delivery
from carafe.infrastructure.errors import BusUnavailable
from tests.support.noted_inbox import (
    NotingBus,
    a_delivery,
    an_event,
    an_inbox,
    failing,
)
from tests.support.stopped_time import PRESENT, SOON, stop_time


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_time(inbox_module, monkeypatch)


def test_one_that_is_refused_with_its_headers_goes_without_them() -> None:
    bus = NotingBus(lambda each: "mark" in each.headers)
    deliveries = [a_delivery(an_event(), mark="bad", **{ATTEMPTS: 1}), a_delivery(an_event(2))]
    an_inbox(bus, failing(LookupError())).settle(deliveries, SOON)
    assert [[each.id for each in wave] for wave in bus.calls] == [
        ["m-e-1", "m-e-2"],
        ["m-e-1"],
        ["m-e-1"],
    ]
    bare = bus.calls[2][0]
    assert (bare.id, bare.type, bare.content_type) == ("m-e-1", "", "application/octet-stream")
    assert (bare.routing_key, bare.body) == ("post.inbox.retry.60s", deliveries[0].body)
    assert bare.headers == {ATTEMPTS: 2, "x-dropped-headers": 1}
    assert bus.deadlines == {SOON}


def test_one_that_was_postponed_keeps_its_count_without_its_headers() -> None:
    bus = NotingBus(lambda each: "mark" in each.headers)
    delivery = a_delivery(an_event(), mark="bad", **{ATTEMPTS: 2})
    an_inbox(bus, failing(AssertionError())).settle([delivery], PRESENT)
    assert bus.aside[-1].headers == {ATTEMPTS: 2, "x-dropped-headers": 1}


def test_one_that_is_refused_once_goes_whole() -> None:
    refusals = iter([True, False])
    bus = NotingBus(lambda _: next(refusals))
    an_inbox(bus, failing(LookupError())).settle([a_delivery(an_event(), mark="kept")], SOON)
    assert [each.headers["mark"] for each in bus.aside] == ["kept", "kept"]


def test_one_that_is_refused_even_bare_fails_the_batch() -> None:
    bus = NotingBus(lambda _: True)
    with pytest.raises(BusUnavailable) as told:
        an_inbox(bus, failing(LookupError())).settle([a_delivery(an_event())], SOON)
    assert told.value.message == (
        "A message could not be put into post.inbox.retry.5s: `carafe bus check` shows whether the "
        "queue exists."
    )
    assert len(bus.calls) == 3


def test_a_message_without_properties_gets_an_id_and_a_type_of_content() -> None:
    bus = NotingBus()
    deliveries = [Delivery(body=b"{"), Delivery(body=b"[")]
    an_inbox(bus, failing(AssertionError())).settle(deliveries, SOON)
    first, second = bus.aside
    assert len(first.id) == 36
    assert first.id != second.id
    assert (first.type, first.content_type) == ("", "application/octet-stream")


def test_of_messages_with_one_id_each_is_put_aside() -> None:
    bus = NotingBus()
    deliveries = [a_delivery(an_event(), mark=number) for number in range(3)]
    an_inbox(bus, failing(LookupError())).settle(deliveries, SOON)
    assert sorted(each.headers["mark"] for each in bus.aside) == [0, 1, 2]
    assert len(bus.calls) == 3
