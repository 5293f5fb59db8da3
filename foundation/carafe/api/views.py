"""What the routes do: from a request to the mediator, and from its result to an answer."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import cast
from urllib.parse import urlencode

import msgspec
from chalice.app import Chalice, ChaliceAuthorizer, Request, Response

from carafe.contracts.base import Command, Query, RepeatedResult
from carafe.contracts.envelope import Caller
from carafe.infrastructure import logs
from carafe.infrastructure.cqrs.mediator import require_scope

from .endpoints import Operation
from .handlers import CurrentMediator
from .preconditions import tag_of_body, tag_of_version, unless_known
from .problems import Problems, response_to
from .requests import caller, command_of, context_of, correlation_id, query_of, traceparent

log = logging.getLogger(__name__)

View = Callable[[Request, dict[str, str], str], Response]

# Answers belong to one caller, and are asked for anew: with If-None-Match, that is cheap.
CACHING = "private, no-cache"


class Views:
    """The views of all operations.

    Args:
        mediator: handles what they carry.
        problems: turns errors into answers.
    """

    def __init__(self, mediator: CurrentMediator, problems: Problems) -> None:
        self._mediator = mediator
        self._problems = problems

    def register(
        self, app: Chalice, authorizer: ChaliceAuthorizer, operations: Sequence[Operation]
    ) -> None:
        """Serve the operations.

        Args:
            app: what serves them.
            authorizer: asked before each of them.
            operations: the table.
        """
        for operation in operations:
            app.route(
                operation.path,
                methods=["GET", "HEAD"] if operation.method == "GET" else [operation.method],
                name=operation.message.__name__,
                authorizer=authorizer,
                # No list: Chalice would answer a wrong content type in a form of its own.
                content_types=[],
            )(self._chalice_view(app, operation))

    def _chalice_view(self, app: Chalice, operation: Operation) -> Callable[..., Response]:
        view = self._query(operation) if operation.is_query else self._command(operation)
        # The route, not the path: that holds ids, and whatever a stranger put there.
        route = {"method": operation.method, "route": operation.path}

        def answer(**parameters: str) -> Response:
            request = cast(Request, app.current_request)  # it is set while a route is served
            identifier = correlation_id(request.headers)
            with logs.about(correlation_id=identifier, traceparent=traceparent(request)):
                response = self._answered(view, request, parameters, identifier)
                log.info("answered", extra=route | {"status": response.status_code})
            response.headers["X-Correlation-Id"] = identifier
            if request.method == "HEAD":
                response.body = ""
            return response

        return answer

    def _answered(
        self, view: View, request: Request, parameters: dict[str, str], identifier: str
    ) -> Response:
        """Return a view's answer, or the problem of its error.

        Chalice turns a plain exception into an answer of its own before any middleware sees it,
        so that this stands directly around the view.
        """
        try:
            return view(request, parameters, identifier)
        except Exception as error:  # noqa: BLE001 - answered, and logged where it is unexpected
            return response_to(self._problems.of(error, identifier))

    def _command(self, operation: Operation) -> View:
        command = cast(type[Command], operation.message)

        def view(request: Request, parameters: dict[str, str], correlation_id: str) -> Response:
            asking = permitted_caller(request, command)
            sent = command_of(request, command, parameters)
            context = context_of(request, sent, asking, correlation_id)
            result = self._mediator.send(sent, context)
            headers = {"ETag": tag_of_version(result.version)}
            if operation.creates:
                headers["Location"] = f"{request.context['path'].rstrip('/')}/{result.id}"
            if isinstance(result, RepeatedResult):
                headers["Idempotent-Replayed"] = "true"
            return json_response(result, operation.status, headers)

        return view

    def _query(self, operation: Operation) -> View:
        query = cast(type[Query], operation.message)

        def view(request: Request, parameters: dict[str, str], _correlation_id: str) -> Response:
            asking = permitted_caller(request, query)
            answer = self._mediator.ask(query_of(request, query, parameters), asking)
            response = json_response(answer, headers={"Cache-Control": CACHING})
            version = getattr(answer, "version", None)
            response.headers["ETag"] = (
                tag_of_body(response.body) if version is None else tag_of_version(version)
            )
            if next_cursor := getattr(answer, "next_cursor", None):
                response.headers["Link"] = next_link(request, next_cursor)
            return unless_known(response, request.headers.get("if-none-match"))

        return view


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
