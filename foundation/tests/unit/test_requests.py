"""What a request says, and what of it is believed."""

import time
from typing import Any, ClassVar

import pytest
from chalice.app import Request

from carafe.api.middleware import Call
from carafe.api.problems import RequestRefused
from carafe.api.requests import (
    LARGEST_BODY,
    LARGEST_EXACT,
    caller_of,
    command_of,
    context_of,
    correlation_id,
    query_of,
    traceparent,
)
from carafe.contracts.base import Command, Query
from carafe.contracts.envelope import Caller, CommandContext
from carafe.contracts.validation import Fault, MalformedMessage
from carafe.infrastructure.identifiers import digest_of

NOW = 1_800_000_000.0
GRANT = {"subject": "maria", "scopes": "loans:read loans:write", "expires_at": str(int(NOW) + 1)}
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class RenewLoan(Command, frozen=True):
    """Keep something for longer."""

    wire_name: ClassVar[str] = "loan.renew"
    scope: ClassVar[str] = "loans:write"

    loan_id: str
    days: int = 7
    factor: float = 1.0


class FindLoans(Query, frozen=True):
    """Find what is lent."""

    wire_name: ClassVar[str] = "loans.find"
    scope: ClassVar[str] = "loans:read"

    reader: str = ""
    limit: int = 10


@pytest.fixture(autouse=True)
def _stopped_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW)


def a_request(
    body: str | bytes | None = None,
    headers: dict[str, str] | None = None,
    query: dict[str, list[str]] | None = None,
    **context: Any,  # noqa: ANN401 - any JSON
) -> Request:
    return Request(
        {
            "multiValueQueryStringParameters": query,
            "headers": headers or {},
            "pathParameters": None,
            "requestContext": {"httpMethod": "POST", "resourcePath": "/loans", **context},
            "body": body,
            "stageVariables": None,
        }
    )


# The caller


def test_the_caller_is_who_the_authorizer_says() -> None:
    caller = caller_of(a_request(authorizer=GRANT))
    assert caller == Caller("maria", frozenset({"loans:read", "loans:write"}))
    assert caller_of(a_request(authorizer=GRANT | {"scopes": ""})).scopes == frozenset()


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"authorizer": None},
        {"authorizer": {}},
        {"authorizer": {"principalId": "maria"}},
        {"authorizer": GRANT | {"subject": ""}},
        {"authorizer": {"subject": "maria", "expires_at": GRANT["expires_at"]}},
        {"authorizer": {"subject": "maria", "scopes": "loans:read"}},
        {"authorizer": {"scopes": "loans:read", "expires_at": GRANT["expires_at"]}},
        {"authorizer": GRANT | {"expires_at": str(int(NOW))}},
        {"authorizer": GRANT | {"expires_at": "0"}},
    ],
)
def test_nobody_else_is(context: dict[str, Any]) -> None:
    with pytest.raises(RequestRefused) as told:
        caller_of(a_request(**context))
    assert (told.value.code, told.value.status) == ("token_refused", 401)
    assert told.value.message == (
        "Send an access token that is still valid, as `Authorization: Bearer …`."
    )


# Where it belongs


@pytest.mark.parametrize(
    ("headers", "expected"),
    [({"x-correlation-id": "abc"}, "abc"), ({"x-correlation-id": "a b"}, None), ({}, None)],
)
def test_a_correlation_id_is_taken_over_or_made(
    headers: dict[str, str], expected: str | None
) -> None:
    found = correlation_id(headers)
    assert found == expected if expected else len(found) == len(correlation_id({}))
    assert correlation_id({}) != correlation_id({})


def test_a_trace_is_taken_over_if_it_is_one() -> None:
    assert traceparent({"traceparent": TRACE}) == TRACE
    assert traceparent({"traceparent": "one"}) is None
    assert traceparent({}) is None


def test_a_command_is_handled_in_the_context_of_its_request() -> None:
    maria, john = (Caller(each, frozenset()) for each in ("maria", "john"))
    command = RenewLoan(loan_id="l-1")

    def context(caller: Caller = maria, **headers: str) -> CommandContext:
        named = {name.replace("_", "-"): each for name, each in headers.items()}
        call = Call(a_request(headers=named), {}, "c-1", TRACE)
        return context_of(call, command, caller)

    found = context(Idempotency_Key="k-1", If_Match='"3"')
    assert (found.caller, found.correlation_id, found.traceparent) == (maria, "c-1", TRACE)
    assert found.digest == digest_of("loan.renew", command)
    assert found.expected_versions == frozenset({3})
    assert found.command_id == context(idempotency_key="k-1").command_id
    assert found.command_id != context(john, idempotency_key="k-1").command_id
    assert context().command_id != context().command_id
    assert context().expected_versions is None


# The message


PATH = {"loan_id": "l%2F1"}


def command(body: str | bytes | None, **headers: str) -> RenewLoan:
    named = {name.replace("_", "-"): each for name, each in headers.items()}
    return command_of(a_request(body, named), RenewLoan, PATH)


