"""The commands that can run on a stage, and what may go wrong with them there."""

import click

from carafe.development.broker.management import ManagementUnavailable
from carafe.development.bus.broker import NoBroker
from carafe.development.bus.commands import bus
from carafe.development.database import database
from carafe.development.outbox import outbox
from carafe.development.parked.commands import parked
from carafe.development.processes.commands import processes
from carafe.development.project import NoProject, ServiceBroken
from carafe.development.timers.commands import timers
from carafe.infrastructure.errors import InfrastructureError
from carafe.infrastructure.settings import BadSettings

COMMANDS = {
    "bus": (bus, ("check", "declare")),
    "database": (database, ("apply", "migrate", "plan")),
    "outbox": (outbox, ("relay", "status")),
    "parked": (parked, ("discard", "list", "redrive", "show")),
    "processes": (processes, ("list", "resume", "show", "undo")),
    "timers": (timers, ("cancel", "fire", "list", "move")),
}
"""The groups, and their commands that work on a stage. The others concern the tree, or watch."""

EXPECTED = (
    BadSettings,
    InfrastructureError,
    ManagementUnavailable,
    NoBroker,
    NoProject,
    ServiceBroken,
)
"""What a command ends with in one line."""


def commands_on_stages() -> click.Group:
    """Return a group of these commands and of no others."""
    main = click.Group("carafe")
    for name, (group, allowed) in COMMANDS.items():
        commands = {each: group.commands[each] for each in allowed}
        main.add_command(click.Group(name, commands))
    return main
