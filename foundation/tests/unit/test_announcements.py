"""Published contracts are held against the events that they announce."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec
import pytest

from carafe.contracts.announcements import mismatches_of
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.values import Money
from carafe.domain import money
from carafe.domain.model import DomainEvent, schema
from chalicelib.contracts.integration_events import PUBLISHED


@schema()
class LoanReturned(DomainEvent):
    """Somebody brought something back."""

    loan_id: str
    returned_at: datetime
    fine: money.Money | None


FIELDS: dict[str, Any] = {"loan_id": str, "returned_at": datetime, "fine": Money | None}


def _faults(**changes: Any) -> list[str]:  # noqa: ANN401 - any type form
    fields = {name: kind for name, kind in (FIELDS | changes).items() if kind is not None}
    contract: Any = msgspec.defstruct(
        "LoanReturnedV1", list(fields.items()), bases=(IntegrationEvent,), frozen=True
    )
    return [each.partition(";")[0] for each in mismatches_of({LoanReturned: contract})]


def test_ordering_s_contracts_say_what_its_events_say() -> None:
    assert list(mismatches_of(PUBLISHED)) == []


class Fine(msgspec.Struct):
    """Lacks the currency."""

    amount: str


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        ({"returned_at": str}, None),
        ({"size": int}, "LoanReturnedV1.size: LoanReturned has no attribute size"),
        ({"fine": None}, "LoanReturnedV1 lacks fine of LoanReturned"),
        ({"loan_id": int}, "LoanReturnedV1.loan_id is int, which str cannot become"),
        (
            {"fine": Money},
            "LoanReturnedV1.fine must be optional: the value in the domain may be None",
        ),
        ({"fine": Fine | None}, "Fine lacks currency of Money"),
        (
            {"occurred_at": datetime},
            "LoanReturnedV1.occurred_at: LoanReturned has no attribute occurred_at",
        ),
    ],
)
def test_a_difference_is_named_by_its_field(changes: dict[str, Any], fault: str | None) -> None:
    assert _faults(**changes) == ([fault] if fault else [])


class LoanClosedV1(IntegrationEvent, frozen=True):
    """Outlives a change of the domain."""

    wire_type: ClassVar[str] = "lending.loan.closed.v1"

    loan: str

    @classmethod
    def data_of(cls, event: DomainEvent) -> dict[str, Any]:
        """Rename the id."""
        return {"loan": super().data_of(event)["loan_id"]}


def test_a_contract_that_converts_by_itself_is_left_alone() -> None:
    assert list(mismatches_of({LoanReturned: LoanClosedV1})) == []
