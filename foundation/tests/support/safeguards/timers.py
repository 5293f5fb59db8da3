"""The safeguards of timers: each calls once, at its time, and none that was cancelled."""

from .safeguard import CQRS, INFRASTRUCTURE, MONGO, PROMISES, Safeguard

CALLS = "tests/infrastructure/test_timer_calls.py"
FAILURES = "tests/infrastructure/test_timer_failures.py"
STORED = "tests/infrastructure/test_timer_store.py"
SWEEP = "tests/infrastructure/test_timer_sweep.py"

TIMERS = [
    Safeguard(
        "the occurrence by which a call knows its timer",
        "domain/timers.py",
        "if timer is None or timer.occurrence != occurrence:",
        "if timer is None:",
        f"{PROMISES} -k cancelled_or_moved",
    ),
    Safeguard(
        "the end of a timer in the commit of its call",
        f"{CQRS}/execution.py",
        "found.replace_timers(timers)",
        "pass",
        f"{PROMISES} -k takes_its_timer_away",
    ),
    Safeguard(
        "the id of a call's command",
        f"{CQRS}/timer_calls.py",
        "command_id=timer_command_id(collection, call.aggregate_id, call.occurrence),",
        "command_id=new_id(),",
        f"{CALLS} -k follows_from",
    ),
    Safeguard(
        "the version in the id of a call's command",
        f"{INFRASTRUCTURE}/identifiers.py",
        "occurrence.id, occurrence.version, due]",
        "occurrence.id, due]",
        "tests/unit/test_timers.py -k command_of_its_own",
    ),
    Safeguard(
        "the check that a call has settled its timer",
        f"{CQRS}/timer_calls.py",
        "if context.timer_call is not None and not context.timer_call.is_settled:",
        "if False:",
        f"{FAILURES} -k forgets_the_timer",
    ),
    Safeguard(
        "a call that is settled by its commit, not by its attempt",
        f"{CQRS}/execution.py",
        "    result = repeated_on_stale(once)\n",
        "    if call is not None:\n        call.is_settled = True\n"
        "    result = repeated_on_stale(once)\n",
        f"{FAILURES} -k reason_of_a_failure",
    ),
    Safeguard(
        "a call that changes its own aggregate alone",
        f"{CQRS}/execution.py",
        "if call is not None and call.aggregate_id != identifier:",
        "if False:",
        f"{PROMISES} -k changes_no_other",
    ),
    Safeguard(
        "no call before its time",
        f"{CQRS}/timer_calls.py",
        "if timer.next_call > self._clock():",
        "if False:",
        f"{CALLS} -k comes_early",
    ),
    Safeguard(
        "the second nudge after one that came early",
        f"{CQRS}/timer_calls.py",
        "            self._nudge(document.collection, document.id, moment)",
        "            pass",
        f"{CALLS} -k comes_early",
    ),
    Safeguard(
        "nudges that lead to no other ones",
        f"{CQRS}/timer_calls.py",
        "if nudge.due is not None and moment <= nudge.due:",
        "if True:",
        f"{CALLS} -k multiply",
    ),
    Safeguard(
        "the shortest time for a call",
        f"{CQRS}/timer_calls.py",
        "if deadline - time.monotonic() < SHORTEST_CALL_SECONDS:",
        "if False:",
        f"{CALLS} -k too_little_time",
    ),
    Safeguard(
        "the order of the timers of a document",
        "domain/timers.py",
        "key=lambda timer: (timer.due, timer.id)",
        "key=lambda timer: (timer.next_call, timer.id)",
        f"{FAILURES} -k others_of_a_document",
    ),
    Safeguard(
        "attempts without the store, which do not count",
        f"{CQRS}/timer_calls.py",
        """            except NO_ATTEMPT:
                raise
""",
        "",
        f"{FAILURES} -k without_the_store",
    ),
    Safeguard(
        "the end of a failing timer's attempts",
        f"{CQRS}/timer_calls.py",
        "if timer.failures >= len(RETRY_DELAYS_SECONDS):",
        "if False:",
        f"{FAILURES} -k parked_in_the_end",
    ),
    Safeguard(
        "the note of a failure on what changed meanwhile",
        f"{CQRS}/timer_calls.py",
        "MOST_REPLACEMENTS = 10",
        "MOST_REPLACEMENTS = 1",
        f"{FAILURES} -k forgets_the_timer",
    ),
    Safeguard(
        "damaged documents, which leave their neighbours alone",
        f"{MONGO}/timer_store.py",
        "except Exception as error:  # noqa: BLE001 - whatever the damage is",
        "except ZeroDivisionError as error:",
        f"{FAILURES} -k damaged",
    ),
    Safeguard(
        "tombstones, whose timers do not call",
        f"{MONGO}/timer_store.py",
        '_ALIVE: Document = {"deleted_at": None}',
        "_ALIVE: Document = {}",
        f"{STORED} -k tombstone",
    ),
    Safeguard(
        "the version match of a failure's note",
        f"{MONGO}/timer_store.py",
        '"version": document.version,',
        "",
        f"{STORED} -k changed_meanwhile",
    ),
    Safeguard(
        "the time match of a claim",
        f"{MONGO}/timer_store.py",
        '{"_id": document.id, "next_due": document.next_due},',
        '{"_id": document.id},',
        f"{STORED} -k before_the_claim",
    ),
    Safeguard(
        "claims, which sweeps leave alone",
        f"{MONGO}/timer_store.py",
        ' | {"claimed_until": {"$not": {"$gt": at}}}',
        "",
        f"{STORED} -k claimed",
    ),
    Safeguard(
        "the claim of a commit that nudges",
        f"{INFRASTRUCTURE}/database/timers.py",
        'fields | {"claimed_until": next_due + NUDGE_GRACE}',
        "fields",
        f"{PROMISES} -k claimed_while",
    ),
    Safeguard(
        "the claim of a sweep",
        f"{INFRASTRUCTURE}/timers/sweep.py",
        "store.claim(claims)",
        "pass",
        f"{SWEEP} -k claimed_while",
    ),
    Safeguard(
        "the nudge before its claim",
        f"{INFRASTRUCTURE}/timers/sweep.py",
        "nudges = _nudges_for(collection, batch, at)",
        "nudges = _nudges_for(collection, batch, at)\n"
        "        store.claim({each: _claimed_until(each, at) for each in batch})",
        f"{SWEEP} -k before_they_are_claimed",
    ),
    Safeguard(
        "nudges that were refused, and are not claimed",
        f"{INFRASTRUCTURE}/timers/sweep.py",
        "claims = {each: _claimed_until(each, at) for each in batch if each.id in accepted}",
        "claims = {each: _claimed_until(each, at) for each in batch}",
        f"{SWEEP} -k refuses",
    ),
    Safeguard(
        "the bound of a sweep's nudges",
        f"{INFRASTRUCTURE}/timers/sweep.py",
        "result.nudged < most",
        "True",
        f"{SWEEP} -k only_so_many",
    ),
    Safeguard(
        "the end of timers with their aggregate",
        f"{INFRASTRUCTURE}/database/timers.py",
        "if is_deletion and (",
        "if False and (",
        f"{PROMISES} -k deleted_has_no_timers",
    ),
    Safeguard(
        "nudges that wait for the commit of their transaction",
        f"{MONGO}/unit_of_work.py",
        "self.nudges.append((collection, identifier, due))",
        "self.nudges.append((collection, identifier, None))",
        f"{PROMISES} -k within_a_transaction",
    ),
]
