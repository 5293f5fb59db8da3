"""Problem details: a view's error becomes an answer that says what is wrong."""

from chalice.app import Response

from carafe.api.problems import Problems, response_to

from . import Call, Middleware, View


def problem_details(problems: Problems) -> Middleware:
    """Answer with the problem of an error.

    Chalice turns a plain exception into an answer of its own before its middlewares see it, so
    that this has to surround the view itself.

    Args:
        problems: turns errors into problems, and logs the unforeseen ones.
    """

    def around(view: View) -> View:
        def answered(call: Call) -> Response:
            try:
                return view(call)
            except Exception as error:  # noqa: BLE001 - answered, and logged where it is unforeseen
                return response_to(problems.of(error, call.correlation_id))

        return answered

    return around
