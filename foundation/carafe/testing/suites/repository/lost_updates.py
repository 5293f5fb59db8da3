"""Concurrent updates."""

import functools
from typing import TypeVar

import pytest

from carafe.contracts.base import CommandResult
from carafe.domain.errors import StaleVersion
from carafe.domain.model import AggregateRoot, DomainEvent
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.database.repository import Repository
from carafe.testing.contexts import a_context
from carafe.testing.stores import Store, at_once, outcome_of_one

from .case import RepositoryCase

A = TypeVar("A", bound=AggregateRoot)

WRITERS = 12
CHANGES_EACH = 3


class LostUpdates(RepositoryCase[A]):
    """No update is lost: each concurrent writer succeeds or learns that it failed."""

    def test_a_stale_writer_is_refused_and_changes_nothing(self, store: Store[A]) -> None:
        aggregate = self.kept(store.repository)
        late = store.repository.get(aggregate.id)
        store.repository.save(self.changed(aggregate), a_context())
        waiting = store.sequences(aggregate.id)
        recorded = len(self.changed(late).recorded)
        with pytest.raises(StaleVersion):
            store.repository.save(late, a_context())
        with pytest.raises(StaleVersion):
            store.repository.delete(late, a_context())
        self.require_unchanged(store.repository, aggregate)
        assert store.sequences(aggregate.id) == waiting
        assert (late.version, len(late.recorded)) == (1, recorded)

    @pytest.mark.usefixtures("taking_turns")
    def test_many_writers_at_once_lose_nothing(self, store: Store[A], event: DomainEvent) -> None:
        """Every accepted change is in the history, in a version of its own."""
        aggregate = self.an_aggregate()
        aggregate.recorded[:] = [event]
        store.repository.add(aggregate, a_context())

        def record_one(found: A) -> None:
            self.change(found)
            found.recorded[:] = [event]

        def write(_number: int) -> list[tuple[int, str]]:
            accepted = []
            for _ in range(CHANGES_EACH):
                context = a_context()
                result = change(store.repository, aggregate.id, context, record_one)
                accepted.append((result.version, context.command_id))
            return accepted

        accepted = sorted(each for done in at_once(WRITERS, write) for each in done)
        last = WRITERS * CHANGES_EACH + 1
        found = store.repository.get(aggregate.id)
        assert [version for version, _ in accepted] == list(range(2, last + 1))
        assert (found.version, found.sequence) == (last, last)
        assert store.sequences(aggregate.id) == list(range(1, last + 1))
        history = [each["causationid"] for each in store.events(aggregate.id)[1:]]
        assert history == [command_id for _, command_id in accepted]

    @pytest.mark.usefixtures("taking_turns")
    def test_of_many_saves_of_one_version_at_once_one_wins(self, store: Store[A]) -> None:
        aggregate = self.kept(store.repository)
        hands = [self.changed(store.repository.get(aggregate.id)) for _ in range(10)]
        contexts = [a_context() for _ in hands]
        commits = [
            functools.partial(store.repository.save, hand, context)
            for hand, context in zip(hands, contexts, strict=True)
        ]
        outcomes = at_once(10, functools.partial(outcome_of_one, commits))
        assert sorted(outcomes) == ["stale_version"] * 9 + ["won"]
        winner = outcomes.index("won")
        self.require_unchanged(store.repository, hands[winner])
        earlier = [store.repository.earlier_result(aggregate.id, each) for each in contexts]
        assert [number for number, each in enumerate(earlier) if each] == [winner]
        assert earlier[winner] == CommandResult(id=aggregate.id, version=2)
        assert store.sequences(aggregate.id) == list(range(1, hands[winner].sequence + 1))

    @pytest.mark.usefixtures("taking_turns")
    def test_of_a_save_and_a_delete_at_once_one_wins(self, repository: Repository[A]) -> None:
        for _ in range(10):
            aggregate = self.kept(repository)
            saver, deleter = repository.get(aggregate.id), repository.get(aggregate.id)
            commits = [
                functools.partial(repository.save, saver, a_context()),
                functools.partial(repository.delete, deleter, a_context()),
            ]
            outcomes = at_once(2, functools.partial(outcome_of_one, commits))
            assert outcomes in (["won", "stale_version"], ["not_found", "won"])
            assert repository.exists(aggregate.id) is (outcomes[0] == "won")
