"""Validates every answer that a test receives against the OpenAPI document."""

import functools
import re
from dataclasses import dataclass
from typing import Any

import msgspec
from jsonschema import Draft202012Validator

from carafe.api.functions import Functions
from carafe.api.openapi import Document, openapi_of

# The headers that the transport and the gateway add to every answer.
TRANSPORT_HEADERS = {
    "content-type",
    "content-encoding",
    "content-length",
    "vary",
    "x-content-type-options",
}


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def pointers(self) -> set[str]:
        """The pointers of a problem's errors."""
        return {each["pointer"] for each in self.body["errors"]}


class Description:
    """The OpenAPI description of an API.

    Args:
        document: the OpenAPI 3.1 document.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._validators: dict[str, Draft202012Validator] = {}

    @classmethod
    def of(cls, functions: Functions) -> "Description":
        """Return the description that a service serves as `/openapi.json`."""
        document = openapi_of(functions.service, functions.operations)
        return cls(msgspec.json.decode(msgspec.json.encode(document)))

    def validator(self, schema: str) -> Draft202012Validator:
        """Return the validator for one of the document's schemas."""
        if schema not in self._validators:
            whole = {"$ref": schema, "components": self.document["components"]}
            self._validators[schema] = Draft202012Validator(whole)
        return self._validators[schema]

    def operation(self, method: str, path: str) -> Document | None:
        """Return the description of an operation; None if it is not in the document."""
        for template, methods in self.document["paths"].items():
            if _pattern(template).fullmatch(path.partition("?")[0]):
                operation: Document | None = methods.get(method.lower())
                return operation
        return None

    def require(self, method: str, path: str, answer: Answer) -> None:
        """Fail if an answer's status, headers or body do not match the description."""
        operation = self.operation(method, path)
        if operation is None:
            return
        assert str(answer.status) in operation["responses"], f"{method} {path}: {answer}"
        response = operation["responses"][str(answer.status)]
        headers = {name.lower() for name in response["headers"]}
        assert answer.headers.keys() - TRANSPORT_HEADERS <= headers, f"{method} {path}: {answer}"
        if answer.body is None:
            assert "content" not in response
            return
        content = response["content"][answer.headers["content-type"]]
        self.validator(content["schema"]["$ref"]).validate(answer.body)


@functools.cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{\w+}", "[^/]+", template))
