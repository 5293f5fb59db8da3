"""The documents of the API and of the events: what generators and validators read in them."""

import re
from collections.abc import Iterator, Mapping
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest
from jsonschema import Draft202012Validator
from msgspec import Meta

from carafe.api.asyncapi import asyncapi_document
from carafe.api.endpoints import Endpoints
from carafe.api.openapi import openapi_document, openapi_of
from carafe.api.openapi_headers import REQUEST_HEADERS
from carafe.api.preconditions import expected_versions
from carafe.api.problems import Problems, RequestRefused
from carafe.contracts.base import Contract, Query
from carafe.development.nested import objects_in
from carafe.infrastructure.outbox.outbox import Outbox, envelope_of
from carafe.testing.contexts import a_context
from chalicelib.api.wiring import OPERATIONS
from chalicelib.contracts.integration_events import PUBLISHED
from chalicelib.contracts.subscribed_events import SUBSCRIBED
from chalicelib.infrastructure.bootstrap import service
from tests.support.orders import a_paid_order

Document = dict[str, Any]


class Colour(StrEnum):
    """Of glass."""

    BLUE = "blue"
    GREEN = "green"


class Size(IntEnum):
    """In litres."""

    SMALL = 1
    LARGE = 2


class Glasses(Contract, frozen=True):
    """Some glasses.

    Attributes:
        colours: all that there are.
    """

    colours: list[Colour]
    size: Size | None
    shape: Literal["round", "square"] | None
    count: Literal["many", 1]
    next_cursor: str | None


class ListGlasses(Query, frozen=True):
    """Glasses of a colour, or of all.

    Broken ones are left out.
    """

    scope = "glasses:read"

    colour: Colour | None = None
    size: Size | Literal["any"] | None = None
    limit: Annotated[int, Meta(ge=1, le=9)] = 5


def _written(document: Document) -> Document:
    """Return a document as its readers have it."""
    written: Document = msgspec.json.decode(msgspec.json.encode(document))
    return written


@pytest.fixture
def openapi() -> Document:
    """The reference service's OpenAPI document."""
    return _written(openapi_of(service, OPERATIONS))


@pytest.fixture
def asyncapi() -> Document:
    """The reference service's AsyncAPI document."""
    return _written(asyncapi_document("ordering", "1.0.0", tuple(PUBLISHED.values()), SUBSCRIBED))


@pytest.fixture
def glasses() -> Document:
    """The document of a service whose contracts have enumerations of every kind."""
    endpoints = Endpoints("glasses")
    endpoints.query("/glasses", ListGlasses, Glasses)
    return _written(openapi_document(endpoints.operations, Problems(), "Glasses", "1.0.0"))


def schemas_in(part: Any, path: str = "") -> Iterator[tuple[str, Document]]:  # noqa: ANN401 - any JSON
    """Yield every schema below a part of a document, with its place, but not those within."""
    if isinstance(part, list):
        for position, each in enumerate(part):
            yield from schemas_in(each, f"{path}/{position}")
    if not isinstance(part, dict):
        return
    for name, each in part.items():
        here = f"{path}/{name}"
        if name in {"schema", "payload"}:
            yield here, each
        elif name == "schemas":
            yield from ((f"{here}/{key}", schema) for key, schema in each.items())
        else:
            yield from schemas_in(each, here)


def untyped(schema: Document, path: str) -> Iterator[str]:
    """Yield the places of schemas that name no type; neither has what stands for any JSON."""
    branches = schema.get("anyOf", [])
    if "type" not in schema and "$ref" not in schema and not branches:
        yield path
    if "type" in schema and branches:
        yield f"{path} has a type beside anyOf"
    parts = {**schema.get("properties", {}), **dict(enumerate(branches))}
    if isinstance(schema.get("items"), dict):
        parts["items"] = schema["items"]
    for name, part in parts.items():
        yield from untyped(part, f"{path}/{name}")


@pytest.mark.parametrize("name", ["openapi", "asyncapi", "glasses"])
def test_every_schema_names_its_type(name: str, request: pytest.FixtureRequest) -> None:
    """Generators leave out what is described by a schema without a type."""
    document = request.getfixturevalue(name)
    schemas = list(schemas_in(document))
    assert len(schemas) > 5
    assert [place for path, schema in schemas for place in untyped(schema, path)] == []


