"""The contract tests of the port `Repository`, for every store that implements it."""

from typing import Any, TypeVar

import pytest
from pymongo.errors import WriteError

from carafe.development.project import Project
from carafe.domain.model import AggregateRoot, collection_of
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.schema_sync import plan
from carafe.infrastructure.service import Service
from carafe.testing.stores import Store, in_memory, in_mongo

from .adding import Adding
from .bounds import Bounds
from .criteria import Criteria
from .deleting import Deleting
from .effects_once import EffectsOnce
from .events import Events
from .lost_replies import LostReplies
from .lost_updates import LostUpdates
from .pages import PagesAndStreams
from .timer_calls import TimerCalls
from .timer_fields import TimerFields
from .timers import Timers
from .uniqueness import Uniqueness

A = TypeVar("A", bound=AggregateRoot)


class RepositoryPromises(
    Adding[A],
    Events[A],
    EffectsOnce[A],
    LostUpdates[A],
    Deleting[A],
    PagesAndStreams[A],
    Criteria[A],
    Bounds[A],
    Uniqueness[A],
    Timers[A],
    TimerCalls[A],
):
    """All promises that hold for every store; a subclass supplies the fixture `store`."""

    @pytest.fixture
    def declared(self, project: Project) -> Service[Any]:
        """The service's declaration."""
        return project.service


class RepositoryTests(RepositoryPromises[A], LostReplies[A], TimerFields[A]):
    """The promises of the service's repository of an aggregate, on a real database."""

    @pytest.fixture
    def store(self, class_container: Container[Any]) -> Store[A]:
        """The service's own repository, empty."""
        class_container.database[collection_of(self.aggregate)].delete_many({})
        return in_mongo(self.aggregate, class_container)

    def test_the_database_is_as_the_domain_declares(self, class_container: Container[Any]) -> None:
        assert [str(each) for each in plan(class_container.database, self.aggregate)] == []

    def test_the_database_refuses_what_the_domain_does_not_know(
        self, store: Store[A], class_container: Container[Any]
    ) -> None:
        aggregate = self.kept(store.repository)
        documents = class_container.database[collection_of(self.aggregate)]
        with pytest.raises(WriteError, match="validation"):
            documents.update_one({"_id": aggregate.id}, {"$set": {"version": "two"}})
        self.require_unchanged(store.repository, aggregate)


class MemoryRepositoryTests(RepositoryPromises[A]):
    """The promises of the in-memory repository, which needs no class of its own."""

    @pytest.fixture
    def store(self, project: Project) -> Store[A]:
        """A new repository."""
        return in_memory(self.aggregate, project.service)
