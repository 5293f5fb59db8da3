"""Commands against aggregates: effects once, no lost update.

Each function returns the first result when the command was handled before, and repeats a
change on the new state when somebody else was faster.
"""

from collections.abc import Callable
from typing import TypeVar

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.domain.errors import DomainError
from carafe.domain.model import AggregateRoot
from carafe.domain.timers import after_call
from carafe.infrastructure.database.repository import Repository
from carafe.infrastructure.database.retries import repeated_on_stale
from carafe.infrastructure.errors import ForeignTimer, PreconditionFailed

A = TypeVar("A", bound=AggregateRoot)


def create(
    repository: Repository[A], context: CommandContext, make: Callable[[str], A]
) -> CommandResult:
    """Make and store a new aggregate, whose id is the command's id.

    Args:
        repository: where it is kept.
        context: the command's.
        make: makes the aggregate with the id given.
    """
    try:
        aggregate = make(context.command_id)
    except DomainError:
        # What was allowed the first time may be refused now: a repeat still gets its answer.
        earlier = repository.earlier_result(context.command_id, context)
        if earlier is None:
            raise
        return earlier
    return repository.add(aggregate, context)


def change(  # noqa: PLR0913 - the last two have defaults
    repository: Repository[A],
    identifier: str,
    context: CommandContext,
    apply: Callable[[A], None],
    *,
    permit: Callable[[A], None] | None = None,
    delete: bool = False,
) -> CommandResult:
    """Change a stored aggregate, on the newest state.

    When a timer calls, the same commit removes it; if it was cancelled or moved meanwhile, nothing
    is changed.

    Args:
        repository: where it is kept.
        identifier: the aggregate's id.
        context: the command's.
        apply: the change; called again on the new state when another writer was faster.
        permit: refuses an aggregate that the caller may not change, before anything else is
            told of it.
        delete: the aggregate is deleted by the change.

    Raises:
        PreconditionFailed: the aggregate is not at a version that the caller expects.
        StaleVersion: others were faster every time.
        ForeignTimer: the timer that calls is another aggregate's.
    """
    call = context.timer_call
    if call is not None and call.aggregate_id != identifier:
        raise ForeignTimer("The handler of a timer changes the aggregate that has set it.")
    commit = repository.delete if delete else repository.save

    def once() -> CommandResult:
        found = repository.load(identifier, context)
        if isinstance(found, CommandResult):
            return found
        if call is not None:
            # The timer as it was set, in the newest state (model: step call).
            timers = after_call(found.timers, call.occurrence, call.at)
            if timers is None:
                return CommandResult(id=found.id, version=found.version, repeated=True)
            found.replace_timers(timers)
        if permit is not None:
            permit(found)
        _require_expected_version(found, context)
        apply(found)
        # Effect, id and the end of the timer in one write (model: step settle).
        return commit(found, context)

    result = repeated_on_stale(once)
    if call is not None:
        call.is_settled = True
    return result


def _require_expected_version(aggregate: AggregateRoot, context: CommandContext) -> None:
    expected = context.expected_versions
    if expected is not None and aggregate.version not in expected:
        raise PreconditionFailed(
            f"This is version {aggregate.version} and no version that If-Match names; "
            "read it again and decide anew."
        )
