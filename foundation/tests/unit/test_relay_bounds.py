"""How long a relay waits, what it gives up, and what it counts; stores note what they do."""

import gc
from collections.abc import Sequence
from datetime import timedelta

import pytest

from carafe.infrastructure.errors import StoreUnavailable
from carafe.infrastructure.identifiers import now
from carafe.infrastructure.outbox import relay as relay_module
from carafe.infrastructure.outbox.relay import Relay, collector_paused
from carafe.infrastructure.outbox.relay_result import RelayResult
from tests.support.noted_outboxes import Bus, Outboxes, a_document
from tests.support.stopped_time import PRESENT, stop_time


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_time(relay_module, monkeypatch)


@pytest.mark.parametrize(("left", "awaited"), [(60, 5), (7, 5), (6, 4), (2.75, 0.75)])
def test_a_wave_is_awaited_five_seconds_at_most_and_leaves_two_for_the_removal(
    left: float, awaited: float
) -> None:
    bus = Bus()
    Relay({"boxes": Outboxes("a")}, bus).relay({"boxes": ["a"]}, PRESENT + left)
    assert bus.seconds == [awaited]


@pytest.mark.parametrize("left", [2.5, 1, -1])
def test_with_half_a_second_or_less_no_wave_and_no_batch_begins(left: float) -> None:
    bus, store = Bus(), Outboxes("a")
    relay = Relay({"boxes": store}, bus)
    assert relay.relay({"boxes": ["a"]}, PRESENT + left).unfinished == {("boxes", "a")}
    assert relay.sweep(7, PRESENT + left) == RelayResult()
    assert (bus.waves, store.removed, store.asked) == ([], [], [None])


def test_a_sweep_goes_on_behind_the_last_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "SWEEP_BATCH", 2)
    bus, store = Bus(), Outboxes("a", "b", "c")
    swept = Relay({"boxes": store}, bus).sweep(7, PRESENT + 60)
    assert (swept.events, store.asked) == (3, [None, "b", "c"])
    assert (bus.waves, store.removed) == ([["a-0", "b-0"], ["c-0"]], [["a", "b"], ["c"]])


@pytest.mark.parametrize("fails", ["a", "b", "c"])
def test_a_removal_that_fails_is_told_and_what_was_confirmed_meanwhile_is_removed(
    monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    monkeypatch.setattr(relay_module, "SWEEP_BATCH", 1)
    bus, store = Bus(), Outboxes("a", "b", "c", fails=fails)
    with pytest.raises(StoreUnavailable):
        Relay({"boxes": store}, bus).sweep(7, PRESENT + 60)
    assert store.removed == [[wave[0].partition("-")[0]] for wave in bus.waves]


def test_a_sweep_counts_what_it_did_in_all_stores() -> None:
    stores = {"boxes": Outboxes("a", "b"), "bags": Outboxes(), "tins": Outboxes("c")}
    for each in stores["tins"].documents:
        each.collection = "tins"
    swept = Relay(stores, Bus()).sweep(7, PRESENT + 60)
    assert (swept.events, stores["tins"].removed) == (3, [["c"]])


def test_while_the_bus_is_away_a_sweep_looks_into_no_further_store() -> None:
    first, second = Outboxes("a"), Outboxes("b")
    swept = Relay({"boxes": first, "bags": second}, Bus(away_after=0)).sweep(7, PRESENT + 60)
    assert (swept.bus_failed, swept.unfinished) == (True, {("boxes", "a")})
    assert (first.removed, second.asked) == ([], [])


@pytest.mark.parametrize(
    ("waiting", "seconds"), [([], 0), ([5], 5), ([5, None, 7], 7), ([None], 0), ([-5], 0)]
)
def test_the_oldest_entry_of_all_stores_dates_the_outboxes(
    monkeypatch: pytest.MonkeyPatch, waiting: Sequence[int | None], seconds: float
) -> None:
    at = now()
    monkeypatch.setattr(relay_module, "now", lambda: at)
    since = [None if each is None else at - timedelta(seconds=each) for each in waiting]
    stores = {str(number): Outboxes(oldest=each) for number, each in enumerate(since)}
    assert Relay(stores, Bus()).oldest_pending_seconds() == seconds


def test_results_of_several_batches_and_stores_add_up() -> None:
    first = RelayResult(1, 2, {("boxes", "a")}, 3, 4, bus_failed=True)
    total = first + RelayResult(10, 20, {("boxes", "b")}, 30, 40)
    assert total == RelayResult(11, 22, {("boxes", "a"), ("boxes", "b")}, 33, 44, bus_failed=True)
    assert (total.confirmed, (RelayResult() + RelayResult()).bus_failed) == (33, False)


def test_the_collector_rests_during_a_sweep_and_no_longer() -> None:
    @collector_paused()
    def sweep() -> None:
        assert not gc.isenabled()
        raise LookupError

    gc.enable()
    with pytest.raises(LookupError):
        sweep()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_of_a_document_that_was_loaded_in_part_something_is_left() -> None:
    document = a_document("a", entries=2)
    assert document.next_event == document.events[0]
    document.confirmed_ids += ["a-0", "a-1"]
    assert document.next_event is None
    assert document.drained
    document.complete = False
    assert not document.drained
