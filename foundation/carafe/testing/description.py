"""Holds every answer that a test gets against what OpenAPI says of it."""

import functools
import re
from dataclasses import dataclass
from typing import Any

import msgspec
from jsonschema import Draft202012Validator

from carafe.api.functions import Functions
from carafe.api.openapi import Document, openapi_document
from carafe.api.problems import Problems

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


class Description:
    """What an API says of itself.

    Args:
        document: in OpenAPI 3.1.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._validators: dict[str, Draft202012Validator] = {}

    @classmethod
    def of(cls, functions: Functions) -> "Description":
        """Return what a service serves as `/openapi.json`."""
        service = functions.service
        problems = Problems(service.problems)
        document = openapi_document(functions.operations, problems, service.title, service.version)
        return cls(msgspec.json.decode(msgspec.json.encode(document)))

    def validator(self, schema: str) -> Draft202012Validator:
        """Return what holds a body against one of the document's schemas."""
        if schema not in self._validators:
            whole = {"$ref": schema, "components": self.document["components"]}
            self._validators[schema] = Draft202012Validator(whole)
        return self._validators[schema]

    def operation(self, method: str, path: str) -> Document | None:
        """Return what is said of an operation, if the path is one of the API's."""
        for template, methods in self.document["paths"].items():
            if _pattern(template).fullmatch(path.partition("?")[0]):
                operation: Document | None = methods.get(method.lower())
                return operation
        return None

    def require(self, method: str, path: str, answer: Answer) -> None:
        """Fail when an answer's status, headers or body are not what the description says."""
        operation = self.operation(method, path)
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
        self.validator(content["schema"]["$ref"]).validate(answer.body)


@functools.cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{\w+}", "[^/]+", template))
