"""How far ahead a timer is nudged, and how long its nudge has time to arrive."""

from datetime import timedelta

LONGEST_DELAY_SECONDS = 900
"""What SQS delays a message for at most.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
"""

LOOK_AHEAD = timedelta(seconds=90)
"""How far a sweep looks ahead: more than the time between two sweeps, so that each sees the timers
that are due before the next one."""

NUDGE_GRACE = timedelta(seconds=10)
"""A timer that is overdue for so long has lost its nudge."""

BACKLOG_GRACE = timedelta(minutes=2)
"""The same for what was overdue when it was nudged: after an outage, nudges wait in the queue."""
