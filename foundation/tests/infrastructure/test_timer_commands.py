"""Timers are listed, moved, cancelled and called at once; each act is a commit, and on record."""

import getpass
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import Result

from carafe.contracts.envelope import CommandContext
from carafe.development.cli import main
from carafe.development.event_sources import QueueTrigger
from carafe.development.nested import objects_in
from carafe.development.timers import search
from carafe.domain.recurrence import Recurrence
from carafe.domain.timers import ActiveTimer, Parking, parked, postponed, timer_of
from carafe.infrastructure.container import Container
from carafe.testing.clock import AdvanceableClock
from carafe.testing.contexts import a_context
from carafe.testing.sqs import Sqs
from carafe.testing.timers import Timers
from chalicelib.domain.order import Order, OrderStatus
from chalicelib.domain.order_payment import PaymentCheck, PaymentDue
from tests.support.command_runner import CommandRunner
from tests.support.database import recorded_commands
from tests.support.orders import an_order

DAILY = Recurrence(cron="0 3 * * *", zone="Europe/Berlin")
MISSING = Parking(at=datetime(2026, 1, 1, tzinfo=UTC), code="not_found", detail="There is none.")


def run(*arguments: str) -> Result:
    return CommandRunner().invoke(main, ["timers", *arguments], catch_exceptions=False)


def rows(result: Result) -> list[list[str]]:
    """Return the columns of the list: collection, id, timer, due, state."""
    return [line.split(maxsplit=4) for line in result.stdout.splitlines()[:-1]]


def audit_records(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]


class Shop:
    """Orders with timers, and what became of them."""

    def __init__(self, service: Container[Any], clock: AdvanceableClock) -> None:
        self.clock = clock
        self.repository = service.repository(Order)
        self.store = service.timer_stores["orders"]

    def wait_for_noon(self) -> None:
        """Set the clock ahead to the next noon, UTC."""
        noon = self.clock().replace(hour=12, minute=0, second=0)
        self.clock.advance((noon - self.clock()) % timedelta(days=1))

    def add(self, due: timedelta | Recurrence = timedelta(days=1), **checks: timedelta) -> str:
        """Place an order that is to be paid by then, with payment checks by their keys."""
        order = an_order()
        order.set_timer(PaymentDue, due, at=self.clock())
        for key, check_due in checks.items():
            order.set_timer(PaymentCheck, check_due, at=self.clock(), key=key)
        self.repository.add(order, a_context())
        return order.id

    def park(self, identifier: str, parking: Parking = MISSING) -> None:
        """Park the timer by which the order is to be paid, as `execute` does."""
        (document,) = self.store.with_timers([identifier])
        timer = timer_of(document.timers, "payment_due")
        assert timer is not None
        assert self.store.replace(document, parked(timer, parking), self.clock())

    def timer(self, identifier: str) -> ActiveTimer | None:
        return self.repository.get(identifier).timer(PaymentDue)

    def due(self, identifier: str) -> datetime:
        timer = self.timer(identifier)
        assert timer is not None
        return timer.due


@pytest.fixture
def shop(service: Container[Any], clock: AdvanceableClock) -> Shop:
    return Shop(service, clock)


# Looking


def test_a_list_tells_what_is_due_when_and_why_not(shop: Shop) -> None:
    shop.wait_for_noon()  # far from the time at which the daily timer is due
    later = shop.add(timedelta(days=2, minutes=1))
    recurring = shop.add(DAILY)
    held_back = shop.add(timedelta(hours=1))
    overdue = shop.add(timedelta(minutes=5))
    given_up = shop.add(timedelta(days=3))
    shop.park(given_up)
    shop.clock.advance(timedelta(hours=1, minutes=10))
    (document,) = shop.store.with_timers([held_back])
    again_at = shop.clock() + timedelta(minutes=1)
    assert shop.store.replace(document, postponed(document.timers[0], again_at), again_at)
    result = run("list")
    states = {row[1]: (row[2], row[4]) for row in rows(result)}
    assert states[given_up] == (
        "payment_due",
        "parked 2026-01-01T00:00:00Z: not_found There is none.",
    )
    assert states[overdue][1] == "overdue by 65 min"
    assert states[held_back][1].startswith("held back until 2")
    assert states[held_back][1].endswith(", failures: 1")
    assert states[later][1] == "waits 46 h"
    assert states[recurring][1].endswith(", recurs by 0 3 * * * Europe/Berlin")
    assert [row[1] for row in rows(result)][:3] == [given_up, overdue, held_back]
    assert result.stdout.endswith("\n5 timers\n")


