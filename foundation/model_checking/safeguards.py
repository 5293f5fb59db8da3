"""The safeguards of the protocol, and the switch of the model that takes each of them out."""

from dataclasses import dataclass

from .scopes import Size, size

OF_EVENTS = size(workers=2, relays=2)
OF_ONE_COMMAND = size(workers=2, commands=1, relays=2)
OF_TIMERS = size(workers=1, executors=2)
OF_FAILING_TIMERS = size(workers=1, executors=2, failures=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Safeguard:
    """A part of the protocol.

    Attributes:
        name: what it is.
        switch: the constant that takes it out.
        size: of the model in which it is missed.
        is_needed: whether something breaks without it; if not, another one does its work too.
    """

    name: str
    switch: str
    size: Size
    is_needed: bool = True


SAFEGUARDS = (
    Safeguard(
        name="Removal of events by their ids, not by their positions",
        switch="PULL_BY_POSITION",
        size=OF_EVENTS,
    ),
    Safeguard(
        name="Removal only of events that the broker has confirmed",
        switch="NO_CONFIRM",
        size=OF_ONE_COMMAND,
    ),
    Safeguard(
        name="An event that is not confirmed holds back those behind it",
        switch="NO_HOLDING_BACK",
        size=OF_EVENTS,
    ),
    Safeguard(
        name="The filter by which an outbox is emptied only of what is confirmed",
        switch="NO_FILTER_ON_DRAINING",
        size=OF_EVENTS,
    ),
    Safeguard(
        name="A pull leaves the mark by which the sweep finds the document",
        switch="PULL_TAKES_MARK",
        size=OF_EVENTS,
    ),
    Safeguard(
        name="A removal leaves the version as it is",
        switch="REMOVAL_RAISES_VERSION",
        size=OF_EVENTS,
    ),
    Safeguard(
        name="The sweep: nudges are not the only way",
        switch="NO_SWEEP",
        size=OF_ONE_COMMAND,
    ),
    Safeguard(
        name="Relays read what a majority has",
        switch="DIRTY_READS",
        size=OF_ONE_COMMAND,
    ),
    Safeguard(
        name="A commit matches the version that was read",
        switch="NO_VERSION_MATCH",
        size=OF_EVENTS,
    ),
    Safeguard(
        name="The ids of handled commands",
        switch="NO_HANDLED",
        size=OF_ONE_COMMAND,
    ),
    Safeguard(
        name="Their check when the document is read, alone",
        switch="NO_HANDLED_ON_LOAD",
        size=OF_EVENTS,
        is_needed=False,
    ),
    Safeguard(
        name="Their check in the filter of the commit, alone",
        switch="NO_HANDLED_IN_FILTER",
        size=OF_EVENTS,
        is_needed=False,
    ),
    Safeguard(
        name="A call looks for its timer in the newest state",
        switch="NO_OCCURRENCE",
        size=OF_TIMERS,
    ),
    Safeguard(
        name="A timer is taken away by the commit of its effect, not before",
        switch="TAKEN_BEFORE",
        size=OF_TIMERS,
    ),
    Safeguard(
        name="A timer is taken away by the commit of its effect, not after",
        switch="TAKEN_AFTER",
        size=OF_TIMERS,
    ),
    Safeguard(
        name="The note of a failed call matches what was read",
        switch="REPLACE_UNMATCHED",
        size=OF_FAILING_TIMERS,
    ),
    Safeguard(
        name="The sweep of timers: nudges are not the only way",
        switch="NO_TIMER_SWEEP",
        size=OF_TIMERS,
    ),
    Safeguard(
        name="A claim ends",
        switch="CLAIM_WITHOUT_END",
        size=OF_TIMERS,
    ),
    Safeguard(
        name="Claims at all: they spare doubled nudges, and nothing depends on them",
        switch="NO_CLAIMS",
        size=size(workers=1, executors=1),
        is_needed=False,
    ),
)
