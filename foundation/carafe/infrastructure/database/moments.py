"""Moments, as the store keeps them."""

from datetime import datetime


def stored_moment(moment: datetime) -> datetime:
    """Let a moment through that the store keeps exactly.

    Raises:
        ValueError: it has no zone, or is finer than the store's milliseconds, which would
            come back as another moment.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment to be stored needs a time zone")
    if moment.microsecond % 1000:
        raise ValueError("a moment to be stored has milliseconds, not microseconds")
    return moment
