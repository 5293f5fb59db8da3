"""The end of a rehearsal: the events on the bus are compared with those in the database."""

import time

from .rehearsal import Rehearsal, require

# Longer than the grace period in which the sweep leaves events to their nudges.
TIMEOUT_SECONDS = 30.0
SWEEP_PAUSE_SECONDS = 0.5

HAS_PENDING_EVENTS = {"pending_since": {"$exists": True}}


def reconcile(rehearsal: Rehearsal) -> int:
    """Relay the remaining events, and return how many reached the bus altogether.

    Raises:
        RehearsalFailed: an aggregate's events are not complete and in order.
    """
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while rehearsal.count(HAS_PENDING_EVENTS) and time.monotonic() < deadline:
        rehearsal.pump("bridge")
        # A process that was killed after its commit sent no nudge: only the sweep finds its events.
        rehearsal.sweep()
        time.sleep(SWEEP_PAUSE_SECONDS)
    events = rehearsal.bus.received()
    for repository in rehearsal.backing.service.repositories:
        for document in repository.collection.find():
            sequences = [int(each["sequence"]) for each in events[document["_id"]]]
            expected = list(range(1, document["sequence"] + 1))
            require(
                sequences == expected,
                f"events {sequences} of one of {repository.collection.name} are on the bus, "
                f"but {expected} are committed",
            )
    return sum(map(len, events.values()))
