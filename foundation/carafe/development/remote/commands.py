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

from .allowed import ON_STAGES

GROUPS = (bus, database, outbox, parked, processes, timers)

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
    for group in GROUPS:
        commands = {each: group.commands[each] for each in ON_STAGES[str(group.name)]}
        main.add_command(click.Group(group.name, commands))
    return main
