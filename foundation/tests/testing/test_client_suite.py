"""The suite for clients takes what sends a message for an operation, and nothing else."""

from carafe.client.service_client import ServiceClient
from carafe.contracts.base import Command, CommandResult
from carafe.testing.suites import ClientTests


class Lend(Command, frozen=True):
    """Lend a book."""


class Client(ServiceClient):
    """Of a service, with a method that its team has built from another one."""

    def lend(self, command: Lend | None = None) -> CommandResult:
        """An operation."""
        raise NotImplementedError

    def lend_all(self, number: int) -> list[CommandResult]:
        """No operation."""
        return [self.lend(Lend()) for _ in range(number)]

    def done(self) -> None:
        """No operation either."""


def test_only_methods_that_take_a_message_are_operations() -> None:
    suite = ClientTests()
    suite.client = Client
    assert suite.methods() == ["lend"]
