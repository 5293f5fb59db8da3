"""Correlation: a request's log lines, outgoing calls and answer carry its correlation id."""

from chalice.app import Response

from carafe.infrastructure.cqrs.middleware.correlation import correlated

from . import Call, View

CORRELATION_ID = "X-Correlation-Id"


def correlation(view: View) -> View:
    """Carry the correlation id through a view, and into its answer."""

    def correlated_view(call: Call) -> Response:
        with correlated(call.correlation_id, call.traceparent):
            response = view(call)
        response.headers[CORRELATION_ID] = call.correlation_id
        return response

    return correlated_view
