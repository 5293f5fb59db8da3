"""The OpenAPI 3.1 document, made from the routes and their contracts."""

import inspect
from collections.abc import Sequence
from typing import Any

from carafe.contracts.problem import Problem
from carafe.infrastructure.declaration import Declaration

from .endpoints import Operation
from .openapi_examples import example_of
from .openapi_headers import (
    HEADERS,
    REQUEST_HEADERS,
    SECURITY_SCHEME,
    SECURITY_SCHEMES,
    answer_headers,
    request_headers,
)
from .openapi_problems import problem_answers
from .problems import Problems
from .schemas import component_schemas, reference_to, without_null

Document = dict[str, Any]

_ABOUT = (
    "Every GET answers HEAD as well. Answers are compressed if the client accepts gzip. "
    "Errors are problem details (RFC 9457) with a stable `code`."
)


def openapi_of(service: Declaration[Any], operations: Sequence[Operation]) -> Document:
    """Return the document of a service.

    Args:
        service: as it is declared.
        operations: every route.
    """
    problems = Problems(service.problems)
    return openapi_document(operations, problems, service.title, service.version)


def openapi_document(
    operations: Sequence[Operation], problems: Problems, title: str, version: str
) -> Document:
    """Return the document.

    Args:
        operations: every route.
        problems: how errors are answered.
        title: of the API.
        version: of the API.
    """
    types = {each.message for each in operations} | {each.answer for each in operations} | {Problem}
    schemas = component_schemas(types)
    paths: Document = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(
            operation, schemas, problems
        )
    bodies = {each.message.__name__: _body(each, schemas) for each in operations}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": _ABOUT},
        # Relative to this document: API Gateway serves both below the stage's name.
        "servers": [{"url": "."}],
        "tags": [_tag(each) for each in dict.fromkeys(each.tag for each in operations)],
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


def _tag(name: str) -> Document:
    return {"name": name, "description": f"Commands and queries about {name}."}


def _operation(operation: Operation, schemas: Document, problems: Problems) -> Document:
    name = operation.message.__name__
    summary, *details = inspect.cleandoc(operation.message.__doc__ or name).split("\n\n")
    described: Document = {
        "operationId": name[0].lower() + name[1:],
        "tags": [operation.tag],
        "summary": " ".join(summary.split()).rstrip("."),
        "description": "\n\n".join([*details, _needs(operation)]),
        "security": [
            {SECURITY_SCHEME: [operation.message.scope] if operation.message.scope else []}
        ],
        "parameters": _parameters(operation, schemas),
        "responses": _responses(operation, schemas, problems),
    }
    body = _body(operation, schemas)
    if body["properties"]:
        described["requestBody"] = {
            "required": bool(body.get("required")),
            "content": {
                "application/json": {
                    "schema": reference_to(name),
                    "example": example_of(body, schemas),
                }
            },
        }
    return described


def _needs(operation: Operation) -> str:
    scope = operation.message.scope
    return "Needs an access token" + (f" with the scope `{scope}`." if scope else ", of any scope.")


def _body(operation: Operation, schemas: Document) -> Document:
    """Return the part of a command's schema that is not in the path; a query has no body."""
    schema: Document = schemas[operation.message.__name__]
    in_path = operation.path_parameters
    if operation.is_query:
        return {"properties": {}}
    required = [name for name in schema.get("required", ()) if name not in in_path]
    return {
        **{name: value for name, value in schema.items() if name != "required"},
        "properties": {
            name: value for name, value in schema["properties"].items() if name not in in_path
        },
        **({"required": required} if required else {}),
    }


def _parameters(operation: Operation, schemas: Document) -> list[Document]:
    properties: Document = schemas[operation.message.__name__]["properties"]
    parameters = request_headers(operation)
    for name, schema in properties.items():
        if name in operation.path_parameters:
            parameters.append({"name": name, "in": "path", "required": True, "schema": schema})
        elif operation.is_query:
            # Nothing in a query string is null: what has no value is left out.
            parameters.append({"name": name, "in": "query", "schema": without_null(schema)})
    return parameters


def _responses(operation: Operation, schemas: Document, problems: Problems) -> Document:
    answer = reference_to(operation.answer.__name__)
    headers = answer_headers(operation)
    content = {"schema": answer, "example": example_of(answer, schemas)}
    responses: Document = {
        str(operation.status): {
            "description": "Done",
            "headers": headers,
            "content": {"application/json": content},
        }
    }
    if operation.is_query:
        responses["304"] = {
            "description": "Not changed since the answer that has the entity tag",
            "headers": headers,
        }
    problem = reference_to(Problem.__name__)
    return responses | dict(problem_answers(operation, problems, problem))
