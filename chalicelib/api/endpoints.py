"""Routes as a table: each row says which command or query a path carries."""

import logging
import re
from collections.abc import Callable, Mapping
from typing import cast
from urllib.parse import urlencode

import msgspec
from chalice.app import Chalice, ChaliceAuthorizer, Request, Response
from msgspec import Struct

from chalicelib.contracts.base import Command, CommandResult, Query, RepeatedResult
from chalicelib.contracts.envelope import Caller
from chalicelib.infrastructure import logs
from chalicelib.infrastructure.cqrs.mediator import require_scope

from .handlers import CurrentMediator
from .preconditions import tag_of_body, tag_of_version, unless_known
from .problems import View, answering_problems
from .requests import caller, command_of, context_of, correlation_id, query_of, traceparent

log = logging.getLogger(__name__)

mediator = CurrentMediator()

OK, CREATED = 200, 201

# Answers belong to one caller, and are asked for anew: with If-None-Match, that is cheap.
CACHING = "private, no-cache"


class Operation(Struct, frozen=True):
    """One row of the table.

    Attributes:
        method: GET, POST, PUT or DELETE; a GET is answered to HEAD as well.
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
        self._views: list[View] = []
        self._tag = tag

    def command(
        self, method: str, path: str, command: type[Command], *, creates: bool = False
    ) -> None:
        """Add a route that carries a command; body and path parameters make it up."""
        status = CREATED if creates else OK

        def view(request: Request, parameters: dict[str, str], correlation_id: str) -> Response:
            asking = permitted_caller(request, command)
            sent = command_of(request, command, parameters)
            context = context_of(request, sent, asking, correlation_id)
            result = mediator.send(sent, context)
            headers = {"ETag": tag_of_version(result.version)}
            if creates:
                headers["Location"] = f"{request.context['path'].rstrip('/')}/{result.id}"
            if isinstance(result, RepeatedResult):
                headers["Idempotent-Replayed"] = "true"
            return json_response(result, status, headers)

        self._add(Operation(method, path, command, CommandResult, status, self._tag), view)

    def query(self, path: str, query: type[Query], answer: type) -> None:
        """Add a route that carries a query; query string and path parameters make it up."""

        def view(request: Request, parameters: dict[str, str], _correlation_id: str) -> Response:
            asking = permitted_caller(request, query)
            found = mediator.ask(query_of(request, query, parameters), asking)
            response = json_response(found, headers={"Cache-Control": CACHING})
            version = getattr(found, "version", None)
            response.headers["ETag"] = (
                tag_of_body(response.body) if version is None else tag_of_version(version)
            )
            if next_cursor := getattr(found, "next_cursor", None):
                response.headers["Link"] = next_link(request, next_cursor)
            return unless_known(response, request.headers.get("if-none-match"))

        self._add(Operation("GET", path, query, answer, OK, self._tag), view)

    def _add(self, operation: Operation, view: View) -> None:
        self.operations.append(operation)
        self._views.append(view)

    def register(self, app: Chalice, authorizer: ChaliceAuthorizer) -> None:
        """Serve the routes.

        Args:
            app: what serves them.
            authorizer: asked before each of them.
        """
        for operation, view in zip(self.operations, self._views, strict=True):
            app.route(
                operation.path,
                methods=["GET", "HEAD"] if operation.method == "GET" else [operation.method],
                name=operation.message.__name__,
                authorizer=authorizer,
                # No list: Chalice would answer a wrong content type in a form of its own.
                content_types=[],
            )(_chalice_view(app, operation, view))


def _chalice_view(app: Chalice, operation: Operation, view: View) -> Callable[..., Response]:
    answering = answering_problems(view)
    # The route, not the path: that holds ids, and whatever a stranger put there.
    told = {"method": operation.method, "route": operation.path}

    def answer(**parameters: str) -> Response:
        request = cast(Request, app.current_request)  # it is set while a route is served
        identifier = correlation_id(request.headers)
        with logs.about(correlation_id=identifier, traceparent=traceparent(request)):
            response = answering(request, parameters, identifier)
            log.info("answered", extra=told | {"status": response.status_code})
        response.headers["X-Correlation-Id"] = identifier
        if request.method == "HEAD":
            response.body = ""
        return response

    return answer


def permitted_caller(request: Request, message: type[Command | Query]) -> Caller:
    """Return who asks, before anything else in the request is looked at.

    Raises:
        RequestRefused: nobody that is known.
        ScopeMissing: somebody who may not send this message.
    """
    asking = caller(request)
    require_scope(message, asking)
    return asking


def next_link(request: Request, cursor: str) -> str:
    """Return the header Link (RFC 8288) to the next page, relative to this one's address."""
    parameters = {**dict((request.query_params or {}).items()), "cursor": cursor}
    return f'<?{urlencode(parameters)}>; rel="next"'


def json_response(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer in JSON."""
    return Response(
        body=msgspec.json.encode(body).decode(),
        status_code=status,
        headers={"Content-Type": "application/json", **(headers or {})},
    )
