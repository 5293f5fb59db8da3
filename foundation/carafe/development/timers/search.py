"""Finds timers, page by page."""

import functools
import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from carafe.domain.model import AggregateRoot, collection_of
from carafe.domain.timers import ActiveTimer, Timers, timer_of
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.timer_store import MongoTimerStore
from carafe.infrastructure.event_bus.names import RETRY_DELAYS_SECONDS
from carafe.infrastructure.timers.store import TimedDocument

from .moments import Moment, moment_after

PAGE = 500
"""Documents that are read at once."""

_LAST = datetime.max.replace(tzinfo=UTC)
_LONGEST_PAUSE = timedelta(seconds=max(RETRY_DELAYS_SECONDS))


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A condition on timers; attributes that are None match all of them.

    Attributes:
        aggregate: the aggregate's name, or its collection.
        id: the aggregate's id.
        timer: the timer's name.
        due_before: it is due before then.
        reason: the code of the failure for which it is parked.
        parked: whether it must be parked, whatever the reason.
    """

    aggregate: str | None = None
    id: str | None = None
    timer: str | None = None
    due_before: Moment | None = None
    reason: str | None = None
    parked: bool = False

    @property
    def is_parked(self) -> bool:
        """Whether only parked timers match."""
        return self.parked or self.reason is not None


@dataclass(frozen=True)
class FoundTimer:
    """A timer, and whose it is.

    Attributes:
        aggregate: the kind of its aggregate.
        aggregate_id: its aggregate's id.
        timer: as it was read.
    """

    aggregate: type[AggregateRoot]
    aggregate_id: str
    timer: ActiveTimer

    def __str__(self) -> str:
        return f"{collection_of(self.aggregate)} {self.aggregate_id} {self.timer.id}"


def named_timer(
    service: Container[Any], aggregate: str, identifier: str, timer_id: str
) -> FoundTimer:
    """Return one timer.

    Args:
        service: whose it is.
        aggregate: the aggregate's name, or its collection.
        identifier: the aggregate's id.
        timer_id: the timer's name; with a key, `name:key`.

    Raises:
        ClickException: there is no such aggregate or timer; the message says what there is.
    """
    kind = _aggregate_named(service, aggregate)
    documents = service.timer_stores[collection_of(kind)].with_timers([identifier])
    if not documents:
        if not service.repository(kind).exists(identifier):
            raise click.ClickException(f"There is no {kind.__name__} {identifier}.")
        raise click.ClickException(f"{kind.__name__} {identifier} has no timers.")
    timers = documents[0].timers
    timer = timer_of(timers, timer_id)
    if timer is None:
        others = ", ".join(sorted(each.id for each in timers))
        raise click.ClickException(
            f"{kind.__name__} {identifier} has no timer {timer_id}, only: {others}."
        )
    return FoundTimer(kind, identifier, timer)


def matching_timers(
    service: Container[Any], condition: Filter, at: datetime
) -> Iterator[FoundTimer]:
    """Yield the timers that meet a condition: those parked first, then those that call first.

    The timers of one aggregate stand together.

    Args:
        service: whose they are.
        condition: what they meet.
        at: the present.

    Raises:
        ClickException: there is no such aggregate.
    """
    kinds: Sequence[type[AggregateRoot]] = list(service.service.repositories)
    if condition.aggregate is not None:
        kinds = [_aggregate_named(service, condition.aggregate)]
    by_collection = {collection_of(each): each for each in kinds}
    stores = [service.timer_stores[collection_of(each)] for each in kinds]
    due_before = None if condition.due_before is None else moment_after(at, condition.due_before)
    # One that failed calls later than it is due, by the longest pause at most.
    until = _LAST if due_before is None else max(due_before, at + _LONGEST_PAUSE)
    for document, timers in _documents(stores, condition, until):
        for timer in sorted(timers, key=lambda timer: (timer.due, timer.id)):
            if _matches(timer, condition, due_before):
                yield FoundTimer(by_collection[document.collection], document.id, timer)


def _documents(
    stores: Sequence[MongoTimerStore], condition: Filter, until: datetime
) -> Iterator[tuple[TimedDocument, Timers]]:
    """Yield documents, each first with its parked timers and later with its others."""
    if condition.id is not None:
        for store in stores:
            yield from ((each, each.timers) for each in store.with_timers([condition.id]))
        return
    parked = [_pages(functools.partial(store.parked, PAGE)) for store in stores]
    for each in heapq.merge(*parked, key=lambda document: document.parked_since or _LAST):
        yield each, tuple(timer for timer in each.timers if timer.parking is not None)
    if condition.is_parked:
        return
    waiting = [_pages(functools.partial(store.waiting, until, PAGE)) for store in stores]
    for each in heapq.merge(*waiting, key=lambda document: document.next_due or _LAST):
        yield each, tuple(timer for timer in each.timers if timer.parking is None)


def _pages(
    page_behind: Callable[[TimedDocument | None], list[TimedDocument]],
) -> Iterator[TimedDocument]:
    """Yield the documents of one page after the other, holding only one page."""
    after = None
    while True:
        page = page_behind(after)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1]


def _matches(timer: ActiveTimer, condition: Filter, due_before: datetime | None) -> bool:
    return (
        condition.timer in {None, timer.name}
        and (due_before is None or timer.due < due_before)
        and (timer.parking is not None or not condition.is_parked)
        and (timer.parking is None or condition.reason in {None, timer.parking.code})
    )


def _aggregate_named(service: Container[Any], name: str) -> type[AggregateRoot]:
    """Return a kind of aggregate by its name, or by its collection's.

    Raises:
        ClickException: there is none.
    """
    kinds = service.service.repositories
    for each in kinds:
        if name in {each.__name__, collection_of(each)}:
            return each
    known = ", ".join(each.__name__ for each in kinds)
    raise click.ClickException(f"There is no aggregate {name}, only: {known}.")
