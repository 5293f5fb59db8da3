"""The headers of requests and answers, and how a caller is known, as OpenAPI describes them."""

from typing import Any

from carafe.contracts.patterns import whole

from .endpoints import Operation

Document = dict[str, Any]

SECURITY_SCHEME = "accessToken"
SECURITY_SCHEMES: Document = {
    SECURITY_SCHEME: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of the configured issuer. Scopes that an operation needs "
        "are listed with it.",
    },
}

_TAG = r'(W/)?"[!#-~]*"'


# One pattern: generators leave out operations with a header of several schemas. It is no choice of
# two, since Schemathesis makes no header of which each choice begins with a sign.
_ANY_OR_TAGS = whole(rf"(?!\*.|$)\*?({_TAG}( *, *{_TAG})*)?")


def _text(description: str, example: str, **schema: object) -> Document:
    return {
        "description": description,
        "schema": {"type": "string", "examples": [example], **schema},
    }


def _request_header(name: str, described: Document) -> Document:
    return {"name": name, "in": "header", "required": False, **described}


REQUEST_HEADERS: Document = {
    name: _request_header(name, described)
    for name, described in {
        "Idempotency-Key": _text(
            "Chosen by the caller: a repeat with the same key takes effect once, and gets the "
            "first answer again. A creation is remembered for good, any other command for 24 "
            "hours, unless the same aggregate handles 1,000 others in that time.",
            "3f0c2f8e-1",
            pattern=whole("[!-~]{1,255}"),
        ),
        "If-Match": _text(
            "Only change this version: * or entity tags.",
            '"3"',
            pattern=_ANY_OR_TAGS,
        ),
        "If-None-Match": _text("Answer only if it is another by now.", '"3"'),
        "X-Correlation-Id": _text(
            "Common to everything that follows from one first request.", "request-42"
        ),
        "traceparent": _text(
            "W3C trace context.", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        ),
    }.items()
}

HEADERS: Document = {
    "ETag": _text("Of this version, for If-Match and If-None-Match.", '"3"'),
    "Location": _text("Of what was created.", "/…/019aa5b2-…"),
    "Idempotent-Replayed": _text(
        "The command was handled before; this is the first answer again.", "true", enum=["true"]
    ),
    "Link": _text("To the next page, if there is one (RFC 8288).", '<?cursor=…>; rel="next"'),
    "Cache-Control": _text("Who may keep the answer.", "private, no-cache"),
    "X-Correlation-Id": _text("To find the request in the logs.", "request-42"),
    "WWW-Authenticate": _text("How to be let in (RFC 6750).", "Bearer"),
    "Retry-After": _text("When to try again, in seconds.", "5", pattern=whole("[0-9]+")),
}

_OF_PROBLEMS = {401: ["WWW-Authenticate"], 503: ["Retry-After"]}


def request_headers(operation: Operation) -> list[Document]:
    """Return the header parameters of an operation."""
    names = ["X-Correlation-Id", "traceparent"]
    if operation.is_query:
        names.append("If-None-Match")
    else:
        names.append("Idempotency-Key")
    if operation.has_precondition:
        names.append("If-Match")
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def answer_headers(operation: Operation) -> Document:
    """Return the headers of an operation's answer when all goes well."""
    names = ["ETag", "X-Correlation-Id"]
    if operation.is_query:
        names.append("Cache-Control")
    else:
        names.append("Idempotent-Replayed")
    if operation.creates:
        names.append("Location")
    if operation.is_paged:
        names.append("Link")
    return _references(names)


def problem_headers(status: int) -> Document:
    """Return the headers of a problem."""
    return _references(["X-Correlation-Id", *_OF_PROBLEMS.get(status, [])])


def _references(names: list[str]) -> Document:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
