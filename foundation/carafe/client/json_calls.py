"""Requests and answers in JSON."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from carafe.contracts.correlation import correlation_headers

from .errors import Answer, NoAnswer
from .http_connections import Request
from .reading import BodyUnreadable, decode

T = TypeVar("T")

JSON = "application/json"


def json_request(
    method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
) -> Request:
    """Return a request in JSON, with the headers of the current correlation context.

    Args:
        method: GET, POST, PUT or DELETE.
        path: below the service's address, query string included, percent-encoded.
        body: sent as JSON; None for no body.
        headers: sent as well.
    """
    merged = {"Accept": JSON, **(headers or {}), **correlation_headers()}
    if body is None:
        return Request(method, path, headers=merged)
    return Request(method, path, msgspec.json.encode(body), {**merged, "Content-Type": JSON})


def decode_answer(answer: Answer, contract: type[T], service: str) -> T:
    """Return the contents of an answer in JSON.

    Raises:
        NoAnswer: the body does not fit the contract.
    """
    try:
        return decode(answer.body, contract)
    except BodyUnreadable as error:
        reason = f"status {answer.status} with an answer that does not fit its contract"
        raise NoAnswer(service, reason) from error
