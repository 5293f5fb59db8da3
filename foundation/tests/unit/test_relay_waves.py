"""In which waves a relay sends what waits, and what becomes of what is not confirmed."""

from typing import Any

import pytest

from carafe.infrastructure.event_bus.port import Outcome
from carafe.infrastructure.outbox import relay as relay_module
from carafe.infrastructure.outbox.relay import Relay
from carafe.infrastructure.outbox.store import PendingDocument
from tests.support.noted_outboxes import Bus, Outboxes, OwnQueue, a_document, document_of
from tests.support.stopped_time import SOON, stop_time

OTHERS, ITSELF = {"to": "commands"}, {"to": "queue"}


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_time(relay_module, monkeypatch)


def boxes(*documents: PendingDocument) -> Outboxes:
    store = Outboxes()
    store.documents += documents
    return store


def test_wave_k_has_the_entry_k_of_every_document() -> None:
    bus, store = Bus(), boxes(a_document("a", 3), a_document("b"), a_document("c", 2))
    result = Relay({"boxes": store}, bus).relay({"boxes": ["a", "b", "c"]}, SOON)
    assert bus.waves == [["a-0", "b-0", "c-0"], ["a-1", "c-1"], ["a-2"]]
    assert (result.events, result.commands, result.unfinished) == (6, 0, set())
    assert store.removed == [["a", "b", "c"]]
    assert store.removed_events == ["a-0", "a-1", "a-2", "b-0", "c-0", "c-1"]


@pytest.mark.parametrize("outcome", [Outcome.NACKED, Outcome.RETURNED, Outcome.UNKNOWN])
def test_what_is_not_confirmed_holds_back_its_own_document_alone(outcome: Outcome) -> None:
    bus = Bus({"a-1": outcome, "b-0": outcome})
    store = boxes(a_document("a", 3), a_document("b", 2), a_document("c", 3))
    result = Relay({"boxes": store}, bus).relay({"boxes": ["a", "b", "c"]}, SOON)
    assert bus.waves == [["a-0", "b-0", "c-0"], ["a-1", "c-1"], ["c-2"]]
    assert store.removed_events == ["a-0", "c-0", "c-1", "c-2"]
    assert result.unfinished == {("boxes", "a"), ("boxes", "b")}
    assert result.events == 4
    assert result.returned == (2 if outcome is Outcome.RETURNED else 0)
    assert not result.bus_failed


def test_each_entry_goes_where_it_says_and_is_counted_so() -> None:
    bus = Bus()
    store = boxes(document_of("a", {}, OTHERS, ITSELF, {}), document_of("b", ITSELF))
    result = Relay({"boxes": store}, bus, OwnQueue(bus)).relay({"boxes": ["a", "b"]}, SOON)
    assert list(zip(bus.ways, bus.waves, strict=True)) == [
        ("events", ["a-0"]),
        ("queue", ["b-0"]),
        ("commands", ["a-1"]),
        ("queue", ["a-2"]),
        ("events", ["a-3"]),
    ]
    assert (result.events, result.commands, result.confirmed) == (2, 3, 5)
    assert set(bus.seconds) == {5}


def test_without_a_queue_of_its_own_a_service_s_commands_wait() -> None:
    bus, store = Bus(), boxes(document_of("a", {}, ITSELF, {}))
    result = Relay({"boxes": store}, bus).relay({"boxes": ["a"]}, SOON)
    assert (bus.waves, result.unfinished) == ([["a-0"]], {("boxes", "a")})
    assert (store.removed_events, store.parked) == (["a-0"], [])


def test_what_is_sent_is_what_the_entry_says() -> None:
    entry = {"message_id": "given", "type": "a.b.c.v2", "body": '{"é": 1}', **OTHERS}
    bus, store = Bus(), boxes(document_of("a", entry))
    Relay({"boxes": store}, bus).relay({"boxes": ["a"]}, SOON)
    (message,) = bus.messages
    assert (message.id, message.type, message.routing_key) == ("given", "a.b.c.v2", "a.b.c")
    assert message.body == '{"é": 1}'.encode()
    assert store.removed_events == ["a-0"]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ({"type": 7}, "AttributeError"),
        ({"body": None}, "TypeError"),
        ({"to": ["x"]}, "TypeError"),
        ({"body": "\ud800"}, "UnicodeEncodeError"),
    ],
)
def test_an_entry_that_cannot_be_sent_parks_its_document_alone(
    damage: dict[str, Any], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    bus, store = Bus(), boxes(document_of("a", {}, damage, {}), a_document("b", 2))
    result = Relay({"boxes": store}, bus).relay({"boxes": ["a", "b"]}, SOON)
    assert bus.waves == [["a-0", "b-0"], ["b-1"]]
    assert (result.parked, store.parked, result.unfinished) == (1, ["a"], set())
    told = vars(caplog.records[0])
    assert (told["collection"], told["aggregate_id"], told["reason"]) == ("boxes", "a", reason)
    assert store.removed_events == ["a-0", "b-0", "b-1"]


def test_all_that_are_parked_are_counted() -> None:
    store = boxes(*(document_of(each, {"body": None}) for each in "abc"))
    result = Relay({"boxes": store}, Bus()).relay({"boxes": ["a", "b", "c"]}, SOON)
    assert (result.parked, store.parked) == (3, ["a", "b", "c"])


def test_what_only_newer_code_can_send_waits() -> None:
    bus, store = Bus(), boxes(document_of("a", {}, {"to": "elsewhere"}, {}), a_document("b", 2))
    result = Relay({"boxes": store}, bus).relay({"boxes": ["a", "b"]}, SOON)
    assert bus.waves == [["a-0", "b-0"], ["b-1"]]
    assert (result.parked, store.parked, result.unfinished) == (0, [], {("boxes", "a")})


def test_what_was_confirmed_before_the_bus_failed_is_removed() -> None:
    bus, store = Bus(away_after=1), boxes(a_document("a", 2), a_document("b"))
    result = Relay({"boxes": store}, bus).relay({"boxes": ["a", "b"]}, SOON)
    assert (result.bus_failed, result.events) == (True, 2)
    assert result.unfinished == {("boxes", "a")}
    assert store.removed_events == ["a-0", "b-0"]


def test_each_store_loses_its_own_entries_and_none_is_asked_in_vain() -> None:
    first, second, third = boxes(a_document("a")), Outboxes(), Outboxes()
    second.documents.append(a_document("a", collection="bags"))
    stores = {"boxes": first, "bags": second, "tins": third}
    ids = {"boxes": ["a"], "bags": ["a"], "tins": [], "unheard-of": ["a"]}
    result = Relay(stores, Bus()).relay(ids, SOON)
    assert (result.events, result.unfinished) == (2, set())
    assert (first.removed, second.removed, third.removed) == ([["a"]], [["a"]], [])


def test_a_document_that_was_loaded_in_part_is_not_finished() -> None:
    document = a_document("a")
    document.complete = False
    result = Relay({"boxes": boxes(document)}, Bus()).relay({"boxes": ["a"]}, SOON)
    assert (result.events, result.unfinished) == (1, {("boxes", "a")})
