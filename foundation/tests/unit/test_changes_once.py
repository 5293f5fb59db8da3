"""What a change asks of a stored aggregate before it is made, and in which words it is refused."""

from datetime import timedelta

import msgspec
import pytest

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext, TimerCall
from carafe.domain.recurrence import Recurrence
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.errors import ForeignTimer, PreconditionFailed
from carafe.infrastructure.identifiers import now
from carafe.testing.contexts import a_context
from carafe.testing.stores import Store, in_memory
from carafe.testing.suites.repository.timer_case import Bell, call_of, ring
from tests.support.library import Loan, library_of
from tests.support.two_services import contracts

HOURLY = Recurrence(cron="0 * * * *", zone="UTC")


@pytest.fixture
def store() -> Store[Loan]:
    return in_memory(Loan, library_of(contracts("lending", "post"), "lending"))


@pytest.fixture
def loan(store: Store[Loan]) -> Loan:
    """A stored loan at version 1, which rings every hour."""
    loan = Loan(id="l-1", reader="maria")
    ring(loan, HOURLY)
    store.repository.add(loan, a_context())
    return loan


def remind(loan: Loan) -> None:
    loan.remind()


def expecting(*versions: int) -> CommandContext:
    return msgspec.structs.replace(a_context(), expected_versions=frozenset(versions))


@pytest.mark.usefixtures("loan")
def test_a_change_is_made_of_a_version_that_its_caller_expects(store: Store[Loan]) -> None:
    assert change(store.repository, "l-1", expecting(1, 7), remind).version == 2
    assert change(store.repository, "l-1", a_context(), remind).version == 3
    with pytest.raises(PreconditionFailed) as told:
        change(store.repository, "l-1", expecting(2, 4), remind)
    assert told.value.message == (
        "This is version 3 and no version that If-Match names; read it again and decide anew."
    )
    assert store.repository.get("l-1").reminders == 2


@pytest.mark.usefixtures("loan")
def test_who_may_not_change_it_is_told_nothing_of_its_version(store: Store[Loan]) -> None:
    seen: list[Loan] = []

    def permit(loan: Loan) -> None:
        seen.append(loan)
        raise LookupError

    with pytest.raises(LookupError):
        change(store.repository, "l-1", expecting(9), remind, permit=permit)
    assert [each.id for each in seen] == ["l-1"]
    assert store.repository.get("l-1").version == 1


def test_a_timer_changes_no_other_aggregate(store: Store[Loan], loan: Loan) -> None:
    with pytest.raises(ForeignTimer) as told:
        change(store.repository, "l-2", call_of(loan, now()), remind)
    assert told.value.message == ("The handler of a timer changes the aggregate that has set it.")


def test_a_call_that_comes_too_late_is_a_repeat_and_changes_nothing(
    store: Store[Loan], loan: Loan
) -> None:
    call = call_of(loan, now())
    change(store.repository, "l-1", a_context(), lambda each: each.cancel_timer(Bell))
    result = change(store.repository, "l-1", call, remind)
    assert (result, result.repeated) == (CommandResult(id="l-1", version=2), True)
    assert store.repository.get("l-1").reminders == 0
    assert isinstance(call.timer_call, TimerCall)
    assert call.timer_call.is_settled


def test_after_missed_calls_the_next_one_lies_ahead(store: Store[Loan], loan: Loan) -> None:
    at = now() + timedelta(hours=50)
    change(store.repository, "l-1", call_of(loan, at), remind)
    timer = store.repository.get("l-1").timer(Bell)
    assert timer is not None
    assert at < timer.due <= at + timedelta(hours=1)
