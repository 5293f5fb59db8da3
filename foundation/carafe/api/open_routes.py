"""Routes about the service itself: open, no caller needed."""

from collections.abc import Sequence
from typing import Any, cast

from chalice.app import Chalice, Request, Response

from carafe.infrastructure.errors import InfrastructureError
from carafe.infrastructure.service import Service

from .endpoints import Operation
from .problems import Problems, response_to
from .readiness import Readiness
from .requests import correlation_id
from .views import json_response

READING = ["GET", "HEAD"]


def register(
    app: Chalice, service: Service[Any], operations: Sequence[Operation], problems: Problems
) -> None:
    """Serve them.

    Args:
        app: serves them.
        service: which they describe.
        operations: that `/openapi.json` describes.
        problems: turns errors into problems.
    """

    @app.route("/health", methods=READING)
    def health() -> Response:
        """Answer that the process runs, whatever the state of its database."""
        return json_response({"status": "ok"})

    readiness = Readiness(lambda: service.run(lambda container: container.require_database()))

    @app.route("/ready", methods=READING)
    def ready() -> Response:
        """Answer whether commands can be handled: that needs the database alone."""
        try:
            readiness.require()
        except InfrastructureError as error:
            request = cast(Request, app.current_request)
            return response_to(problems.of(error, correlation_id(request.headers)))
        return json_response({"status": "ready"})

    @app.route("/openapi.json", methods=READING)
    def openapi() -> Response:
        """Answer with the description of the HTTP API."""
        from .openapi import openapi_of

        return json_response(openapi_of(service, operations))

    @app.route("/asyncapi.json", methods=READING)
    def asyncapi() -> Response:
        """Answer with the description of the events."""
        from .asyncapi import asyncapi_of

        name = service.container().settings.service_name
        return json_response(asyncapi_of(service, name))

    @app.route("/docs", methods=READING)
    def documentation() -> Response:
        """Answer with the page on which the API can be read and tried."""
        from . import docs

        html, headers = docs.page(service.container().settings.sign_in_url)
        return Response(body=html, headers=dict(headers))
