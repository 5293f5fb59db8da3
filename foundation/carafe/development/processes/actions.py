"""Resumes or undoes processes, each with a commit and an audit record of its own."""

import getpass
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.progress import track

from carafe.contracts.envelope import Caller, CommandContext
from carafe.development.audit import audit
from carafe.domain.errors import DomainError
from carafe.domain.model import collection_of
from carafe.domain.process import Process
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.errors import InfrastructureError, StoreUnavailable
from carafe.infrastructure.identifiers import digest_of, new_id

ProcessChange = Callable[[Process], None]


def apply_to_each(
    service: Container[Any],
    action: str,
    processes: Sequence[Process],
    apply: ProcessChange,
    **notes: str,
) -> int:
    """Change processes one after the other, and return how many stay as they were.

    Args:
        service: whose they are.
        action: what the change is called in the records.
        processes: as they were found.
        apply: changes each.
        notes: what the records tell besides.

    Raises:
        StoreUnavailable: the store is away; what was recorded is done.
    """
    refused = 0
    console = Console(stderr=True)
    for each in track(processes, action, console=console, disable=not console.is_terminal):
        try:
            change(service.repository(type(each)), each.id, _context(action, each), apply)
        except StoreUnavailable:
            raise
        except (DomainError, InfrastructureError) as error:
            refused += 1
            _audit(f"{action} refused: {error}", each, notes)
        else:
            _audit(action, each, notes)
    return refused


def _context(action: str, process: Process) -> CommandContext:
    return CommandContext(
        command_id=new_id(),
        digest=digest_of(f"processes {action}", process.id),
        caller=Caller(subject=f"operator:{getpass.getuser()}", scopes=frozenset()),
        correlation_id=new_id(),
    )


def _audit(action: str, process: Process, notes: dict[str, str]) -> None:
    collection = collection_of(type(process))
    audit(action, collection=collection, id=process.id, was=process.status.value, **notes)
