"""Finds processes, those that began first in front."""

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import click

from carafe.domain.model import collection_of
from carafe.domain.process import Process
from carafe.domain.process_state import ENDED, ProcessStatus
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.criteria import below, equals

NOT_ENDED = tuple(each for each in ProcessStatus if each not in ENDED)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A condition on processes; attributes that are None match all of them.

    Attributes:
        process: the name of their class, or their collection.
        older_than: they began at least so long ago.
    """

    process: str | None = None
    older_than: timedelta | None = None


def matching_processes(
    service: Container[Any],
    condition: Filter,
    statuses: Sequence[ProcessStatus],
    limit: int,
) -> tuple[list[Process], bool]:
    """Return the processes that meet a condition, and whether there are more than the limit.

    Args:
        service: whose they are.
        condition: what they meet.
        statuses: where they stand.
        limit: the largest number of processes.

    Raises:
        ClickException: there is no such class.
    """
    kinds: Sequence[type[Process]] = service.service.processes
    if condition.process is not None:
        kinds = [process_named(service, condition.process)]
    before = None
    if condition.older_than is not None:
        before = service.clock() - condition.older_than
    streams = [_stream(service, kind, status, before) for kind in kinds for status in statuses]
    merged = heapq.merge(*streams, key=lambda process: (process.begun_at, process.id))
    found = list(itertools.islice(merged, limit + 1))
    return found[:limit], len(found) > limit


def process_named(service: Container[Any], name: str) -> type[Process]:
    """Return a class of processes by its name, or by its collection's.

    Raises:
        ClickException: there is none.
    """
    kinds = service.service.processes
    for each in kinds:
        if name in {each.__name__, collection_of(each)}:
            return each
    known = ", ".join(each.__name__ for each in kinds)
    others = f", only: {known}" if known else "; the service has none"
    raise click.ClickException(f"There is no process {name}{others}.")


def _stream(
    service: Container[Any],
    kind: type[Process],
    status: ProcessStatus,
    before: datetime | None,
) -> Iterator[Process]:
    """Yield the processes of a class with one status, by an index."""
    criteria = [equals("status", status)]
    if before is not None:
        criteria.append(below("begun_at", before))
    return service.repository(kind).stream(*criteria, order=["begun_at"])
