"""What the page `stored-forms` tells: an aggregate is split, and an attribute gets another name."""

import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.contracts.integration_events import IntegrationEvent
from carafe.development.cli import main
from carafe.development.pages.command import FOLDER
from carafe.development.stored_forms import commands
from carafe.domain.errors import AlreadyExists
from carafe.domain.model import AggregateRoot, ValueObject, schema
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.documents import Downcaster, Upcaster
from carafe.infrastructure.database.mongo.migration import migrate
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.infrastructure.database.mongo.schema_sync import apply, plan
from carafe.testing.contexts import a_context
from carafe.testing.inbound import Broker, an_event
from tests.support.command_runner import CommandRunner

Document = dict[str, Any]

# An aggregate is split


@schema()
class FineOfLoan(ValueObject):
    """An attribute that becomes an aggregate."""

    cents: int


@schema(collection="loans")
class FinedLoan(AggregateRoot):
    """Still has its fine."""

    fine: FineOfLoan | None = None


@schema(collection="fines")
class Fine(AggregateRoot):
    """An aggregate of its own."""

    cents: int


class FinedLoans(MongoRepository[FinedLoan]):
    """Keeps loans."""

    aggregate = FinedLoan


class Fines(MongoRepository[Fine]):
    """Keeps fines."""

    aggregate = Fine


def of_the_page(sign: str) -> str:
    """Return the one piece of the page's code with a sign."""
    text = (FOLDER / "stored-forms.md").read_text()
    pieces = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (found,) = (each for each in pieces if sign in each)
    return textwrap.dedent(found)


def declare_as(
    monkeypatch: pytest.MonkeyPatch, service: Container[Any], **repositories: type
) -> None:
    """Let the service have some aggregates, by the names that the page's code imports."""
    by_aggregate = {each.aggregate: f"{__name__}:{each.__name__}" for each in repositories.values()}  # type: ignore[attr-defined]
    monkeypatch.setattr(service.service, "repositories", by_aggregate)
    monkeypatch.setattr(service, "_repositories", {})
    for name, repository in repositories.items():
        module = ModuleType(f"chalicelib.domain.{name.lower()}")
        vars(module)[name] = repository.aggregate  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)


