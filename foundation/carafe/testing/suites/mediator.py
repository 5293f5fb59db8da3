"""Every message finds its handler, and nobody else's."""

from collections.abc import Iterator
from typing import Any

import pytest

from carafe.api import handlers
from carafe.api.endpoints import Operation
from carafe.contracts.base import Command, CommandResult, Query
from carafe.development.project import Project
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.invocation import Invocation
from carafe.infrastructure.cqrs.mediator import Mediator
from carafe.infrastructure.cqrs.middleware.scope import ScopeMissing, scope
from carafe.testing.contexts import a_context
from carafe.testing.messages import a_message


class MediatorTests:
    """The service's own mediator, on its database."""

    @pytest.fixture
    def mediator(self, project: Project, class_container: Container[Any]) -> Mediator:
        """The mediator, with the service's handlers."""
        service = project.service
        table = project.functions.make_handlers(class_container).table(
            service.subscribed, service.timer_kinds.values()
        )
        return Mediator(lambda: table, handlers.middlewares(service))

    def test_every_route_has_a_handler(self, project: Project, mediator: Mediator) -> None:
        messages = {each.message for each in project.functions.operations}
        assert messages <= mediator.handlers.keys()

    def test_every_event_that_is_subscribed_to_has_a_handler(
        self, project: Project, mediator: Mediator
    ) -> None:
        assert set(project.service.subscribed) <= mediator.handlers.keys()

    def test_every_command_is_known_by_its_wire_name(self, mediator: Mediator) -> None:
        commands = [each for each in mediator.handlers if issubclass(each, Command)]
        assert {each: mediator.command_named(each.wire_name) for each in commands} == {
            each: each for each in commands
        }
        assert mediator.command_named("nobody.knows.this") is None

    def test_who_lacks_the_scope_is_refused_whatever_else_the_token_allows(
        self, project: Project, mediator: Mediator
    ) -> None:
        for operation in _restricted(project):
            required = operation.message.scope
            others = frozenset(project.service.scopes - {required})
            with pytest.raises(ScopeMissing) as refusal:
                _call(mediator, operation.message, others)
            assert refusal.value.scope == required

    def test_who_has_the_scope_gets_to_the_handler(
        self, project: Project, mediator: Mediator
    ) -> None:
        for operation in project.functions.operations:
            heard: list[object] = []
            required = operation.message.scope
            allowed = frozenset({required} if required else ())
            _call(_overheard(mediator, heard), operation.message, allowed)
            assert [type(each) for each in heard] == [operation.message]

    def test_every_event_gets_to_its_handler(self, project: Project, mediator: Mediator) -> None:
        for event in project.service.subscribed:
            heard: list[object] = []
            invocation = Invocation.of(a_message(event), a_context())
            _overheard(mediator, heard).handle(invocation)
            assert [type(each) for each in heard] == [event]


def _overheard(mediator: Mediator, heard: list[object]) -> Mediator:
    """Return a mediator of the same messages, whose handlers only note them."""

    def note(message: object, _: object) -> CommandResult:
        heard.append(message)
        return CommandResult(id="nobody", version=1)

    notes = dict.fromkeys(mediator.handlers, note)
    return Mediator(lambda: notes, [scope])


def _restricted(project: Project) -> Iterator[Operation]:
    for each in project.functions.operations:
        if each.message.scope is not None:
            yield each


def _call(mediator: Mediator, contract: type[Command | Query], scopes: frozenset[str]) -> None:
    context = a_context(scopes=scopes)
    companion = context.caller if issubclass(contract, Query) else context
    mediator.handle(Invocation.of(a_message(contract), companion))
