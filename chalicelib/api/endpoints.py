"""Routes as a table: each row says which command or query a path carries."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from chalice.app import Blueprint, Request, Response

from chalicelib.contracts.base import Command, CommandResult, Query
from chalicelib.infrastructure import logs
from chalicelib.infrastructure.bootstrap import container

from .handlers import mediator
from .problems import View, answering_problems
from .requests import caller, command_of, context_of, correlation_id, query_of, traceparent

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Operation:
    """One row of the table.

    Attributes:
        method: GET, POST, PUT or DELETE.
        path: with parameters as `{id}`.
        message: the command or query that a request becomes.
        answer: what is answered.
        status: of the answer when all went well.
        tag: the group that the operation belongs to.
    """

    method: str
    path: str
    message: type[Command | Query]
    answer: type
    status: int
    tag: str

    @property
    def path_parameters(self) -> list[str]:
        """The names of the parameters in the path."""
        return re.findall(r"{(\w+)}", self.path)


class Endpoints:
    """The routes of one part of the API.

    Args:
        import_name: of the module that lists them.
        tag: how the documentation names the part.
    """

    def __init__(self, import_name: str, tag: str) -> None:
        self.blueprint = Blueprint(import_name)
        self.operations: list[Operation] = []
        self._tag = tag

    def command(
        self, method: str, path: str, command: type[Command], *, creates: bool = False
    ) -> None:
        """Add a route that carries a command; body and path parameters make it up."""
        status = 201 if creates else 200
        operation = Operation(method, path, command, CommandResult, status, self._tag)

        def view(request: Request, parameters: dict[str, str], correlation_id: str) -> Response:
            asking = caller(request, is_local=container().settings.is_local)
            sent = command_of(request, command, parameters)
            context = context_of(request, sent, asking, correlation_id)
            result = mediator().send(sent, context)
            headers = {"ETag": f'"{result.version}"'}
            if creates:
                headers["Location"] = f"{path}/{result.id}"
            return json_response(result, status, headers)

        self._register(operation, view)

    def query(self, path: str, query: type[Query], answer: type) -> None:
        """Add a route that carries a query; query string and path parameters make it up."""
        operation = Operation("GET", path, query, answer, 200, self._tag)

        def view(request: Request, parameters: dict[str, str], _correlation_id: str) -> Response:
            asking = caller(request, is_local=container().settings.is_local)
            return json_response(mediator().ask(query_of(request, query, parameters), asking))

        self._register(operation, view)

    def _register(self, operation: Operation, view: View) -> None:
        answering = answering_problems(view)
        # The route, not the path: that holds ids, and whatever a stranger put there.
        told = {"method": operation.method, "route": operation.path}

        def chalice_view(**parameters: str) -> Response:
            request = self.blueprint.current_request
            identifier = correlation_id(request)
            with logs.about(correlation_id=identifier, traceparent=traceparent(request)):
                response = answering(request, parameters, identifier)
                log.info("answered", extra=told | {"status": response.status_code})
            response.headers["X-Correlation-Id"] = identifier
            return response

        chalice_view.__name__ = operation.message.__name__
        # No list of content types: Chalice would answer a wrong one in a form of its own.
        route = self.blueprint.route(operation.path, methods=[operation.method], content_types=[])
        route(chalice_view)
        self.operations.append(operation)


def json_response(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer in JSON."""
    return Response(
        body=msgspec.json.encode(body).decode(),
        status_code=status,
        headers={"Content-Type": "application/json", **(headers or {})},
    )
