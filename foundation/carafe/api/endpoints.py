"""Routes as a table: each row says which command or query a path carries."""

import re

from msgspec import Struct

from carafe.contracts.base import Command, CommandAnswer, Query

OK, CREATED = 200, 201


class Operation(Struct, frozen=True):
    """One row of the table.

    Attributes:
        method: GET, POST, PUT or DELETE; a GET is answered to HEAD as well.
        path: with parameters as `{id}`.
        message: the command or query that a request becomes.
        answer: what is answered.
        status: of the answer when all went well.
        tag: the group that the operation belongs to.
        problems: errors that it may answer beyond those that any such operation may.
    """

    method: str
    path: str
    message: type[Command | Query]
    answer: type
    status: int
    tag: str
    problems: tuple[type[Exception], ...] = ()

    @property
    def path_parameters(self) -> list[str]:
        """The names of the parameters in the path."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def is_query(self) -> bool:
        """It changes nothing."""
        return issubclass(self.message, Query)

    @property
    def is_paged(self) -> bool:
        """Its answer may go on on a next page."""
        return "next_cursor" in self.answer.__annotations__

    @property
    def creates(self) -> bool:
        """It makes something new."""
        return self.status == CREATED

    @property
    def has_precondition(self) -> bool:
        """It changes something that has a version, which If-Match may name."""
        return not self.is_query and not self.creates


class Endpoints:
    """The routes of one part of the API.

    Args:
        tag: how the documentation names the part.
    """

    def __init__(self, tag: str) -> None:
        self.operations: list[Operation] = []
        self._tag = tag

    def command(
        self,
        method: str,
        path: str,
        command: type[Command],
        *,
        creates: bool = False,
        problems: tuple[type[Exception], ...] = (),
    ) -> None:
        """Add a route that carries a command; body and path parameters make it up.

        Args:
            method: POST, PUT or DELETE.
            path: with parameters as `{id}`.
            command: what a request becomes.
            creates: it makes something new: the answer is 201, and says where.
            problems: errors of its own that it may answer, such as those of an external service.
        """
        status = CREATED if creates else OK
        self.operations.append(
            Operation(method, path, command, CommandAnswer, status, self._tag, problems)
        )

    def query(self, path: str, query: type[Query], answer: type) -> None:
        """Add a route that carries a query; query string and path parameters make it up."""
        self.operations.append(Operation("GET", path, query, answer, OK, self._tag))
