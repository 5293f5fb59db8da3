"""Messages to processes, over the repository in memory: begun once, advanced, refused."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.domain.errors import InvalidValue, NotFound, RuleBroken
from carafe.domain.process_state import ProcessStatus
from carafe.infrastructure.cqrs.processes import advance, begin, refusal
from carafe.infrastructure.database.repository import Repository
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from carafe.testing.stores import in_memory
from tests.support.reminding import BLOCKING, RETURN, Reminding, StrictReminding
from tests.support.reminding_library import library_of, told_by

TOLD = told_by("library", "members", "post")
LIBRARY = library_of(TOLD, "library")


@pytest.fixture
def remindings() -> Repository[Reminding]:
    return in_memory(Reminding, LIBRARY).repository


@pytest.fixture
def strict() -> Repository[StrictReminding]:
    return in_memory(StrictReminding, LIBRARY).repository


def started(
    processes: Repository[Any],
    context: CommandContext | None = None,
    kind: type[Reminding] = Reminding,
) -> CommandResult:
    return begin(
        processes,
        "r-1",
        context or a_context(),
        lambda identifier: kind.of(identifier, "l-1", "maria", at=NOON),
    )


def ended(processes: Repository[Any], kind: type[Reminding] = Reminding) -> None:
    started(processes, kind=kind)
    advance(processes, "r-1", a_context(), lambda process: process.end(at=NOON))


def test_a_process_is_made_with_the_id_that_is_given(remindings: Repository[Reminding]) -> None:
    result = started(remindings)
    assert (result.id, result.version, result.repeated) == ("r-1", 1, False)
    assert remindings.get("r-1").loan_id == "l-1"


def test_a_second_start_gets_the_process_that_is_there(remindings: Repository[Reminding]) -> None:
    context = a_context()
    first = started(remindings, context)
    advance(remindings, "r-1", a_context(), lambda process: process.called())
    repeat, other = started(remindings, context), started(remindings)
    assert (repeat, repeat.repeated) == (first, True)
    assert (other.id, other.version, other.repeated) == ("r-1", 2, True)


def test_a_repeated_start_is_answered_even_if_it_would_be_refused_now(
    remindings: Repository[Reminding],
) -> None:
    context = a_context()
    first = started(remindings, context)

    def refuse(_identifier: str) -> Reminding:
        raise InvalidValue("member", "has left")

    assert begin(remindings, "r-1", context, refuse) == first
    with pytest.raises(InvalidValue):
        begin(remindings, "r-1", a_context(), refuse)
    with pytest.raises(InvalidValue):
        begin(remindings, "r-2", a_context(), refuse)


def test_a_process_that_would_wait_for_nothing_does_not_begin(
    remindings: Repository[Reminding],
) -> None:
    def idle(identifier: str) -> Reminding:
        return Reminding(id=identifier, loan_id="l-1", member="maria", begun_at=NOON)

    with pytest.raises(RuleBroken, match="begin a step, set a timer, or end it") as refused:
        begin(remindings, "r-1", a_context(), idle)
    assert refused.value.code == "process_is_stranded"
    assert not remindings.exists("r-1")


def test_a_process_that_would_wait_for_nothing_is_not_saved(
    remindings: Repository[Reminding],
) -> None:
    started(remindings)
    with pytest.raises(RuleBroken) as refused:
        advance(remindings, "r-1", a_context(), lambda each: each.complete(BLOCKING, at=NOON))
    assert refused.value.code == "process_is_stranded"
    assert remindings.get("r-1").version == 1


def test_a_process_may_wait_for_a_timer_of_its_own_or_for_ever_if_it_says_so(
    remindings: Repository[Reminding],
) -> None:
    started(remindings)

    def wait(process: Reminding) -> None:
        process.complete(BLOCKING, at=NOON)
        process.begin(RETURN, at=NOON)

    assert advance(remindings, "r-1", a_context(), wait).version == 2


def test_what_comes_before_the_start_finds_no_process(remindings: Repository[Reminding]) -> None:
    with pytest.raises(NotFound):
        advance(remindings, "r-1", a_context(), lambda process: process.called())


def test_what_comes_after_the_end_is_ignored(remindings: Repository[Reminding]) -> None:
    ended(remindings)
    advance(remindings, "r-1", a_context(), lambda process: process.called())
    assert remindings.get("r-1").calls == 0
    assert started(remindings).repeated
    refused(remindings)
    assert remindings.get("r-1").status is ProcessStatus.COMPLETED


def refused(processes: Repository[Any]) -> None:
    (command_id,) = processes.get("r-1").command_ids
    event = TOLD.card_refused(command_id=command_id, code="not_found")
    refusal(processes, event, a_context(), lambda: NOON + timedelta(hours=1))


def test_what_comes_after_the_end_is_refused_if_that_is_declared(
    strict: Repository[StrictReminding],
) -> None:
    ended(strict, StrictReminding)
    for late in (
        lambda: advance(strict, "r-1", a_context(), lambda process: process.called()),
        lambda: started(strict, kind=StrictReminding),
        lambda: refused(strict),
    ):
        with pytest.raises(RuleBroken) as refusing:
            late()
        assert refusing.value.code == "process_has_ended"
    assert strict.get("r-1").version == 2


def test_a_repeat_of_what_came_before_the_end_is_no_late_message(
    strict: Repository[StrictReminding],
) -> None:
    context = a_context()
    started(strict, context, StrictReminding)
    last = a_context()
    for _ in range(2):
        advance(strict, "r-1", last, lambda process: process.end(at=NOON))
    assert started(strict, context, StrictReminding).version == 1


def test_a_refusal_takes_effect_once(remindings: Repository[Reminding]) -> None:
    started(remindings)
    (command_id,) = remindings.get("r-1").command_ids
    event = TOLD.card_refused(command_id=command_id, code="not_found")
    context = a_context()
    for _ in range(2):
        refusal(remindings, event, context, lambda: NOON)
    assert remindings.get("r-1").version == 2
    assert remindings.get("r-1").status is ProcessStatus.UNDONE


def test_a_refusal_of_what_others_sent_is_of_no_concern(remindings: Repository[Reminding]) -> None:
    started(remindings)
    event = TOLD.card_refused(command_id="somebody-else's", code="no")
    assert refusal(remindings, event, a_context(), lambda: NOON).version == 0
    assert remindings.get("r-1").version == 1


def test_what_a_process_sends_follows_from_the_message() -> None:
    store = in_memory(Reminding, LIBRARY)
    context = msgspec.structs.replace(a_context(), causation_id="event-1")
    started(store.repository, context)
    (command,) = store.pending("r-1")
    assert (command["correlationid"], command["causationid"]) == (
        context.correlation_id,
        "event-1",
    )
    assert command["id"] == store.repository.get("r-1").command_ids[0]
