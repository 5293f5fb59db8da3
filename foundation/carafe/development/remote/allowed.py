"""Which commands can run on a stage."""

from collections.abc import Mapping

ON_STAGES: Mapping[str, tuple[str, ...]] = {
    "bus": ("check", "declare"),
    "database": ("apply", "migrate", "plan"),
    "outbox": ("relay", "status"),
    "parked": ("discard", "list", "redrive", "show"),
    "processes": ("list", "resume", "show", "undo"),
    "timers": ("cancel", "fire", "list", "move"),
}
"""The groups, and their commands that work on a stage. The others concern the tree, or watch."""
