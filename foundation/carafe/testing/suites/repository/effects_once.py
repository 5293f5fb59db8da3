"""Each command takes effect once."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.domain.errors import NotFound
from carafe.domain.model import AggregateRoot
from carafe.infrastructure.cqrs.execution import change, create
from carafe.infrastructure.database.bookkeeping import (
    FORGETTING_EVERY,
    HANDLED_FOR,
    LEAST_HANDLED,
)
from carafe.infrastructure.database.repository import Repository
from carafe.infrastructure.errors import CommandMismatch
from carafe.testing.contexts import a_context
from carafe.testing.stores import Store, at_once

from .case import RepositoryCase

A = TypeVar("A", bound=AggregateRoot)


class EffectsOnce(RepositoryCase[A]):
    """A repeated command gets the first result and changes nothing."""

    def test_a_repeated_creation_gets_the_first_answer(self, store: Store[A]) -> None:
        context = a_context()
        first = create(store.repository, context, self.with_id)
        assert first == CommandResult(id=context.command_id, version=1)
        store.repository.save(self.changed(store.repository.get(first.id)), a_context())
        waiting = store.sequences(first.id)
        assert create(store.repository, context, self.with_id) == first
        assert store.repository.get(first.id).version == 2
        assert store.sequences(first.id) == waiting

    def test_a_repeated_change_takes_effect_once(self, store: Store[A]) -> None:
        aggregate, context = self.kept(store.repository), a_context()
        first = change(store.repository, aggregate.id, context, self.change)
        after = store.repository.get(aggregate.id)
        assert change(store.repository, aggregate.id, context, self.change) == first
        assert first == CommandResult(id=aggregate.id, version=2)
        self.require_unchanged(store.repository, after)
        assert store.sequences(aggregate.id) == list(range(1, after.sequence + 1))

    def test_a_repeated_deletion_gets_the_first_answer(self, store: Store[A]) -> None:
        aggregate, context = self.kept(store.repository), a_context()

        def delete() -> CommandResult:
            return change(store.repository, aggregate.id, context, self.change, delete=True)

        first = delete()
        waiting = store.sequences(aggregate.id)
        assert delete() == first == CommandResult(id=aggregate.id, version=2)
        assert store.sequences(aggregate.id) == waiting

    def test_a_stale_repeat_is_answered_by_every_commit(self, repository: Repository[A]) -> None:
        aggregate = self.kept(repository)
        save, delete = a_context(), a_context()
        late = repository.get(aggregate.id)
        repository.save(aggregate, save)
        assert repository.save(late, save) == CommandResult(id=aggregate.id, version=2)
        assert repository.delete(late, save) == CommandResult(id=aggregate.id, version=2)
        repository.delete(aggregate, delete)
        assert repository.delete(late, delete) == CommandResult(id=aggregate.id, version=3)
        assert repository.save(late, save) == CommandResult(id=aggregate.id, version=2)

    def test_a_repeat_on_the_newest_state_is_answered_too(self, store: Store[A]) -> None:
        aggregate, context = self.kept(store.repository), a_context()
        first = store.repository.save(self.changed(aggregate), context)
        after = store.repository.get(aggregate.id)
        assert store.repository.save(self.changed(aggregate), context) == first
        self.require_unchanged(store.repository, after)
        assert store.sequences(aggregate.id) == list(range(1, after.sequence + 1))

    def test_an_earlier_result_outlives_its_aggregate(self, repository: Repository[A]) -> None:
        aggregate = self.an_aggregate()
        creation, deletion = a_context(), a_context()
        repository.add(aggregate, creation)
        repository.delete(aggregate, deletion)
        first = CommandResult(id=aggregate.id, version=1)
        assert repository.earlier_result(aggregate.id, creation) == first
        second = CommandResult(id=aggregate.id, version=2)
        assert repository.load(aggregate.id, deletion) == second
        assert repository.earlier_result(aggregate.id, a_context()) is None

    @pytest.mark.usefixtures("taking_turns")
    def test_concurrent_repeats_of_one_change_take_effect_once(self, store: Store[A]) -> None:
        aggregate, context = self.kept(store.repository), a_context()
        answers = at_once(
            10, lambda _number: change(store.repository, aggregate.id, context, self.change)
        )
        assert answers == [CommandResult(id=aggregate.id, version=2)] * 10
        after = store.repository.get(aggregate.id)
        assert (after.version, store.sequences(aggregate.id)) == (
            2,
            list(range(1, after.sequence + 1)),
        )

    @pytest.mark.usefixtures("taking_turns")
    def test_concurrent_repeats_of_one_creation_take_effect_once(self, store: Store[A]) -> None:
        context = a_context()
        answers = at_once(10, lambda _number: create(store.repository, context, self.with_id))
        assert answers == [CommandResult(id=context.command_id, version=1)] * 10
        made = store.repository.get(context.command_id)
        assert store.sequences(made.id) == list(range(1, made.sequence + 1))
        assert len(store.nudged.nudges) == (1 if store.pending(made.id) else 0)

    @pytest.mark.parametrize("attempt", ["create", "load", "earlier_result", "save", "delete"])
    def test_a_command_id_with_another_content_is_refused(
        self, repository: Repository[A], attempt: str
    ) -> None:
        aggregate = self.an_aggregate()
        context = a_context(command_id=aggregate.id)
        repository.add(aggregate, context)
        late = repository.get(aggregate.id)
        repository.save(aggregate, a_context())
        misused = a_context(command_id=context.command_id, digest="another")
        attempts: dict[str, Callable[[], object]] = {
            "create": lambda: repository.add(aggregate, misused),
            "load": lambda: repository.load(aggregate.id, misused),
            "earlier_result": lambda: repository.earlier_result(aggregate.id, misused),
            "save": lambda: repository.save(late, misused),
            "delete": lambda: repository.delete(late, misused),
        }
        with pytest.raises(CommandMismatch):
            attempts[attempt]()
        assert repository.get(aggregate.id).version == 2

    def test_a_repeat_is_answered_even_when_the_rules_refuse_it_now(
        self, repository: Repository[A]
    ) -> None:
        aggregate = self.an_aggregate()
        context = a_context(command_id=aggregate.id)
        first = repository.add(aggregate, context)

        def refuse(_identifier: str) -> A:
            raise NotFound("neighbour", "gone since")

        assert create(repository, context, refuse) == first
        with pytest.raises(NotFound):
            create(repository, a_context(), refuse)

    def test_commands_are_remembered_for_a_day_and_the_creation_for_good(
        self, store: Store[A]
    ) -> None:
        if store.clock is None:
            pytest.skip("the store's clock cannot be set")
        creation = a_context()
        aggregate = self.with_id(creation.command_id)
        first = store.repository.add(aggregate, creation)
        earlier = self._saved(store.repository, aggregate, LEAST_HANDLED // 2)
        store.clock.advance(HANDLED_FOR + timedelta(hours=1))
        later = self._saved(store.repository, aggregate, LEAST_HANDLED + FORGETTING_EVERY)
        assert self._remembered(store.repository, aggregate, later) == len(later)
        assert self._remembered(store.repository, aggregate, earlier) == 0
        assert create(store.repository, creation, self.with_id) == first
        misused = a_context(command_id=creation.command_id, digest="another")
        with pytest.raises(CommandMismatch):
            create(store.repository, misused, self.with_id)

    def test_the_latest_commands_are_remembered_however_old_they_are(self, store: Store[A]) -> None:
        if store.clock is None:
            pytest.skip("the store's clock cannot be set")
        aggregate = self.kept(store.repository)
        earlier = self._saved(store.repository, aggregate, LEAST_HANDLED)
        store.clock.advance(10 * HANDLED_FOR)
        later = self._saved(store.repository, aggregate, FORGETTING_EVERY)
        assert self._remembered(store.repository, aggregate, later) == len(later)
        latest = earlier[-(LEAST_HANDLED - FORGETTING_EVERY) :]
        assert self._remembered(store.repository, aggregate, latest) == len(latest)

    def _saved(
        self, repository: Repository[A], aggregate: A, times: int
    ) -> list[tuple[CommandContext, CommandResult]]:
        """Save an aggregate a number of times; return the commands and their results."""
        contexts = [a_context() for _ in range(times)]
        return [(context, repository.save(aggregate, context)) for context in contexts]

    def _remembered(
        self,
        repository: Repository[A],
        aggregate: A,
        commands: list[tuple[CommandContext, CommandResult]],
    ) -> int:
        """Return how many commands still get their first result."""
        return sum(
            repository.earlier_result(aggregate.id, context) == result
            for context, result in commands
        )
