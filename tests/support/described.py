"""Holds every answer that a test gets against what OpenAPI says of it."""

import functools
import re
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from chalicelib.api.openapi import openapi_document
from chalicelib.api.service import OPERATIONS

Document = dict[str, Any]

# What the transport and the gateway add to every answer.
NOT_DESCRIBED = {"content-type", "content-encoding", "content-length", "vary"}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def pointers(self) -> set[str]:
        """The fields that a problem names."""
        return {each["pointer"] for each in self.body["errors"]}


@functools.cache
def document() -> Document:
    """Return the description of the API."""
    return openapi_document(OPERATIONS, "tests")


@functools.cache
def validator(schema: str) -> Draft202012Validator:
    """Return what holds a body against one of the document's schemas."""
    return Draft202012Validator({"$ref": schema, "components": document()["components"]})


def described_operation(method: str, path: str) -> Document | None:
    """Return what is said of an operation, if the path is one of the API's."""
    for template, methods in document()["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path.partition("?")[0]):
            found: Document | None = methods.get(method.lower())
            return found
    return None


def require_described(method: str, path: str, answer: Answer) -> None:
    """Fail when an answer's status, headers or body are not what the description says."""
    operation = described_operation(method, path)
    if operation is None:
        return
    assert str(answer.status) in operation["responses"], f"{method} {path}: {answer}"
    said = operation["responses"][str(answer.status)]
    headers = {name.lower() for name in said["headers"]}
    assert answer.headers.keys() - NOT_DESCRIBED <= headers, f"{method} {path}: {answer}"
    if answer.body is None:
        assert "content" not in said
        return
    content = said["content"][answer.headers["content-type"]]
    validator(content["schema"]["$ref"]).validate(answer.body)