@pytest.mark.parametrize("body", ["", " \n", None, b"", "{}", b"{}"])
def test_an_empty_body_is_an_empty_object(body: str | bytes | None) -> None:
    assert command(body) == RenewLoan(loan_id="l/1")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("3", 3),
        ("3.0", 3),
        ("-3.0", -3),
        ("3e1", 30),
        ("-0.0", 0),
        (f"{LARGEST_EXACT}.0", LARGEST_EXACT),
        (f"-{LARGEST_EXACT}.0", -LARGEST_EXACT),
    ],
)
def test_a_whole_number_may_have_a_decimal_point(text: str, days: int) -> None:
    found = command(f'{{"days": {text}}}').days
    assert (found, type(found)) == (days, int)


@pytest.mark.parametrize("text", ["0.5", f"{LARGEST_EXACT + 2}.0", f"-{LARGEST_EXACT + 2}.0"])
def test_what_is_no_exact_whole_number_stays_what_it_is(text: str) -> None:
    assert command(f'{{"factor": {text}}}').factor == float(text)
    with pytest.raises(MalformedMessage):
        command(f'{{"days": {text}}}')


def refusal(body: str | bytes | None, **headers: str) -> tuple[str, int, str]:
    with pytest.raises(RequestRefused) as told:
        command(body, **headers)
    return told.value.code, told.value.status, told.value.message


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/json; charset=utf-8", " Application/JSON ;x"],
)
def test_a_body_is_json(media_type: str) -> None:
    assert command("{}", Content_Type=media_type).days == 7
    assert command("{}", Content_Encoding=" Identity ").days == 7


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/json5", ";application/json"])
def test_a_body_of_another_type_is_refused(media_type: str) -> None:
    assert refusal("{}", Content_Type=media_type) == (
        "unsupported_media_type",
        415,
        "Send the body as application/json.",
    )


def test_a_compressed_body_is_refused() -> None:
    assert refusal("{}", Content_Encoding="gzip") == (
        "unsupported_content_encoding",
        415,
        "Send the body without Content-Encoding.",
    )


def test_a_body_may_be_as_large_as_this_and_no_larger() -> None:
    assert command("{}".ljust(LARGEST_BODY)).days == 7
    assert refusal("{}".ljust(LARGEST_BODY + 1)) == (
        "body_too_large",
        413,
        "The body has 131073 bytes; at most 131072 are read.",
    )


def test_what_is_no_json_is_refused_with_the_place() -> None:
    code, status, message = refusal('{"days": }')
    assert (code, status) == ("malformed_json", 400)
    assert message.startswith("The body is not valid JSON: JSON is malformed: ")
    assert message.endswith(").")
    code, status, message = refusal('{"factor": 1e999}')
    assert (code, status) == ("malformed_json", 400)
    assert message.startswith("The body is not valid JSON: a number is out of range - at ")


def faults(body: str) -> tuple[Fault, ...]:
    with pytest.raises(MalformedMessage) as told:
        command(body)
    return tuple(told.value.faults)


def test_what_is_wrong_with_a_body_is_told_with_its_place() -> None:
    assert faults("[]") == (Fault(pointer="", detail="must be a JSON object"),)
    assert faults('{"loan_id": "l-2"}') == (Fault(pointer="/loan_id", detail="unknown field"),)
    assert {each.pointer for each in faults('{"days": "x", "other": 1}')} == {"/days", "/other"}


# The query


def query(path: dict[str, str] | None = None, **parameters: list[str]) -> FindLoans:
    return query_of(a_request(query=parameters or None), FindLoans, path or {})


def test_a_query_is_what_path_and_parameters_say() -> None:
    assert query() == FindLoans()
    assert query(limit=["3"]) == FindLoans(limit=3)
    assert query({"reader": "maria%20w"}, limit=["3"]) == FindLoans(reader="maria w", limit=3)
    assert query(reader=["nullable"]) == FindLoans(reader="nullable")


@pytest.mark.parametrize(
    ("path", "parameters", "expected"),
    [
        ({"reader": "m"}, {"reader": ["x"]}, [Fault(pointer="/reader", detail="unknown field")]),
        ({}, {"limit": ["1", "2"]}, [Fault(pointer="/limit", detail="stands more than once")]),
        *(
            (
                {},
                {"reader": [text]},
                [
                    Fault(
                        pointer="/reader",
                        detail="null is no value here; leave the parameter out",
                    )
                ],
            )
            for text in ("null", "NULL", "Null")
        ),
        (
            {"reader": "m"},
            {"reader": ["x", "y"], "limit": ["null"]},
            [
                Fault(pointer="/reader", detail="unknown field"),
                Fault(pointer="/limit", detail="null is no value here; leave the parameter out"),
                Fault(pointer="/reader", detail="stands more than once"),
            ],
        ),
    ],
)
def test_each_fault_of_a_query_is_told(
    path: dict[str, str], parameters: dict[str, list[str]], expected: list[Fault]
) -> None:
    with pytest.raises(MalformedMessage) as told:
        query(path, **parameters)
    assert list(told.value.faults) == expected


def test_the_bounds_are_those_that_the_documents_name() -> None:
    assert (LARGEST_BODY, LARGEST_EXACT) == (128 * 1024, 2**53)
