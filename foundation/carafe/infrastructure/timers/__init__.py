"""Timers on their way: found when they are due, nudged, and swept up when a nudge is lost."""
