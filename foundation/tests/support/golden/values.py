"""The values of the scenario, which are the same in each run."""

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

from carafe.contracts.envelope import Caller, CommandContext
from carafe.contracts.integration_events import IntegrationEvent
from carafe.infrastructure import identifiers
from carafe.infrastructure.database.criteria import Criterion, at_least, equals, one_of
from carafe.infrastructure.identifiers import (
    command_id,
    digest_of,
)
from carafe.testing.examples import NOON

from . import contracts as con
from . import library as lib

CORRELATION = "golden-correlation"
TRACE = f"00-{'a' * 32}-{'b' * 16}-01"
MARIA = Caller(subject="maria", scopes=frozenset({"loans:write"}))
CHARGE = con.ChargeLoan(loan_id="loan-open", amount=Decimal("2.50"))

QUESTIONS: Mapping[str, tuple[list[Criterion], list[str]]] = {
    "by id": ([], []),
    "by member": ([equals("member", "maria")], ["opened_at"]),
    "by book": ([one_of("condition", list(lib.Condition)), at_least("opened_at", NOON)], ["-book"]),
}
"""Criteria and order of pages, whose cursors are kept."""


@contextmanager
def same_each_time() -> Iterator[None]:
    """Let ids and times outside the domain be the same in each run."""
    # Beyond the last digits, which an id leaves out.
    numbers = itertools.count(256, step=256)
    seconds = int(NOON.timestamp())
    fixed_time = SimpleNamespace(time_ns=lambda: seconds * 1_000_000_000)
    counted = SimpleNamespace(urandom=lambda size: next(numbers).to_bytes(size))
    with patch.object(identifiers, "time", fixed_time), patch.object(identifiers, "os", counted):
        yield


def a_context(key: str) -> CommandContext:
    """Return the context of a request with an idempotency key."""
    return CommandContext(
        command_id=command_id(MARIA.subject, key),
        digest=digest_of("golden.any", [key]),
        caller=MARIA,
        correlation_id=CORRELATION,
        traceparent=TRACE,
    )


def a_loan(identifier: str, **changes: Any) -> lib.Loan:  # noqa: ANN401 - any attribute
    """Return a loan with a value of every form."""
    attributes: dict[str, Any] = {
        "member": "maria",
        "book": UUID(int=sum(identifier.encode())),
        "condition": lib.Condition.WORN,
        "opened_at": NOON,
        "way": lib.Post(street="Lindenallee 12"),
        "fines": (lib.Fine(amount=Decimal("1.10"), since=NOON),),
        "weight": 0.5,
        "cover": b"\x00\xff",
        "is_renewable": True,
        "days": 14,
    }
    return lib.Loan(id=identifier, **(attributes | changes))


def told(contract: type[IntegrationEvent], identifier: str, **data: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return a message of another service."""
    return {
        "specversion": "1.0",
        "id": identifier,
        "source": f"/{contract.publisher()}",
        "type": contract.wire_type,
        "subject": "x",
        "time": "2026-03-01T12:00:00.000Z",
        "datacontenttype": "application/json",
        "sequence": 1,
        "correlationid": CORRELATION,
        "causationid": "y",
        "traceparent": TRACE,
        "data": data,
    }


def a_queued_command(identifier: str, wire_name: str, **data: Any) -> str:  # noqa: ANN401 - any JSON
    """Return a command for the service's own queue."""
    return json.dumps(
        {
            "id": identifier,
            "command": wire_name,
            "subject": MARIA.subject,
            "scopes": sorted(MARIA.scopes),
            "data": data,
            "correlation_id": CORRELATION,
        }
    )