def test_enumerations_have_the_type_of_their_values(glasses: Document) -> None:
    schemas = glasses["components"]["schemas"]
    assert schemas["Colour"]["type"] == "string"
    assert schemas["Size"]["type"] == "integer"
    fields = schemas["Glasses"]["properties"]
    assert fields["shape"]["anyOf"][0] == {"type": "string", "enum": ["round", "square"]}
    assert fields["count"]["type"] == ["integer", "string"]


def test_nothing_in_a_query_string_is_null(glasses: Document) -> None:
    """The service refuses `?colour=null`: what has no value is left out."""
    parameters = glasses["paths"]["/glasses"]["get"]["parameters"]
    assert {each["name"]: each["schema"] for each in parameters if each.get("in") == "query"} == {
        "colour": {"$ref": "#/components/schemas/Colour"},
        "size": {
            "anyOf": [
                {"$ref": "#/components/schemas/Size"},
                {"type": "string", "enum": ["any"]},
            ]
        },
        "limit": {"type": "integer", "minimum": 1, "maximum": 9, "default": 5},
    }


def test_an_operation_is_described_by_its_message(glasses: Document) -> None:
    operation = glasses["paths"]["/glasses"]["get"]
    assert operation["summary"] == "Glasses of a colour, or of all"
    assert operation["description"] == (
        "Broken ones are left out.\n\nNeeds an access token with the scope `glasses:read`."
    )
    assert [each["name"] for each in glasses["tags"]] == operation["tags"] == ["glasses"]
    about = glasses["components"]["schemas"]["Glasses"]["description"]
    assert about == "Some glasses.\n\nAttributes:\n    colours: all that there are."


def examples_in(document: Document) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """Yield every example in a document, with the schema that it should fit."""
    for part in objects_in(document):
        if "example" in part and "schema" in part:
            yield part["schema"], part["example"]
        if isinstance(part.get("examples"), list):
            yield from ((part, each) for each in part["examples"])
        if "default" in part:
            yield part, part["default"]


@pytest.mark.parametrize("name", ["openapi", "asyncapi", "glasses"])
def test_every_example_fits_its_schema(name: str, request: pytest.FixtureRequest) -> None:
    document = request.getfixturevalue(name)
    examples = list(examples_in(document))
    assert len(examples) > 5
    for schema, example in examples:
        Draft202012Validator({**schema, "components": document["components"]}).validate(example)


IF_MATCH: Mapping[str, bool] = {
    "*": True,
    '"3"': True,
    'W/"3"': True,
    '""': True,
    '"1", "2" ,W/"3"': True,
    "": False,
    "3": False,
    '"3': False,
    '"a b"': False,
    '"3",': False,
    '*, "3"': False,
    '"3", *': False,
    "**": False,
    '*"3"': False,
    '"3"*': False,
    'w/"3"': False,
}


@pytest.mark.parametrize(("value", "is_right"), IF_MATCH.items())
def test_if_match_is_described_as_it_is_read(value: str, *, is_right: bool) -> None:
    schema = REQUEST_HEADERS["If-Match"]["schema"]
    assert schema["type"] == "string"
    assert Draft202012Validator(schema).is_valid(value) == is_right
    if is_right:
        expected_versions(value)
    else:
        with pytest.raises(RequestRefused):
            expected_versions(value)


@pytest.mark.parametrize("name", ["If-Match", "Idempotency-Key"])
def test_no_header_ends_with_a_newline(name: str) -> None:
    schema = REQUEST_HEADERS[name]["schema"]
    (example,) = schema["examples"]
    assert re.search(schema["pattern"], example)
    assert not re.search(schema["pattern"], f"{example}\n")


def test_an_event_is_as_it_is_described(asyncapi: Document) -> None:
    entries = Outbox("ordering", PUBLISHED).entries(a_paid_order(lines=2), a_context())
    for event in map(envelope_of, entries):
        messages = asyncapi["components"]["messages"].values()
        (payload,) = (each["payload"] for each in messages if each["name"] == event["type"])
        whole = {**payload, "components": asyncapi["components"]}
        Draft202012Validator(whole).validate(_written(event))
