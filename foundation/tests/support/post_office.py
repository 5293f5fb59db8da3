"""A post office that sends letters for other services."""

from pathlib import Path
from typing import Any

import carafe
from carafe.api.functions import Functions
from carafe.api.handlers import Handlers
from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.domain.errors import InvalidValue
from carafe.domain.model import AggregateRoot, schema
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import create
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository

from .two_services import Contracts, Declared


@schema(collection="letters")
class Letter(AggregateRoot):
    """A letter under way."""

    reader: str
    text: str

    @classmethod
    def written(cls, letter_id: str, reader: str, text: str) -> "Letter":
        """Write a letter.

        Raises:
            InvalidValue: it says nothing.
        """
        if not text:
            raise InvalidValue("text", "must not be empty")
        return cls(id=letter_id, reader=reader, text=text)


class LetterRepository(MongoRepository[Letter]):
    """Keeps letters."""

    aggregate = Letter


def post_of(told: Contracts, name: str) -> Declared:
    """Declare the post office."""
    return Declared(
        name=name,
        version="1.0.0",
        settings=carafe.Settings,
        root=Path("/nowhere"),
        repositories={Letter: f"{__name__}:LetterRepository"},
        published={},
        subscribed=[told.received],
    )


def post_functions(declared: Declared, told: Contracts) -> Functions:
    """Return the functions of the post office."""

    def make_handlers(container: Container[Any]) -> Handlers:
        letters = container.repository(Letter)

        def send(command: Any, context: CommandContext) -> CommandResult:  # noqa: ANN401 - made above
            return create(
                letters,
                context,
                lambda letter_id: Letter.written(letter_id, command.reader, command.text),
            )

        return Handlers(events=[{told.received: send}])

    return Functions(declared, [], make_handlers)
