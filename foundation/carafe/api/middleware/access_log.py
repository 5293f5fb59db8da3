"""The access log: one line for each request."""

import logging

from chalice.app import Response

from carafe.api.endpoints import Operation

from . import Call, Middleware, View

log = logging.getLogger(__name__)


def access_log(operation: Operation) -> Middleware:
    """Log each answer, with its status and its route.

    The route, not the path: that holds ids, and whatever a stranger put there.
    """
    route = {"method": operation.method, "route": operation.path}

    def around(view: View) -> View:
        def logged(call: Call) -> Response:
            response = view(call)
            log.info("answered", extra=route | {"status": response.status_code})
            return response

        return logged

    return around
