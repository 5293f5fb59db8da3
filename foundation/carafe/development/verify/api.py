"""06 - API Implementation: every message has a handler and a route, every document is valid."""

import json
from collections.abc import Iterator
from typing import Any

from carafe.api.asyncapi import asyncapi_of
from carafe.api.openapi import openapi_of
from carafe.contracts.base import Command, Query
from carafe.development.diagrams.model import classes_of
from carafe.development.diagrams.wiring import service
from carafe.development.nested import objects_in
from carafe.development.project import project

from .needs import Need, failing_tests, is_mentioned, stale_diagrams

TESTS = "tests/api"


def missing_handlers() -> Iterator[str]:
    """Yield commands and queries without a handler."""
    for base in (Command, Query):
        for message in classes_of(project().layer("contracts"), base):
            if message not in service().handlers:
                yield f"{message.__name__} has no handler: add one in chalicelib/api"


def missing_routes() -> Iterator[str]:
    """Yield commands and queries without a route."""
    routed = {each.message for each in service().operations}
    sent_to_itself = set(project().service.sent.values())
    for message in service().handlers:
        if message not in routed | sent_to_itself:
            yield f"{message.__name__} has no route: add it to a table in chalicelib/api"


def unserved_routes() -> Iterator[str]:
    """Yield routes that app.py does not register."""
    for each in service().operations:
        if each.method not in service().app.routes.get(each.path, {}):
            yield f"{each.method} {each.path} is not served: register its endpoints in app.py"


def dangling_references() -> Iterator[str]:
    """Yield references in the two documents whose target is missing."""
    for name, document in (("/openapi.json", _openapi()), ("/asyncapi.json", _asyncapi())):
        parsed = json.loads(json.dumps(document))
        for reference in sorted(set(_references(parsed))):
            if not _has_target(reference, parsed):
                yield f"{name}: {reference} is not in the document"


def undocumented_routes() -> Iterator[str]:
    """Yield routes that are missing in the OpenAPI document."""
    paths = _openapi()["paths"]
    for each in service().operations:
        if each.method.lower() not in paths.get(each.path, {}):
            yield f"{each.method} {each.path} is missing in /openapi.json"


def untested_routes() -> Iterator[str]:
    """Yield groups of routes that no test calls."""
    for group in sorted({each.path.split("/")[1] for each in service().operations}):
        if not is_mentioned(f"/{group}", TESTS):
            yield f"no test in {TESTS} calls /{group}: write one"


def _openapi() -> dict[str, Any]:
    return openapi_of(project().service, service().operations)


def _asyncapi() -> dict[str, Any]:
    declared = project().service
    return asyncapi_of(declared, declared.name)


def _references(document: object) -> Iterator[str]:
    for each in objects_in(document):
        if isinstance(each.get("$ref"), str):
            yield each["$ref"]


def _has_target(reference: str, document: Any) -> bool:  # noqa: ANN401 - any JSON
    target = document
    for step in reference.removeprefix("#/").split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(target, dict) or key not in target:
            return False
        target = target[key]
    return True


NEEDS = (
    Need("each command and query has a handler", missing_handlers),
    Need("each command and query has a route", missing_routes),
    Need("each route is served by app.py", unserved_routes),
    Need("each route is in the OpenAPI document", undocumented_routes),
    Need("the documents hold together", dangling_references),
    Need("each group of routes has tests", untested_routes),
    Need("diagrams/api.md is current", stale_diagrams("api.md")),
    Need("diagrams/cqrs.md is current", stale_diagrams("cqrs.md")),
    Need("diagrams/processes.md is current", stale_diagrams("processes.md")),
    Need("the API's tests pass on real servers", failing_tests(TESTS), live=True),
)
