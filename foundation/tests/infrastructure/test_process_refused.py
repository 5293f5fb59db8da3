"""A process and a receiver that refuses its command, over the broker: F59 from end to end."""

from collections.abc import Mapping
from typing import Any

from carafe.api.functions import Functions
from carafe.api.handlers import Handlers
from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.contracts.received_commands import ReceivedCommand
from carafe.development.inbox_pump import InboxPump
from carafe.domain.errors import InvalidValue
from carafe.domain.process_state import ProcessStatus
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.inbox import REASON
from carafe.infrastructure.event_bus.names import inbox_queue
from carafe.testing.broker import remove_from_broker
from carafe.testing.inbound import Broker
from tests.support.post_office import Letter
from tests.support.reminding import SendLetter
from tests.support.reminding_world import World
from tests.support.two_services import Declared, wired


def post_office(world: World) -> tuple[Declared, Functions]:
    """Return a post office that can deliver no letter of this library."""
    contract = world.told.commands[SendLetter]

    class LibraryLetterV1(ReceivedCommand, frozen=True):
        """The library wants a letter sent."""

        wire_type = contract.wire_type
        sender = world.name
        member: str

    def refuse(command: LibraryLetterV1, context: CommandContext) -> CommandResult:
        del context
        raise InvalidValue("member", f"{command.member} has no address")

    declared = Declared(
        name=contract.receiver(),
        version="1.0.0",
        settings=world.container.service.settings,
        root=world.container.service.root,
        repositories={Letter: "tests.support.post_office:LetterRepository"},
        published={},
        subscribed=[LibraryLetterV1],
    )
    return declared, Functions(declared, [], lambda _: Handlers(events=[{LibraryLetterV1: refuse}]))


def consume(container: Container[Any], functions: Functions) -> None:
    name = container.settings.service_name
    url = container.settings.rabbitmq_url
    Broker(container).wait_for(1)
    InboxPump(url, inbox_queue(name), functions.consume_events).step()


def test_what_a_receiver_refuses_is_undone(world: World, environment: Mapping[str, str]) -> None:
    declared, functions = post_office(world)
    post = wired(declared, environment)
    post.prepare_bus()
    world.send_letter()
    world.relay()
    consume(post, functions)
    ((headers, _),) = Broker(post).parked()
    assert headers[REASON] == "invalid_value"
    consume(world.container, world.functions)
    process = world.process()
    assert (process.status, process.reason) == (ProcessStatus.UNDOING, "sending: invalid_value")
    assert world.commands() == ["card unblock"]
    assert (world.broker.count(), world.broker.parked()) == (0, [])
    remove_from_broker(post)
    post.close()
