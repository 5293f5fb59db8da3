"""A client of any service built like this one: commands and queries as its contracts have them."""

import dataclasses
import re
import uuid
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from carafe.contracts.base import Command, CommandResult, Query
from carafe.contracts.correlation import correlation_headers
from carafe.contracts.problem import Problem

from .errors import Answer, NoAnswer, error_of
from .http_connections import Request
from .limits import Limits
from .pages import Page, Pages
from .reading import Unreadable, decode
from .transport import IDEMPOTENCY_KEY, Transport

T = TypeVar("T")
Item = TypeVar("Item")

FIRST_ERROR = 400

_TOKEN = re.compile(r"[!-~]+")
_IN_PATH = re.compile(r"{(\w+)}")


class ServiceClient:
    """Sends commands and queries; made once and kept, for its connections.

    Args:
        base_url: in front of every path.
        service: how errors name the service.
        token_provider: returns the bearer token to send; asked before each call, so it keeps
            the token itself and renews it in time.
        headers: sent with every call.
        limits: what a call may take.

    Raises:
        ValueError: the address is none.
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
        self._headers = {"Accept": "application/json", **(headers or {})}
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
        """Close the kept connections."""
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
        """Send a command; what the path names goes there, the rest into the body.

        Args:
            method: POST, PUT or DELETE.
            path: with parameters as `{id}`.
            command: what is to be done.
            idempotency_key: who may send the command once more later gives the same key both
                times, such as the id of the event that it follows from. Without one, only
                the repeats within this call share a key.
            if_match: the version that must be the newest.

        Raises:
            ProblemReceived: the service refused.
            NoAnswer: no sensible answer came; whether the command took effect is unknown.
        """
        headers = {IDEMPOTENCY_KEY: idempotency_key or str(uuid.uuid4())}
        if if_match is not None:
            headers["If-Match"] = f'"{if_match}"'
        target, rest = _filled(path, command)
        body = msgspec.json.encode(rest) if rest else None
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._call(Request(method, target, body, headers), CommandResult)

    def ask(self, path: str, query: Query, answer: type[T]) -> T:
        """Ask a query; what the path names goes there, the rest into the query string.

        Args:
            path: with parameters as `{id}`.
            query: what is asked.
            answer: the contract of the answer.

        Raises:
            ProblemReceived: the service refused.
            NoAnswer: no sensible answer came.
        """
        target, rest = _filled(path, query)
        given = {name: value for name, value in rest.items() if value is not None}
        if given:
            target += "?" + urlencode(given)
        return self._call(Request("GET", target), answer)

    def pages(self, path: str, query: Query, page: type[Page[Item]]) -> Pages[Item]:
        """Return what a query lists, from the query's own cursor on; errors as `ask`.

        Args:
            path: of the list.
            query: has a `cursor`.
            page: the contract of a page.
        """

        def fetch(cursor: str | None) -> Page[Item]:
            here = query if cursor is None else msgspec.structs.replace(query, cursor=cursor)
            return self.ask(path, here, page)

        return Pages(fetch)

    def _call(self, request: Request, contract: type[T]) -> T:
        headers = {**self._headers, **correlation_headers(), **self._credentials()}
        whole = dataclasses.replace(request, headers={**headers, **request.headers})
        try:
            read = self._transport.send(whole, lambda answer: self._read(answer, contract))
        except NoAnswer as failure:
            problem = _problem_in(failure.answer)
            if problem is None:
                raise
            raise error_of(problem) from failure
        if isinstance(read, Problem):
            raise error_of(read)
        return read

    def _credentials(self) -> dict[str, str]:
        if self._token_provider is None:
            return {}
        token = self._token_provider()
        if not _TOKEN.fullmatch(token):
            raise ValueError("The token provider returned something that is no token.")
        return {"Authorization": f"Bearer {token}"}

    def _read(self, answer: Answer, contract: type[T]) -> T | Problem:
        try:
            if answer.status >= FIRST_ERROR:
                return decode(answer.body, Problem)
            return decode(answer.body, contract)
        except Unreadable as error:
            reason = f"status {answer.status} with an answer that does not fit its contract"
            raise NoAnswer(self._service, reason) from error


def _problem_in(answer: Answer | None) -> Problem | None:
    """Return the problem that a service which cannot work now told, if it told one."""
    if answer is None or answer.status < FIRST_ERROR:
        return None
    try:
        return decode(answer.body, Problem)
    except Unreadable:
        return None


def _filled(path: str, message: Command | Query) -> tuple[str, dict[str, Any]]:
    """Fill the parameters of a path, and return it with what is left of the message."""
    values: dict[str, Any] = msgspec.to_builtins(message)
    target = _IN_PATH.sub(lambda found: quote(values.pop(found[1]), safe=""), path)
    return target, values
