"""06 - API Implementation: every message has a route and a handler, every document is valid."""

import json
from collections.abc import Iterator
from typing import Any

from carafe.api.asyncapi import asyncapi_document
from carafe.api.openapi import openapi_document
from carafe.api.problems import Problems
from carafe.contracts.base import Command, Query
from carafe.development.diagrams.model import classes_of
from carafe.development.diagrams.wiring import service
from carafe.development.project import project

from .needs import Need, current, mentioned, passing

TESTS = "tests/api"


def handled() -> Iterator[str]:
    """Yield commands and queries without a handler."""
    for kind in (Command, Query):
        for message in classes_of(project().room("contracts"), kind):
            if message not in service().handlers:
                yield f"{message.__name__} has no handler: add one in chalicelib/api"


def routed() -> Iterator[str]:
    """Yield commands and queries without a route."""
    carried = {each.message for each in service().operations}
    for message in service().handlers:
        if message not in carried:
            yield f"{message.__name__} has no route: add it to a table in chalicelib/api"


def registered() -> Iterator[str]:
    """Yield routes that app.py does not register."""
    for each in service().operations:
        if each.method not in service().app.routes.get(each.path, {}):
            yield f"{each.method} {each.path} is not served: register its endpoints in app.py"


def documents_hold() -> Iterator[str]:
    """Yield references in the two documents that lead nowhere."""
    made = {
        "/openapi.json": _openapi(),
        "/asyncapi.json": _asyncapi(),
    }
    for name, document in made.items():
        whole = json.loads(json.dumps(document))
        for reference in sorted(set(_references(whole))):
            if not _leads_somewhere(reference, whole):
                yield f"{name}: {reference} leads nowhere"


def documented() -> Iterator[str]:
    """Yield routes that the OpenAPI document does not have."""
    paths = _openapi()["paths"]
    for each in service().operations:
        if each.method.lower() not in paths.get(each.path, {}):
            yield f"{each.method} {each.path} is missing in /openapi.json"


def tested() -> Iterator[str]:
    """Yield groups of routes that no test calls."""
    for first in sorted({each.path.split("/")[1] for each in service().operations}):
        if not mentioned(f"/{first}", TESTS):
            yield f"no test in {TESTS} calls /{first}: write one"


def _openapi() -> dict[str, Any]:
    declared = project().service
    problems = Problems(declared.problems)
    return openapi_document(service().operations, problems, declared.title, declared.version)


def _asyncapi() -> dict[str, Any]:
    declared = project().service
    published = tuple(declared.published.values())
    return asyncapi_document(declared.name, declared.version, published, declared.subscribed)


def _references(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _leads_somewhere(reference: str, document: Any) -> bool:  # noqa: ANN401 - any JSON
    place = document
    for step in reference.removeprefix("#/").split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(place, dict) or key not in place:
            return False
        place = place[key]
    return True


NEEDS = (
    Need("each command and query has a handler", handled),
    Need("each command and query has a route", routed),
    Need("each route is served by app.py", registered),
    Need("each route is in the OpenAPI document", documented),
    Need("the documents hold together", documents_hold),
    Need("each group of routes has tests", tested),
    Need("diagrams/api.md is current", current("api.md")),
    Need("diagrams/cqrs.md is current", current("cqrs.md")),
    Need("the API's tests pass on real servers", passing(TESTS), live=True),
)
