"""Routes about the service itself: open, no caller needed."""

from chalice.app import Blueprint, Response

from chalicelib import __version__
from chalicelib.infrastructure.bootstrap import container
from chalicelib.infrastructure.errors import InfrastructureError

from .endpoints import Operation, json_response
from .handlers import with_current_login
from .orders.routes import endpoints as orders
from .problems import problem_of, response_to
from .products.routes import endpoints as products
from .requests import correlation_id

OPERATIONS: list[Operation] = [*products.operations, *orders.operations]

blueprint = Blueprint(__name__)


@blueprint.route("/health")
def health() -> Response:
    """Answer that the process runs, whatever becomes of the rest."""
    return json_response({"status": "ok"})


@blueprint.route("/ready")
def ready() -> Response:
    """Answer whether commands can be taken: that needs the database, and nothing else.

    `drift` lists how validators and indexes differ from what this code declares.
    """
    try:
        drift = with_current_login(lambda: list(map(str, container().database_plan())))
    except InfrastructureError as error:
        return response_to(problem_of(error, correlation_id(blueprint.current_request.headers)))
    return json_response({"status": "ready", "drift": drift})


@blueprint.route("/openapi.json")
def openapi() -> Response:
    """Answer with the description of the HTTP API."""
    from .openapi import openapi_document

    return json_response(openapi_document(OPERATIONS, __version__))


@blueprint.route("/asyncapi.json")
def asyncapi() -> Response:
    """Answer with the description of the events."""
    from .asyncapi import asyncapi_document

    return json_response(asyncapi_document(container().settings.service_name, __version__))


@blueprint.route("/docs")
def documentation() -> Response:
    """Answer with the page on which the API can be read and tried."""
    from . import docs

    html, headers = docs.page()
    return Response(body=html, headers=dict(headers))
