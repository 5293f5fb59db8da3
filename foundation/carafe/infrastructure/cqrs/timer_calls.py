"""Timers that are due call their handlers: each takes effect once, and fails alone.

A call is a command of the aggregate that set the timer: one commit changes the state, takes the
timer away and remembers the command. So whatever calls again, and whoever cancels or moves the
timer meanwhile, the commit decides.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from carafe.contracts.envelope import Caller, CommandContext, DueTimer, TimerCall
from carafe.domain.timers import (
    MOST_TIMERS,
    ActiveTimer,
    Parking,
    Timer,
    next_timer,
    parked,
    postponed,
)
from carafe.infrastructure.errors import StoreUnavailable
from carafe.infrastructure.event_bus.names import RETRY_DELAYS_SECONDS
from carafe.infrastructure.identifiers import digest_of, new_id, timer_command_id
from carafe.infrastructure.timers.grace import NUDGE_GRACE
from carafe.infrastructure.timers.nudges import TimerNudge
from carafe.infrastructure.timers.store import TimedDocument, TimerStore

from .failures import NO_ATTEMPT, code_of, detail_of
from .invocation import Invocation
from .mediator import Mediator
from .middleware.correlation import correlated_by

log = logging.getLogger(__name__)

SHORTEST_CALL_SECONDS = 2.0
"""With less time left, no timer is called."""

MOST_REPLACEMENTS = 10
"""Attempts to note a failure, while others change the aggregate."""

TimerKinds = Mapping[tuple[str, str], type[Timer]]
"""The kinds of timers, by collection and stored name."""

NudgeTimer = Callable[[str, str, datetime], None]
"""Called with collection, id and time when a timer is to call later."""


class UnknownTimer(Exception):
    """The code knows no timer of this name: newer code set it, or it was removed too early."""

    code = "unknown_timer"


class TimerNotSettled(Exception):
    """A handler returned without asking the aggregate."""

    code = "timer_not_settled"


class TimerCalls:
    """Calls the timers that are due.

    Args:
        service: its name; timers call in its name.
        mediator: knows the handlers.
        stores: the timers, by collection.
        kinds: the timers that the aggregates declare.
        nudge: hurries a later call.
        clock: returns the present.

    Attributes:
        called: number of calls that succeeded.
        failed: number of calls that failed, and are made again unless the timer was parked.
    """

    def __init__(  # noqa: PLR0913 - each is a part of its own
        self,
        service: str,
        mediator: Mediator,
        *,
        stores: Mapping[str, TimerStore],
        kinds: TimerKinds,
        nudge: NudgeTimer,
        clock: Callable[[], datetime],
    ) -> None:
        self._caller = Caller(subject=f"/{service}", scopes=frozenset())
        self._mediator = mediator
        self._stores = stores
        self._kinds = kinds
        self._nudge = nudge
        self._clock = clock
        self.called = 0
        self.failed = 0

    def settle(self, nudge: TimerNudge, deadline: float) -> bool:
        """Call the timers that are due of some documents.

        Args:
            nudge: names the documents; unknown ones are ignored.
            deadline: on the clock of `time.monotonic`.

        Returns:
            Whether all were called; otherwise the nudge is to be delivered again.

        Raises:
            StoreUnavailable: nothing can be called now.
        """
        store = self._stores.get(nudge.collection)
        if store is None:
            return True
        documents = store.with_timers(nudge.timers_of)
        outcomes = [self._called_alone(store, each, nudge, deadline) for each in documents]
        return all(outcomes)

    def _called_alone(
        self, store: TimerStore, document: TimedDocument, nudge: TimerNudge, deadline: float
    ) -> bool:
        """Call one document's timers; a fault of the document is not the others'."""
        try:
            return self._called(store, document, nudge, deadline)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - such as a value of another type than its own
            fields = {"collection": document.collection, "aggregate_id": document.id}
            fields["error"] = type(error).__name__
            log.error("timers not called, the sweep will nudge them", extra=fields)  # noqa: TRY400 - no message
            return True

    def _called(
        self, store: TimerStore, document: TimedDocument, nudge: TimerNudge, deadline: float
    ) -> bool:
        """Call one document's timers in order; return whether there was time for all."""
        for _ in range(MOST_TIMERS):
            timer = next_timer(document.timers)
            if timer is None:
                return True
            if timer.next_call > self._clock():
                self._expect(document, timer.next_call, nudge)
                return True
            if deadline - time.monotonic() < SHORTEST_CALL_SECONDS:
                return False
            self._call(store, document, timer)
            if len(document.timers) == 1:
                # What its handler has set, the commit nudges.
                return True
            found = store.with_timers([document.id])
            if not found:
                return True
            document = found[0]
        return False

    def _expect(self, document: TimedDocument, moment: datetime, nudge: TimerNudge) -> None:
        """Nudge again if this call's nudge came early, since clocks differ.

        Of a nudge for an earlier call nothing is left to do: the commit of that call, or whoever
        moved the timer, has nudged. If each nudge led to another one, they would pile up.
        """
        if nudge.due is not None and moment <= nudge.due:
            self._nudge(document.collection, document.id, moment)

    def _call(self, store: TimerStore, document: TimedDocument, timer: ActiveTimer) -> None:
        """Call a timer once; if that fails, it is to call again later, or is parked."""
        call = TimerCall(document.id, timer.occurrence, self._clock())
        context = self._context(document.collection, timer, call)
        with correlated_by(context):
            try:
                self._handle(document, timer, context)
            except NO_ATTEMPT:
                raise
            except Exception as error:  # noqa: BLE001 - tried again or parked, with its reason
                self.failed += 1
                self._note_failure(store, document, timer, error)
            else:
                self.called += 1

    def _handle(self, document: TimedDocument, timer: ActiveTimer, context: CommandContext) -> None:
        kind = self._kinds.get((document.collection, timer.name))
        if kind is None:
            raise UnknownTimer("There is no timer of this name.")
        due = DueTimer(document.id, kind, timer.key, timer.due)
        self._mediator.handle(Invocation(kind, self._caller, lambda: (due, context)))
        if context.timer_call is not None and not context.timer_call.is_settled:
            raise TimerNotSettled("The handler of a timer changes its aggregate by `change`.")

    def _context(self, collection: str, timer: ActiveTimer, call: TimerCall) -> CommandContext:
        return CommandContext(
            command_id=timer_command_id(collection, call.aggregate_id, call.occurrence),
            digest=digest_of(timer.id, [timer.version, timer.due]),
            caller=self._caller,
            correlation_id=timer.correlation_id or new_id(),
            causation_id=timer.causation_id or None,
            timer_call=call,
        )

    def _note_failure(
        self, store: TimerStore, document: TimedDocument, timer: ActiveTimer, error: Exception
    ) -> None:
        """Let a timer call again later, or park it."""
        at = self._clock()
        fields = {
            "collection": document.collection,
            "aggregate_id": document.id,
            "timer": timer.name,
            "reason": code_of(error),
        }
        if timer.failures >= len(RETRY_DELAYS_SECONDS):
            log.error("timer parked", extra=fields)
            parking = Parking(at=at, code=code_of(error), detail=detail_of(error))
            _replace(store, document, timer, parked(timer, parking), at)
            return
        delay = RETRY_DELAYS_SECONDS[timer.failures]
        log.warning("timer held back", extra={**fields, "delay_seconds": delay})
        again_at = at + timedelta(seconds=delay)
        failed, claimed_until = postponed(timer, again_at), again_at + NUDGE_GRACE
        if _replace(store, document, timer, failed, claimed_until):
            self._nudge(document.collection, document.id, again_at)


def _replace(
    store: TimerStore,
    document: TimedDocument,
    timer: ActiveTimer,
    failed: ActiveTimer,
    claimed_until: datetime,
) -> bool:
    """Replace a timer whose call failed, unless it was moved or cancelled meanwhile.

    If anything else of the aggregate has changed, it was still this call that failed.
    """
    for _ in range(MOST_REPLACEMENTS):
        if store.replace(document, failed, claimed_until):
            return True
        found = store.with_timers([document.id])
        if not found or timer not in found[0].timers:
            return False
        document = found[0]
    return False