def test_a_list_is_filtered(shop: Shop) -> None:
    """A timer that failed is due before a time, though it is called again after it."""
    soon, late = shop.add(timedelta(hours=1), k1=timedelta(hours=30)), shop.add()
    given_up, failing = shop.add(), shop.add(timedelta(minutes=1))
    shop.park(given_up)
    (document,) = shop.store.with_timers([failing])
    again_at = shop.clock() + timedelta(minutes=10)
    assert shop.store.replace(document, postponed(document.timers[0], again_at), again_at)

    def found(*options: str) -> list[str]:
        return [f"{row[1]} {row[2]}" for row in rows(run("list", *options))]

    due = {each: f"{each} payment_due" for each in (soon, late, given_up, failing)}
    check = f"{soon} payment_check:k1"
    assert found("--id", soon) == [due[soon], check]
    assert found("--timer", "payment_check") == [check]
    assert found("--due-before", "+2h") == [due[failing], due[soon]]
    assert found("--due-before", "+5m") == [due[failing]]
    assert found("--parked") == found("--reason", "not_found") == [due[given_up]]
    assert found("--parked", "--id", soon) == found("--reason", "other") == []
    assert len(found("--aggregate", "Order")) == len(found("--aggregate", "orders")) == 5
    assert found("--aggregate", "Product") == []
    assert "2 timers, and there are more" in run("list", "--limit", "2").stdout


def test_each_timer_of_an_aggregate_is_listed_once(shop: Shop) -> None:
    order_id = shop.add(k1=timedelta(hours=1), k2=timedelta(hours=2))
    shop.park(order_id)
    expected = ["payment_due", "payment_check:k1", "payment_check:k2"]
    assert [row[2] for row in rows(run("list"))] == expected
    assert sorted(row[2] for row in rows(run("list", "--id", order_id))) == sorted(expected)


