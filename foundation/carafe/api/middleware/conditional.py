"""Conditional requests: an answer that the caller has already is not sent again (RFC 9110, 13)."""

from chalice.app import Response

from carafe.api.preconditions import unless_known

from . import Call, View


def conditional(view: View) -> View:
    """Answer 304 when If-None-Match names the answer's entity tag; to HEAD, without a body."""

    def without_repetition(call: Call) -> Response:
        response = unless_known(view(call), call.request.headers.get("if-none-match"))
        if call.request.method == "HEAD":
            response.body = ""
        return response

    return without_repetition
