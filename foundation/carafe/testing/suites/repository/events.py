"""State, events and commands commit together."""

from typing import Any, TypeVar

import msgspec

from carafe.contracts.envelope import CloudEvent
from carafe.domain.model import AggregateRoot, DomainEvent, collection_of
from carafe.infrastructure.outbox.outbox import Envelope
from carafe.infrastructure.service import Service
from carafe.testing.contexts import a_context
from carafe.testing.stores import Store

from .case import RepositoryCase

A = TypeVar("A", bound=AggregateRoot)


class Events(RepositoryCase[A]):
    """The outbox holds exactly the events that the aggregate recorded."""

    def test_events_wait_in_the_order_in_which_they_happened(
        self, store: Store[A], event: DomainEvent, declared: Service[Any]
    ) -> None:
        aggregate = self.an_aggregate()
        aggregate.record(event)
        expected = [
            declared.published[type(each)].wire_type
            for each in aggregate.recorded
            if isinstance(each, DomainEvent)
        ]
        store.repository.add(aggregate, a_context())
        waiting = store.events(aggregate.id)
        assert [each["type"] for each in waiting] == expected
        assert store.sequences(aggregate.id) == list(range(1, len(expected) + 1))

    def test_an_event_says_what_it_follows_from(self, store: Store[A], event: DomainEvent) -> None:
        aggregate, context = self.an_aggregate(), a_context()
        store.repository.add(aggregate, context)
        for each in store.events(aggregate.id):
            assert each["subject"] == aggregate.id
            assert each["correlationid"] == context.correlation_id
            assert each["causationid"] == context.command_id
        del event  # its fixture skips the test if there are no events

    def test_an_event_is_a_cloud_event_that_fits_its_contract(
        self, store: Store[A], event: DomainEvent, declared: Service[Any]
    ) -> None:
        for example in (*self.examples(), self.an_aggregate()):
            store.repository.add(example, a_context())
            for each in store.events(example.id):
                _require_contract(each, declared)
        del event  # its fixture skips the test if there are no events

    def test_a_save_goes_on_counting(self, store: Store[A], event: DomainEvent) -> None:
        aggregate = self.kept(store.repository)
        before = aggregate.sequence
        aggregate.record(event)
        store.repository.save(aggregate, a_context())
        assert (aggregate.version, aggregate.sequence) == (2, before + 1)
        assert store.sequences(aggregate.id) == list(range(1, before + 2))
        self.require_unchanged(store.repository, aggregate)

    def test_only_a_commit_with_events_nudges(self, store: Store[A], event: DomainEvent) -> None:
        aggregate = self.an_aggregate()
        aggregate.recorded[:] = [event]
        store.repository.add(aggregate, a_context())
        store.repository.save(aggregate, a_context())
        assert store.nudged.nudges == [(collection_of(self.aggregate), aggregate.id)]


def _require_contract(envelope: Envelope, declared: Service[Any]) -> None:
    event = msgspec.convert(envelope, CloudEvent)
    assert msgspec.to_builtins(event) == envelope
    (contract,) = (
        each for each in declared.published.values() if each.wire_type == envelope["type"]
    )
    announced = msgspec.convert(envelope["data"], contract)
    assert set(envelope["data"]) <= set(msgspec.structs.asdict(announced))
