"""Routes about the service itself that are for operators alone."""

from typing import Any, cast

from chalice.app import Chalice, ChaliceAuthorizer, Request, Response

from carafe.infrastructure.cqrs.middleware.scope import ScopeMissing
from carafe.infrastructure.errors import InfrastructureError
from carafe.infrastructure.service import Service

from .open_routes import READING
from .problems import Problems, RequestRefused, response_to
from .requests import caller_of, correlation_id
from .views import CACHING, json_response

OPERATIONS = "operations"
"""The scope of operators."""


def register(
    app: Chalice, authorizer: ChaliceAuthorizer, service: Service[Any], problems: Problems
) -> None:
    """Serve them.

    Args:
        app: serves them.
        authorizer: asked before each of them.
        service: which they describe.
        problems: turns errors into problems.
    """

    @app.route("/ready/drift", methods=READING, authorizer=authorizer)
    def drift() -> Response:
        """Answer how validators and indexes differ from what this code declares."""
        request = cast(Request, app.current_request)
        try:
            _require_operator(request)
            plan = service.run(lambda container: container.database_plan())
        except (RequestRefused, ScopeMissing, InfrastructureError) as error:
            return response_to(problems.of(error, correlation_id(request.headers)))
        return json_response({"drift": list(map(str, plan))}, headers={"Cache-Control": CACHING})


def _require_operator(request: Request) -> None:
    """Check the caller's scope.

    Raises:
        RequestRefused: there is no caller.
        ScopeMissing: it is no operator.
    """
    if not caller_of(request).may(OPERATIONS):
        raise ScopeMissing(OPERATIONS)
