"""The base of typed clients: sends the commands and queries of a service's contracts."""

import re
import uuid
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from carafe.contracts.base import Command, CommandAnswer, CommandResult, Query
from carafe.contracts.problem import Problem

from .errors import Answer, NoAnswer, error_of
from .json_calls import decode_answer, json_request
from .limits import Limits
from .pages import Page, Pages
from .reading import BodyUnreadable, decode
from .transport import IDEMPOTENCY_KEY, Transport

T = TypeVar("T")
Item = TypeVar("Item")

FIRST_ERROR = 400

_TOKEN = re.compile(r"[!-~]+")
_PATH_PARAMETER = re.compile(r"{(\w+)}")


class ServiceClient:
    """Sends commands and queries; reuse it for its connections.

    Args:
        base_url: prefix of every path.
        service: its name in errors.
        token_provider: returns the bearer token; called before each call, so it should cache
            the token and renew it in time.
        headers: sent with every call.
        limits: for each call.

    Raises:
        ValueError: the address is not valid.
    """

    def __init__(
        self,
        base_url: str,
        *,
        service: str,
        token_provider: Callable[[], str] | None = None,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._service = service
        self._token_provider = token_provider
        self._headers = dict(headers or {})
        self._transport = Transport(base_url, service, limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def send(
        self,
        method: str,
        path: str,
        command: Command,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> CommandResult:
        """Send a command; the fields that the path names go there, the others into the body.

        Args:
            method: POST, PUT or DELETE.
            path: with parameters as `{id}`.
            command: to send.
            idempotency_key: if the command may be sent again later, pass the same key both
                times, such as the id of the event that caused it. By default only the retries
                within this call share a key.
            if_match: the aggregate's expected version.

        Raises:
            ProblemReceived: the service answered with a problem.
            NoAnswer: no usable answer; whether the command took effect is unknown.
        """
        headers = {IDEMPOTENCY_KEY: idempotency_key or str(uuid.uuid4())}
        if if_match is not None:
            headers["If-Match"] = f'"{if_match}"'
        target, body = _fill_path(path, command)
        answer = self._call(method, target, CommandAnswer, body or None, headers)
        return CommandResult(id=answer.id, version=answer.version)

    def ask(self, path: str, query: Query, answer: type[T]) -> T:
        """Send a query; the fields that the path names go there, the others into the query string.

        Args:
            path: with parameters as `{id}`.
            query: to send.
            answer: the contract of the answer.

        Raises:
            ProblemReceived: the service answered with a problem.
            NoAnswer: no usable answer.
        """
        target, fields = _fill_path(path, query)
        parameters = {name: value for name, value in fields.items() if value is not None}
        if parameters:
            target += "?" + urlencode(parameters)
        return self._call("GET", target, answer)

    def pages(self, path: str, query: Query, page: type[Page[Item]]) -> Pages[Item]:
        """Return the results of a query from its cursor on; raises what `ask` raises.

        Args:
            path: of the list.
            query: a query with a `cursor`.
            page: the contract of a page.
        """

        def fetch(cursor: str | None) -> Page[Item]:
            at_cursor = query if cursor is None else msgspec.structs.replace(query, cursor=cursor)
            return self.ask(path, at_cursor, page)

        return Pages(fetch)

    def _call(
        self,
        method: str,
        target: str,
        contract: type[T],
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        headers = {**self._headers, **self._credentials(), **(headers or {})}
        request = json_request(method, target, body, headers)
        try:
            result = self._transport.send(request, lambda answer: self._read(answer, contract))
        except NoAnswer as failure:
            problem = _problem_in(failure.answer)
            if problem is None:
                raise
            raise error_of(problem) from failure
        if isinstance(result, Problem):
            raise error_of(result)
        return result

    def _credentials(self) -> dict[str, str]:
        if self._token_provider is None:
            return {}
        token = self._token_provider()
        if not _TOKEN.fullmatch(token):
            raise ValueError(
                "The token provider must return a token: printable ASCII without spaces."
            )
        return {"Authorization": f"Bearer {token}"}

    def _read(self, answer: Answer, contract: type[T]) -> T | Problem:
        if answer.status >= FIRST_ERROR:
            return decode_answer(answer, Problem, self._service)
        return decode_answer(answer, contract, self._service)


def _problem_in(answer: Answer | None) -> Problem | None:
    """Return the problem in the answer of a service that failed, if there is one."""
    if answer is None or answer.status < FIRST_ERROR:
        return None
    try:
        return decode(answer.body, Problem)
    except BodyUnreadable:
        return None


def _fill_path(path: str, message: Command | Query) -> tuple[str, dict[str, Any]]:
    """Fill in the parameters of a path; return it with the remaining fields of the message."""
    fields: dict[str, Any] = msgspec.to_builtins(message)
    target = _PATH_PARAMETER.sub(lambda match: quote(fields.pop(match[1]), safe=""), path)
    return target, fields
