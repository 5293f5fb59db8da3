"""What the routes do: from a request to the mediator, and from its result to an answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import cast
from urllib.parse import urlencode

import msgspec
from chalice.app import Chalice, ChaliceAuthorizer, Request, Response

from carafe.contracts.base import Command, CommandAnswer, CommandResult, Query
from carafe.infrastructure.cqrs.invocation import Contents, Invocation
from carafe.infrastructure.cqrs.mediator import Mediator

from .endpoints import Operation
from .idempotency import REPLAYED
from .middleware import Call, View, surrounded
from .middleware.access_log import access_log
from .middleware.conditional import conditional
from .middleware.correlation import correlation
from .middleware.problem_details import problem_details
from .preconditions import tag_of_body, tag_of_version
from .problems import NO_SNIFFING, Problems
from .requests import caller_of, command_of, context_of, correlation_id, query_of, traceparent

# Answers belong to one caller, and are asked for anew: with If-None-Match, that is cheap.
CACHING = "private, no-cache"


class Views:
    """The views of all operations.

    Args:
        mediator: handles the messages that requests carry.
        problems: turns errors into problems.
    """

    def __init__(self, mediator: Mediator, problems: Problems) -> None:
        self._mediator = mediator
        self._problems = problems

    def register(
        self, app: Chalice, authorizer: ChaliceAuthorizer, operations: Sequence[Operation]
    ) -> None:
        """Serve the operations.

        Args:
            app: serves them.
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
        view = surrounded(
            self._query(operation) if operation.is_query else self._command(operation),
            correlation,
            access_log(operation),
            problem_details(self._problems),
        )

        def answer(**parameters: str) -> Response:
            request = cast(Request, app.current_request)  # it is set while a route is served
            headers = request.headers
            call = Call(request, parameters, correlation_id(headers), traceparent(headers))
            return view(call)

        return answer

    def _command(self, operation: Operation) -> View:
        contract = cast(type[Command], operation.message)

        def view(call: Call) -> Response:
            caller = caller_of(call.request)

            def read() -> Contents:
                command = command_of(call.request, contract, call.parameters)
                return command, context_of(call, command, caller)

            result: CommandResult = self._mediator.handle(Invocation(contract, caller, read))
            headers = {"ETag": tag_of_version(result.version)}
            if operation.creates:
                headers["Location"] = f"{call.request.context['path'].rstrip('/')}/{result.id}"
            if result.repeated:
                headers |= REPLAYED
            answer = CommandAnswer(id=result.id, version=result.version)
            return json_response(answer, operation.status, headers)

        return view

    def _query(self, operation: Operation) -> View:
        contract = cast(type[Query], operation.message)

        def view(call: Call) -> Response:
            caller = caller_of(call.request)

            def read() -> Contents:
                return query_of(call.request, contract, call.parameters), caller

            answer = self._mediator.handle(Invocation(contract, caller, read))
            response = json_response(answer, headers={"Cache-Control": CACHING})
            version = getattr(answer, "version", None)
            response.headers["ETag"] = (
                tag_of_body(response.body) if version is None else tag_of_version(version)
            )
            if next_cursor := getattr(answer, "next_cursor", None):
                response.headers["Link"] = next_link(call.request, next_cursor)
            return response

        return conditional(view)


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
        headers={"Content-Type": "application/json", **NO_SNIFFING, **(headers or {})},
    )