def test_the_script_of_the_page_adds_each_fine_once(
    service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    declare_as(monkeypatch, service, Loan=FinedLoans, Fine=Fines)
    for loan in (FinedLoan(id="l-1", fine=FineOfLoan(cents=50)), FinedLoan(id="l-2")):
        service.repository(FinedLoan).add(loan, a_context())
    for _ in range(2):
        exec(of_the_page("fines = container()"), {})  # noqa: S102 - the page's
    (fine,) = service.repository(Fine).find().items
    assert (fine.id, fine.version, fine.cents) == ("l-1", 1, 50)


def test_the_handler_of_the_page_leaves_what_the_script_has_added(
    service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    declare_as(monkeypatch, service, Fine=Fines)
    names: dict[str, Any] = {
        each.__name__: each for each in (Fine, AlreadyExists, CommandResult, CommandContext)
    }
    exec(of_the_page("def loan_fined"), names | {"LoanFinedV1": Any}, names)  # noqa: S102 - the page's
    room = SimpleNamespace(fines=service.repository(Fine))
    event = SimpleNamespace(loan_id="l-1", cents=50)
    results = [names["loan_fined"](room, event, a_context()) for _ in range(2)]
    assert results == [CommandResult(id="l-1", version=1)] * 2
    (fine,) = room.fines.find().items
    assert (fine.id, fine.version, fine.cents) == ("l-1", 1, 50)


# A form changes in two releases


@schema(collection="loans", version=2)
class ChanneledLoan(AggregateRoot):
    """Has an attribute that is required."""

    channel: str


def test_the_first_release_of_the_page_writes_what_older_code_reads(
    service: Container[Any],
) -> None:
    names: dict[str, Any] = {
        "ClassVar": ClassVar,
        "Mapping": Mapping,
        "MongoRepository": MongoRepository,
        "Upcaster": Upcaster,
        "Downcaster": Downcaster,
        "Document": Document,
        "Loan": ChanneledLoan,
    }
    for sign in ("def with_channel", "def without_channel"):
        exec(of_the_page(sign), names)  # noqa: S102 - the page's
    loans = names["LoanRepository"](
        service.database, service.outbox, service.nudge, service.cursors
    )
    loans.add(ChanneledLoan(id="l-1", channel="desk"), a_context())
    loans.add(ChanneledLoan(id="l-2", channel="web"), a_context())
    documents = {each["_id"]: each for each in loans.collection.find()}
    assert (documents["l-1"]["schema_version"], "channel" in documents["l-1"]) == (1, False)
    assert (documents["l-2"]["schema_version"], documents["l-2"]["channel"]) == (2, "web")
    assert [each.channel for each in loans.find().items] == ["desk", "web"]


# An attribute gets another name


@schema(collection="loans")
class BorrowedLoan(AggregateRoot):
    """As it was."""

    borrower: str


@schema(collection="loans")
class LoanOfBoth(AggregateRoot):
    """Release 1 and 2: both names are written."""

    borrower: str
    member: str | None = None


@schema(collection="loans", version=2)
class MembersLoan(AggregateRoot):
    """Release 3."""

    member: str


def without_borrower(state: Document) -> Document:
    """Version 1 to 2."""
    del state["borrower"]
    return state


class BorrowedLoans(MongoRepository[BorrowedLoan]):
    """Older code."""

    aggregate = BorrowedLoan


class LoansOfBoth(MongoRepository[LoanOfBoth]):
    """Releases 1 and 2."""

    aggregate = LoanOfBoth


class MembersLoans(MongoRepository[MembersLoan]):
    """Release 3."""

    aggregate = MembersLoan
    upcasters: ClassVar[Mapping[int, Upcaster]] = {1: without_borrower}


def test_an_attribute_gets_another_name_in_three_releases(
    service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = (service.database, service.outbox, service.nudge, service.cursors)
    apply(plan(service.database, BorrowedLoan))
    older = BorrowedLoans(*parts)
    older.add(BorrowedLoan(id="l-1", borrower="ann"), a_context())
    apply(plan(service.database, LoanOfBoth))
    both = LoansOfBoth(*parts)
    both.add(LoanOfBoth(id="l-2", borrower="bob", member="bob"), a_context())
    loan = older.get("l-2")
    loan.borrower = "eve"
    older.save(loan, a_context())
    declare_as(monkeypatch, service, Loan=LoansOfBoth)
    for _ in range(2):
        exec(of_the_page("loans = container()"), {})  # noqa: S102 - the page's
    copied = {each.id: (each.member, each.version) for each in both.stream()}
    assert copied == {"l-1": ("ann", 2), "l-2": ("eve", 3)}
    apply(plan(service.database, MembersLoan))
    newest = MembersLoans(*parts)
    assert [each.member for each in newest.stream()] == ["ann", "eve"]
    assert sum(each.done for each in migrate(newest)) == 2
    assert all("borrower" not in each for each in newest.collection.find())


def test_the_script_of_the_page_leaves_what_is_saved_meanwhile(
    service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    declare_as(monkeypatch, service, Loan=LoansOfBoth)
    loans = service.repository(LoanOfBoth)
    loans.add(LoanOfBoth(id="l-1", borrower="ann"), a_context())
    original = loans.stream

    def meanwhile() -> Iterator[LoanOfBoth]:
        for loan in original():
            writer = loans.get(loan.id)
            writer.borrower = writer.member = "eve"
            loans.save(writer, a_context())
            yield loan

    monkeypatch.setattr(loans, "stream", meanwhile)
    exec(of_the_page("loans = container()"), {})  # noqa: S102 - the page's
    found = loans.get("l-1")
    assert (found.borrower, found.member, found.version) == ("eve", "eve", 2)


def test_documents_are_not_migrated_by_code_that_cannot_read_them(
    service: Container[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(commands, "RELEASED", tmp_path / "released_forms.json")
    monkeypatch.setattr(MembersLoans, "upcasters", {})
    declare_as(monkeypatch, service, Loan=MembersLoans)
    result = CommandRunner().invoke(main, ["database", "migrate"])
    assert (result.exit_code, "needs upcasters from [1], has []" in result.output) == (1, True)


def test_a_service_can_react_to_its_own_events(service: Container[Any], broker: Broker) -> None:
    wire_type = f"{broker.name}.order.shipped.v1"
    own = type("OwnV1", (IntegrationEvent,), {"wire_type": wire_type}, frozen=True)
    service.bus.declare([own])
    broker.publish(an_event(wire_type))
    broker.wait_for(1)
