"""When a timer calls, as code: in a behaviour, and in its test."""

from carafe.development.discovery.durations import Duration
from carafe.development.discovery.model import Attribute, Behavior, TimerSetting
from carafe.domain.recurrence import Recurrence

from .examples import Examples


def due(setting: TimerSetting, behavior: Behavior, owner: str) -> str:
    """Return the expression that a behaviour sets a timer to.

    Args:
        setting: of the timer.
        behavior: that sets it.
        owner: the variable that holds the aggregate.
    """
    if isinstance(setting.due, Attribute):
        is_taken = setting.due in behavior.takes
        return setting.due.name if is_taken else f"{owner}.{setting.due.name}"
    return _recurrence(setting.due) if isinstance(setting.due, Recurrence) else delay(setting.due)


def due_moment(
    setting: TimerSetting, behavior: Behavior, owner: str, at: str, examples: Examples
) -> str:
    """Return the expression for the moment at which a timer calls.

    Args:
        setting: of the timer.
        behavior: that has set it, with example values.
        owner: the variable that holds the aggregate, which has the moment if an attribute keeps it.
        at: the moment of the setting.
        examples: of the model.
    """
    if isinstance(setting.due, Recurrence):
        return f"{_recurrence(setting.due)}.next_after({at})"
    if isinstance(setting.due, Duration):
        return f"{at} + {delay(setting.due)}"
    if not setting.due.behavior:
        return f"{owner}.{setting.due.name}"
    return (examples.domain if behavior.creates else examples.changed)(setting.due)


def delay(duration: Duration) -> str:
    """Return the expression for a duration."""
    parts = ", ".join(f"{unit}={number}" for unit, number in duration.parts)
    return f"timedelta({parts})"


def _recurrence(recurrence: Recurrence) -> str:
    return f'Recurrence(cron="{recurrence.cron}", zone="{recurrence.zone}")'
