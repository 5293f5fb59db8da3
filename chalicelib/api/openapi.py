"""The OpenAPI 3.1 document, made from the routes and their contracts."""

from collections.abc import Sequence
from typing import Any

import msgspec

from chalicelib.contracts.base import Query
from chalicelib.contracts.problem import Problem

from .endpoints import Operation
from .problems import TITLES
from .requests import LOCAL_CALLER_HEADER

Document = dict[str, Any]

_REF = "#/components/schemas/{name}"

# The problems any operation may answer, and those of operations with a body or an id.
_ALWAYS = (401, 403, 422, 500, 503)
_WITH_BODY = (400, 409, 413, 415)
_WITH_ID = (404,)
_PAYMENT = (402, 502)


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
        "info": {"title": "Ordering", "version": version},
        "paths": paths,
        "components": {
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
    if issubclass(operation.message, Query):
        return {"properties": {}}
    return schema | {
        "properties": {
            name: value for name, value in schema["properties"].items() if name not in in_path
        },
        "required": [name for name in schema.get("required", ()) if name not in in_path],
    }


def _parameters(operation: Operation, schemas: Document) -> list[Document]:
    properties: Document = schemas[operation.message.__name__]["properties"]
    caller = {"name": LOCAL_CALLER_HEADER, "in": "header", "required": True}
    parameters = [caller | {"schema": {"type": "string", "examples": ["maria"]}}]
    for name, schema in properties.items():
        if name in operation.path_parameters:
            parameters.append({"name": name, "in": "path", "required": True, "schema": schema})
        elif issubclass(operation.message, Query):
            parameters.append({"name": name, "in": "query", "schema": schema})
    return parameters


def _responses(operation: Operation) -> Document:
    answer = {"schema": {"$ref": _REF.format(name=operation.answer.__name__)}}
    good = {"description": "Done", "content": {"application/json": answer}}
    statuses = set(_ALWAYS)
    if operation.method != "GET":
        statuses.update(_WITH_BODY)
    if operation.path_parameters:
        statuses.update(_WITH_ID)
    if operation.path.endswith("/payment"):
        statuses.update(_PAYMENT)
    problem = {"schema": {"$ref": _REF.format(name=Problem.__name__)}}
    return {str(operation.status): good} | {
        str(status): {
            "description": TITLES[status],
            "content": {"application/problem+json": problem},
        }
        for status in sorted(statuses)
    }
