"""Timers in an operator's hands: listed, moved, cancelled, called at once."""
