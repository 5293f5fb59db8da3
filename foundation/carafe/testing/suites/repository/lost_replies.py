"""Writes whose reply is lost."""

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec
import pytest

from carafe.contracts.base import CommandResult
from carafe.domain.model import AggregateRoot
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import change, create
from carafe.testing.contexts import a_context
from carafe.testing.proxy import ReplyDroppingProxy
from carafe.testing.stores import Store, in_mongo

from .case import RepositoryCase

A = TypeVar("A", bound=AggregateRoot)

LOCAL = ("127.0.0.1", "localhost")


class LostReplies(RepositoryCase[A]):
    """A write takes effect once, even if the network loses the reply to it."""

    @pytest.fixture
    def proxy(self, class_container: Container[Any]) -> Iterator[ReplyDroppingProxy]:
        """A proxy that can drop the database's replies."""
        host, port = class_container.database.client.address or ("", 0)
        if host not in LOCAL:
            pytest.skip("the database is not on this machine")
        with ReplyDroppingProxy(port) as proxy:
            yield proxy

    @pytest.fixture
    def remote(
        self, class_container: Container[Any], proxy: ReplyDroppingProxy
    ) -> Iterator[Store[A]]:
        """The same store, reached through the proxy."""
        uri = f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true"
        settings = msgspec.structs.replace(class_container.settings, mongo_uri=uri)
        container = Container(class_container.service, settings)
        container.database.client.admin.command("ping")
        yield in_mongo(self.aggregate, container)
        container.close()

    @pytest.mark.parametrize("lost", [1, 2, 3])
    def test_a_creation_whose_reply_is_lost_takes_effect_once(
        self, store: Store[A], remote: Store[A], proxy: ReplyDroppingProxy, lost: int
    ) -> None:
        context = a_context()
        proxy.drop_replies(lost)
        result = create(remote.repository, context, self.with_id)
        assert proxy.dropped == lost
        assert result == CommandResult(id=context.command_id, version=1)
        made = store.repository.get(context.command_id)
        assert store.sequences(made.id) == list(range(1, made.sequence + 1))

    @pytest.mark.parametrize("lost", [1, 2, 3])
    def test_a_change_whose_reply_is_lost_takes_effect_once(
        self, store: Store[A], remote: Store[A], proxy: ReplyDroppingProxy, lost: int
    ) -> None:
        aggregate, context = self.kept(store.repository), a_context()
        proxy.drop_replies(lost)
        result = change(remote.repository, aggregate.id, context, self.change)
        assert proxy.dropped == lost
        assert result == CommandResult(id=aggregate.id, version=2)
        after = store.repository.get(aggregate.id)
        assert after.version == 2
        assert store.sequences(aggregate.id) == list(range(1, after.sequence + 1))