def test_a_list_is_read_page_by_page_by_an_index(
    service: Container[Any], shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAGE", 2)
    expected = [shop.add(timedelta(hours=number // 2 + 1)) for number in range(7)]
    given_up = [shop.add() for _ in range(5)]
    for number, each in enumerate(given_up):
        shop.park(each, Parking(at=MISSING.at + timedelta(hours=number // 2), code="x", detail=""))
    with recorded_commands(service) as database:
        listed = [row[1] for row in rows(run("list", "--aggregate", "Order"))]
    assert (sorted(listed[:5]), sorted(listed[5:])) == (sorted(given_up), sorted(expected))
    queries = [each for each in database.commands if "find" in each]
    assert len(queries) == 7
    assert {each["limit"] for each in queries} == {2}
    with recorded_commands(service) as database:
        run("list", "--aggregate", "Order", "--reason", "other")
    assert len([each for each in database.commands if "find" in each]) == 3
    for query in queries:
        shape = {name: query[name] for name in ("find", "filter", "sort", "limit")}
        plan = service.database.command("explain", shape)["queryPlanner"]["winningPlan"]
        stages = {each["stage"] for each in objects_in(plan) if "stage" in each}
        indexes = {each["indexName"] for each in objects_in(plan) if "indexName" in each}
        assert not {"COLLSCAN", "SORT"} & stages, shape
        assert indexes <= {"next_due", "timers_parked_since"}, shape


# Changing one


def test_a_timer_is_moved_by_a_commit_and_leaves_a_record(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop.add()
    before = shop.repository.get(order_id)
    contexts: list[CommandContext] = []
    save = type(shop.repository).save

    def observed(repository: Any, aggregate: Order, context: CommandContext) -> Any:  # noqa: ANN401
        contexts.append(context)
        return save(repository, aggregate, context)

    monkeypatch.setattr(type(shop.repository), "save", observed)
    result = run("move", "Order", order_id, "payment_due", "2100-01-01T10:00+02:00")
    assert (result.exit_code, result.stdout) == (0, "1 timer: move done; 0 stay as they were.\n")
    after = shop.repository.get(order_id)
    assert shop.due(order_id) == datetime(2100, 1, 1, 8, tzinfo=UTC)
    assert (after.version, after.status, after.total) == (2, before.status, before.total)
    (record,) = audit_records(result)
    (context,) = contexts
    user = getpass.getuser()
    assert context.caller.subject == f"operator:{user}"
    timer, moved = before.timer(PaymentDue), after.timer(PaymentDue)
    assert timer is not None
    assert moved is not None
    assert moved.correlation_id == timer.correlation_id
    expected = ("move", user, "orders", order_id, "payment_due", "2100-01-01T08:00:00Z")
    assert tuple(record[each] for each in ("audit", "by", "collection", "id", "timer", "due")) == (
        expected
    )
    assert record["was_due"].startswith(timer.due.isoformat()[:19])


def test_a_timer_that_was_fired_is_nudged_and_called(
    shop: Shop, sqs: Sqs, command_queue: QueueTrigger, timers: Timers
) -> None:
    order_id = shop.add()
    assert run("fire", "orders", order_id, "payment_due").exit_code == 0
    (nudge,) = sqs.waiting(command_queue.queue)
    assert (nudge["collection"], nudge["timers_of"]) == ("orders", [order_id])
    assert timers.let_pass(timedelta(seconds=1)) == 1
    assert shop.repository.get(order_id).status is OrderStatus.CANCELLED


def test_a_timer_that_was_cancelled_is_never_called(shop: Shop, timers: Timers) -> None:
    order_id = shop.add(k1=timedelta(days=3), k2=timedelta(days=3))
    assert run("cancel", "Order", order_id, "payment_due").exit_code == 0
    assert run("cancel", "Order", order_id, "payment_check:k1").exit_code == 0
    order = shop.repository.get(order_id)
    assert [each.id for each in order.timers] == ["payment_check:k2"]
    assert timers.let_pass(timedelta(days=2)) == 0


def test_a_recurring_timer_is_moved_once(shop: Shop, clock: AdvanceableClock) -> None:
    order_id = shop.add(DAILY)
    assert run("move", "Order", order_id, "payment_due", "+10d").exit_code == 0
    timer = shop.timer(order_id)
    assert timer is not None
    assert timer.recurrence == DAILY
    assert abs(timer.due - clock() - timedelta(days=10)) < timedelta(minutes=1)
    assert run("fire", "Order", order_id, "payment_due").exit_code == 0
    timer = shop.timer(order_id)
    assert timer is not None
    assert timer.recurrence == DAILY


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("move", "Sale", "x", "payment_due", "+1h"), 1, "There is no aggregate Sale"),
        (("cancel", "Order", "nobody", "payment_due"), 1, "There is no Order nobody."),
        (("fire", "Order", "{id}", "expiry"), 1, "has no timer expiry, only: payment_due."),
        (("move", "Order", "{id}", "payment_due", "2001-01-01T10:00Z"), 2, "lies in the past"),
        (("move", "Order", "{id}", "payment_due", "+0s"), 2, "lies in the past"),
        (("move", "Order", "{id}", "payment_due", "2100-01-01T10:00"), 2, "needs a time zone"),
        (("move", "Order", "{id}", "payment_due", "9000-01-01T10:00Z"), 2, "a hundred years"),
        (("move", "Order", "{id}", "payment_due", "+999999d"), 2, "a hundred years"),
        (("move", "Order", "{id}", "payment_due", "+9999999d"), 2, "too far ahead"),
        (("move", "Order", "{id}", "payment_due", "+99999999999999w"), 2, "too far ahead"),
        (("move", "Order", "{id}", "payment_due", "tomorrow"), 2, "neither like"),
        (("move", "Order", "{id}", "payment_due"), 2, "neither like"),
        (("move", "Order", "{id}", "+1h"), 2, "AGGREGATE ID TIMER"),
        (("cancel",), 2, "--all"),
        (("fire", "--due-before", "2100-01-01"), 2, "needs a time zone"),
        (("cancel", "Order", "{id}", "payment_due", "--parked"), 2, "not both"),
        (("cancel", "Order", "{id}", "payment_due", "--all"), 2, "not both"),
        (("list", "--aggregate", "Sale"), 1, "only: "),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    shop: Shop, arguments: tuple[str, ...], code: int, words: str
) -> None:
    order_id = shop.add()
    before = shop.repository.get(order_id)
    result = run(*(each.format(id=order_id) for each in arguments))
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr.splitlines()[-1]
    after = shop.repository.get(order_id)
    assert (after.version, after.timers) == (before.version, before.timers)


def test_an_aggregate_without_timers_says_so(shop: Shop) -> None:
    order = an_order()
    shop.repository.add(order, a_context())
    result = run("cancel", "Order", order.id, "payment_due")
    assert (result.exit_code, result.stderr) == (1, f"Error: Order {order.id} has no timers.\n")


# Changing many


def test_parked_timers_are_moved_and_are_called_again(
    service: Container[Any], shop: Shop, timers: Timers
) -> None:
    waiting = shop.add(timedelta(days=2))
    given_up = [shop.add(timedelta(days=2)) for _ in range(3)]
    for each in given_up[:2]:
        shop.park(each)
    shop.park(given_up[2], Parking(at=MISSING.at, code="other", detail=""))
    arguments = ("move", "--reason", "not_found", "--timer", "payment_due", "+1m")
    dry = run(*arguments, "--dry-run")
    assert (dry.exit_code, audit_records(dry)) == (0, [])
    assert dry.stdout.count("would move orders ") == 2
    assert service.timer_sweep.sweep(float("inf")).parked == 3
    result = run(*arguments)
    assert (result.exit_code, "2 timers: move done" in result.stdout) == (0, True)
    assert sorted(each["id"] for each in audit_records(result)) == sorted(given_up[:2])
    assert service.timer_sweep.sweep(float("inf")).parked == 1
    assert timers.let_pass(timedelta(hours=1)) == 2
    assert [shop.repository.get(each).status for each in given_up] == [
        OrderStatus.CANCELLED,
        OrderStatus.CANCELLED,
        OrderStatus.PLACED,
    ]
    assert shop.repository.get(waiting).status is OrderStatus.PLACED


def test_all_must_be_said_and_a_timer_is_moved_once(shop: Shop) -> None:
    """Each that was moved stands behind the others, where a list would come to it again."""
    orders = [shop.add() for _ in range(3)]
    assert "3 timers: move done" in run("move", "--all", "+2d").stdout
    assert {shop.repository.get(each).version for each in orders} == {2}
    result = run("cancel", "--all", "--limit", "2")
    assert result.stdout.splitlines() == [
        "2 timers: cancel done; 0 stay as they were.",
        "There are more than --limit allows.",
    ]
    assert "1 timer: cancel done" in run("cancel", "--all").stdout


@pytest.fixture
def overtaken(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> str:
    """An order whose timer is set anew between being found and being changed."""
    order_id, repository = shop.add(), type(shop.repository)
    load = repository.load

    def load_late(self: Any, identifier: str, context: CommandContext) -> Any:  # noqa: ANN401
        if identifier == order_id:
            monkeypatch.setattr(repository, "load", load)
            order = shop.repository.get(order_id)
            order.set_timer(PaymentDue, timedelta(days=5), at=shop.clock())
            shop.repository.save(order, a_context())
        return load(self, identifier, context)

    monkeypatch.setattr(repository, "load", load_late)
    return order_id


def test_one_that_changed_meanwhile_stays_and_the_others_are_changed(
    shop: Shop, overtaken: str
) -> None:
    other = shop.add()
    result = run("cancel", "--all")
    assert (result.exit_code, result.stdout) == (1, "1 timer: cancel done; 1 stay as they were.\n")
    records = {each["id"]: each["audit"] for each in audit_records(result)}
    assert records == {
        overtaken: "cancel refused: it was called, moved or cancelled meanwhile",
        other: "cancel",
    }
    assert (shop.timer(overtaken) is None, shop.timer(other)) == (False, None)
