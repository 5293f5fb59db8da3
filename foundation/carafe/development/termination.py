"""Waits for the signals by which a process is asked to end.

They are blocked and waited for, rather than handled: a handler runs in the middle of other code,
and if it takes a lock that this code holds, as `Event.set` and the start of a thread do, it waits
for ever. Several signals come at once when the process that started this one is killed.
"""

import signal

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def hold_back_termination() -> None:
    """Let SIGTERM and SIGINT wait, for this thread and for those that it starts."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def await_termination() -> None:
    """Return when SIGTERM or SIGINT has come since they were held back."""
    signal.sigwait(SIGNALS)
