"""The OpenAPI 3.1 document, made from the routes and their contracts."""

from collections.abc import Sequence
from typing import Any

import msgspec

from chalicelib.contracts.problem import Problem

from .endpoints import Operation
from .openapi_headers import (
    HEADERS,
    REQUEST_HEADERS,
    SECURITY_SCHEME,
    SECURITY_SCHEMES,
    answer_headers,
    problem_headers,
    request_headers,
)
from .problems import TITLES

Document = dict[str, Any]

_REF = "#/components/schemas/{name}"

_ABOUT = (
    "Every GET answers HEAD as well. Answers are compressed for who accepts gzip. "
    "Errors are problem details (RFC 9457) with a stable `code`."
)

# The problems any operation may answer, and those of operations with a body or an id.
_ALWAYS = (401, 403, 422, 500, 503)
_WITH_BODY = (400, 409, 413, 415)
_WITH_ID = (404,)
_PAYMENT = (402, 502)
_WITH_PRECONDITION = (412,)


def openapi_document(operations: Sequence[Operation], version: str) -> Document:
    """Return the document.

    Args:
        operations: every route.
        version: of the API.
    """
    types = {each.message for each in operations} | {each.answer for each in operations} | {Problem}
    _, schemas = msgspec.json.schema_components(types, ref_template=_REF)
    paths: Document = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(
            operation, schemas
        )
    bodies = {each.message.__name__: _body(each, schemas) for each in operations}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ordering", "version": version, "description": _ABOUT},
        "paths": paths,
        "components": {
            "securitySchemes": SECURITY_SCHEMES,
            "parameters": REQUEST_HEADERS,
            "headers": HEADERS,
            "schemas": {
                **{name: schema for name, schema in schemas.items() if name not in bodies},
                **{name: body for name, body in bodies.items() if body["properties"]},
            },
        },
    }


def _operation(operation: Operation, schemas: Document) -> Document:
    name = operation.message.__name__
    described: Document = {
        "operationId": name[0].lower() + name[1:],
        "tags": [operation.tag],
        "summary": (operation.message.__doc__ or "").strip().rstrip("."),
        "security": [
            {SECURITY_SCHEME: [operation.message.scope] if operation.message.scope else []}
        ],
        "parameters": _parameters(operation, schemas),
        "responses": _responses(operation),
    }
    body = _body(operation, schemas)
    if body["properties"]:
        described["requestBody"] = {
            "required": bool(body.get("required")),
            "content": {"application/json": {"schema": {"$ref": _REF.format(name=name)}}},
        }
    return described


def _body(operation: Operation, schemas: Document) -> Document:
    """Return the part of a command's schema that is not in the path; a query has no body."""
    schema: Document = schemas[operation.message.__name__]
    in_path = operation.path_parameters
    if operation.is_query:
        return {"properties": {}}
    return schema | {
        "properties": {
            name: value for name, value in schema["properties"].items() if name not in in_path
        },
        "required": [name for name in schema.get("required", ()) if name not in in_path],
    }


def _parameters(operation: Operation, schemas: Document) -> list[Document]:
    properties: Document = schemas[operation.message.__name__]["properties"]
    parameters = request_headers(operation)
    for name, schema in properties.items():
        if name in operation.path_parameters:
            parameters.append({"name": name, "in": "path", "required": True, "schema": schema})
        elif operation.is_query:
            parameters.append({"name": name, "in": "query", "schema": schema})
    return parameters


def _responses(operation: Operation) -> Document:
    answer = {"schema": {"$ref": _REF.format(name=operation.answer.__name__)}}
    headers = answer_headers(operation)
    good: Document = {"description": "Done", "headers": headers}
    responses = {str(operation.status): good | {"content": {"application/json": answer}}}
    if operation.is_query:
        responses["304"] = {"description": "Not changed since the answer that has the entity tag"}
        responses["304"]["headers"] = headers
    problem = {"schema": {"$ref": _REF.format(name=Problem.__name__)}}
    return responses | {
        str(status): {
            "description": TITLES[status],
            "headers": problem_headers(status),
            "content": {"application/problem+json": problem},
        }
        for status in sorted(_problems(operation))
    }


def _problems(operation: Operation) -> set[int]:
    statuses = set(_ALWAYS)
    if not operation.is_query:
        statuses.update(_WITH_BODY)
    if operation.path_parameters:
        statuses.update(_WITH_ID)
    if operation.path.endswith("/payment"):
        statuses.update(_PAYMENT)
    if operation.has_precondition:
        statuses.update(_WITH_PRECONDITION)
    return statuses
