"""The client, the server and the OpenAPI document agree."""

import inspect
import re
import typing
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import pytest

from carafe.api.schemas import without_null
from carafe.client.errors import NotFound
from carafe.client.pages import Pages
from carafe.client.service_client import ServiceClient
from carafe.contracts.base import Command, CommandAnswer, CommandResult, Query
from carafe.contracts.problem import Problem
from carafe.development.project import Project
from carafe.testing.description import Description
from carafe.testing.http import Api
from carafe.testing.messages import a_message
from carafe.testing.scripted_server import Request, ScriptedServer, respond

from .shapes import Document, parameters_of, shape, shape_of, without

# An id that must be quoted in a path.
ID = "id/with slash"

# Headers that are no parameters of the client's methods.
NOT_OFFERED = {"x-correlation-id", "traceparent", "if-none-match"}

# The statuses of a request that the server cannot read.
NOT_UNDERSTOOD = {400, 405, 413, 415}


class ClientTests:
    """A service's typed client.

    Attributes:
        client: its class; each public method that takes a command or a query is one operation.
            Methods that a team builds from them are its own.
    """

    client: type[ServiceClient]

    def examples(self, project: Project) -> Mapping[type[Command | Query], Command | Query]:
        """Return one message of each type, with every field set.

        Override it to replace the messages made from the examples in the contracts.
        """
        return {
            each.message: a_message(each.message, **dict.fromkeys(each.path_parameters, ID))
            for each in project.functions.operations
        }

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run the tests once for each method."""
        if "method" in metafunc.fixturenames:
            metafunc.parametrize("method", self.methods())

    def methods(self) -> list[str]:
        """Return the names of the methods that are an operation each."""
        public = (name for name in vars(self.client) if not name.startswith("_"))
        return [name for name in public if self._message_type_of(name) is not None]

    @pytest.fixture
    def document(self, description: Description) -> Document:
        """The OpenAPI document."""
        return description.document

    def test_the_server_gives_out_the_document(self, http: Api, document: Document) -> None:
        assert http.get("/openapi.json", {}).body == document

    def test_every_operation_has_one_method_and_no_method_is_left_over(
        self, project: Project, document: Document
    ) -> None:
        documented = [
            operation["operationId"]
            for methods in document["paths"].values()
            for operation in methods.values()
        ]
        offered = [
            _operation_of(self._request_of(each, project), document)[1]["operationId"]
            for each in self.methods()
        ]
        assert Counter(offered) == Counter(documented)

    def test_a_method_sends_the_documented_parameters(
        self, method: str, project: Project, document: Document
    ) -> None:
        request = self._request_of(method, project)
        template, operation = _operation_of(request, document)
        documented: dict[str, set[str]] = {"path": set(), "query": set(), "header": set()}
        for each in parameters_of(operation, document):
            documented[each["in"]].add(each["name"])
        example = self.examples(project)[self._types_of(method)[0]]
        url = urlsplit(request.target)
        for name, value in _in_path(template, url.path).items():
            assert unquote(value) == getattr(example, name)
        assert set(_in_path(template, url.path)) == documented["path"]
        assert set(parse_qs(url.query)) == documented["query"]
        expected = {name.lower() for name in documented["header"]} - NOT_OFFERED
        assert expected <= set(request.headers)
        assert request.headers["authorization"] == "Bearer token-1"

    def test_a_method_sends_the_documented_body(
        self, method: str, project: Project, document: Document
    ) -> None:
        request = self._request_of(method, project)
        template, operation = _operation_of(request, document)
        contract = self._types_of(method)[0]
        if "requestBody" not in operation:
            assert request.body == b""
            assert "content-type" not in request.headers
            return
        (media_type,) = operation["requestBody"]["content"]
        assert request.headers["content-type"] == media_type
        schema = operation["requestBody"]["content"][media_type]["schema"]
        documented = shape(schema, document["components"]["schemas"])
        assert documented == without(shape_of(contract), set(re.findall(r"{(\w+)}", template)))
        assert set(request.json) == set(documented["properties"])

    def test_a_method_returns_the_documented_answer(
        self, method: str, project: Project, document: Document
    ) -> None:
        _, operation = _operation_of(self._request_of(method, project), document)
        ((_, success),) = (
            each for each in operation["responses"].items() if each[0].startswith("2")
        )
        documented = shape(
            success["content"]["application/json"]["schema"], document["components"]["schemas"]
        )
        result = self._types_of(method)[1]
        if typing.get_origin(result) is Pages:
            (item,) = typing.get_args(result)
            assert documented["properties"]["items"]["items"] == shape_of(item)
        else:
            assert documented == shape_of(CommandAnswer if result is CommandResult else result)

    def test_queries_have_the_documented_types(
        self, method: str, project: Project, document: Document
    ) -> None:
        contract = self._types_of(method)[0]
        _, operation = _operation_of(self._request_of(method, project), document)
        for each in parameters_of(operation, document):
            if each["in"] in {"path", "query"}:
                documented = shape(each["schema"], document["components"]["schemas"])
                # A parameter that is not there is left out, rather than null.
                offered = without_null(shape_of(contract)["properties"][each["name"]])
                assert documented == offered

    def test_what_a_method_sends_is_understood(
        self, method: str, project: Project, http: Api, caller: Mapping[str, str]
    ) -> None:
        """Whatever the outcome: the ids in the path do not exist."""
        message = self.examples(project)[self._types_of(method)[0]]
        fields = msgspec.structs.asdict(message)
        in_path = {name: "nobody" for name, value in fields.items() if value == ID}
        request = self._request_of(method, project, **in_path)
        names = ("content-type", "idempotency-key", "if-match")
        headers = {name: request.headers[name] for name in names if name in request.headers}
        answer = http.call(request.method, request.target, request.body, {**headers, **caller})
        assert answer.status < 500
        assert answer.status not in NOT_UNDERSTOOD
        assert answer.status < 300 or answer.body["code"] != "malformed_message", answer.body

    def _types_of(self, method: str) -> tuple[type[Command | Query], Any]:
        """Return the types of a method's message and of its result."""
        message = self._message_type_of(method)
        assert message is not None, f"{method} takes neither a command nor a query"
        return message, typing.get_type_hints(getattr(self.client, method))["return"]

    def _message_type_of(self, method: str) -> type[Command | Query] | None:
        """Return the type of the message that a method takes first; None if it takes none."""
        hints = typing.get_type_hints(getattr(self.client, method))
        first = next((each for name, each in hints.items() if name != "return"), None)
        for each in (first, *typing.get_args(first)):
            if isinstance(each, type) and issubclass(each, (Command, Query)):
                return each
        return None

    def _request_of(self, method: str, project: Project, **changes: str) -> Request:
        """Return the request that a method sends when all of its arguments are set."""
        problem = Problem(title="t", status=404, detail="d", code="not_found", correlation_id="x")
        message = self.examples(project)[self._types_of(method)[0]]
        with ScriptedServer(respond(msgspec.to_builtins(problem), 404)) as server:
            # The client of every service takes these two.
            client = self.client(server.url, token_provider=lambda: "token-1")  # type: ignore[call-arg]
            call = getattr(client, method)
            options = {"idempotency_key": "key-1", "if_match": 3}
            parameters = inspect.signature(call).parameters
            arguments = {name: value for name, value in options.items() if name in parameters}
            with client, pytest.raises(NotFound):
                list(call(msgspec.structs.replace(message, **changes), **arguments))
            return server.requests[0]


def _operation_of(request: Request, document: Document) -> tuple[str, Document]:
    """Return the documented path and operation of a request."""
    path = urlsplit(request.target).path
    (match,) = (
        (template, methods[request.method.lower()])
        for template, methods in document["paths"].items()
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
        and request.method.lower() in methods
    )
    return match


def _in_path(template: str, path: str) -> dict[str, str]:
    values = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", template), path)
    assert values is not None
    return values.groupdict()
