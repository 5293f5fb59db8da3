"""A service is declared without loading anything, and what is wrong with it is said at once."""

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

import carafe
from carafe.contracts.integration_events import IntegrationEvent, events_of
from carafe.contracts.problem import ProblemType
from carafe.domain.model import AggregateRoot, DomainEvent, schema
from carafe.infrastructure import service as service_module
from carafe.infrastructure.errors import SecretsUnavailable
from carafe.infrastructure.service import Service

HERE = __name__


@schema()
class LoanRequested(DomainEvent):
    """Somebody wants to borrow something."""

    item: str


@schema(collection="loans")
class Loan(AggregateRoot):
    """Something lent."""

    item: str


@schema(collection="items")
class Item(AggregateRoot):
    """Something that can be lent."""

    name: str


class Forecast:
    """A port, as it were."""


class LoanRepository:
    """Says whose repository it is, as those do that are derived from `MongoRepository`."""

    aggregate = Loan


class LoanRequestedV1(IntegrationEvent, frozen=True):
    """Announces that event."""

    wire_type = "lending.loan.requested.v1"
    item: str


class LoanRequestedWithNumberV1(IntegrationEvent, frozen=True):
    """Has another type than the event."""

    wire_type = "lending.loan.requested.v1"
    item: int


class Unversioned(IntegrationEvent, frozen=True):
    """Forgets the version of its wire type."""

    wire_type = "lending.loan.requested"


def forecast(settings: carafe.Settings) -> Forecast:
    del settings
    return Forecast()


NO_FUNCTION = 42


def _lending(**given: Any) -> Service[carafe.Settings]:  # noqa: ANN401 - any argument
    right: Mapping[str, Any] = {
        "name": "lending",
        "version": "1.0.0",
        "settings": carafe.Settings,
        "root": Path("/nowhere"),
        "repositories": {Loan: f"{HERE}:LoanRepository"},
        "adapters": {Forecast: f"{HERE}:forecast"},
        "published": {LoanRequested: LoanRequestedV1},
    }
    return Service(**{**right, **given})


def test_a_right_declaration_has_no_faults() -> None:
    service = _lending()
    assert service.faults() == []
    assert service.title == "Lending"
    assert _lending(name="lending-desk").title == "Lending desk"
    assert _lending(title="The Library").title == "The Library"


def test_declaring_loads_none_of_what_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lending_storage.py").write_text("class LoanRepository: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    service = _lending(repositories={Loan: "lending_storage:LoanRepository"})
    assert "lending_storage" not in sys.modules
    service.faults()
    assert "lending_storage" in sys.modules


@pytest.mark.parametrize(
    ("repository", "fault"),
    [
        ("lending", "'lending' is not of the form package.module:name"),
        ("no_such_package:LoanRepository", "'no_such_package:LoanRepository' names no module"),
        (f"{HERE}:Repository", f"'{HERE}:Repository': the module has no Repository"),
        (f"{HERE}:forecast", f"'{HERE}:forecast' is no repository of Loan"),
        (f"{HERE}:Loan", f"'{HERE}:Loan' is no repository of Loan"),
    ],
)
def test_what_keeps_no_aggregate_is_named(repository: str, fault: str) -> None:
    assert _lending(repositories={Loan: repository}).faults() == [fault]


def test_the_repository_of_another_aggregate_is_named() -> None:
    service = _lending(repositories={Item: f"{HERE}:LoanRepository"})
    assert service.faults() == [f"'{HERE}:LoanRepository' is no repository of Item"]


@pytest.mark.parametrize(
    ("adapter", "fault"),
    [
        (f"{HERE}:NO_FUNCTION", f"'{HERE}:NO_FUNCTION' makes no Forecast: it cannot be called"),
        ("forecast", "'forecast' is not of the form package.module:name"),
    ],
)
def test_what_fills_no_port_is_named(adapter: str, fault: str) -> None:
    assert _lending(adapters={Forecast: adapter}).faults() == [fault]


def test_all_faults_are_told_together() -> None:
    service = _lending(repositories={Loan: "a", Item: "b"}, adapters={Forecast: "c"})
    assert [fault.split()[0] for fault in service.faults()] == ["'a'", "'b'", "'c'"]


RIGHT = {
    "MONGO_URI": "mongodb://127.0.0.1:27017",
    "RABBITMQ_URL": "amqp://guest:guest@127.0.0.1:5672/%2F",
    "NUDGE_QUEUE_URL": "http://127.0.0.1:4566/000000000000/lending-nudges",
    "COMMAND_QUEUE_URL": "http://127.0.0.1:4566/000000000000/lending-commands",
    "TOKEN_ISSUER": "http://127.0.0.1:8091",
}


@pytest.mark.parametrize(("port", "expected"), [(None, 8123), ("", 8123), ("9000", 9000)])
def test_the_declared_port_and_name_count_where_the_environment_says_nothing(
    monkeypatch: pytest.MonkeyPatch, port: str | None, expected: int
) -> None:
    for name in ("SERVICE_NAME", "MONGO_DATABASE", "PORT", "SECRET_ID", "BROKER_SECRET_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in RIGHT.items() | ({("PORT", port)} if port is not None else set()):
        monkeypatch.setenv(name, value)
    settings = _lending(port=8123).read_settings()
    assert (settings.port, settings.service_name) == (expected, "lending")
    assert settings.mongo_database == "lending"


def test_an_event_of_the_domain_without_contract_ends_the_start() -> None:
    with pytest.raises(ValueError, match="LoanRequested has no contract in PUBLISHED"):
        _lending(published={})


def test_a_wire_name_without_version_ends_the_start() -> None:
    with pytest.raises(ValueError, match=r"Unversioned\.wire_type is malformed"):
        _lending(published={LoanRequested: Unversioned})


ONE_IMPORT = "from .loan_events import LoanReturned as Returned"
ALL_OF_THEM = "from . import loan_events"


@pytest.mark.parametrize("style", [ONE_IMPORT, ALL_OF_THEM])
def test_an_aggregate_s_events_are_known_however_it_imports_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, style: str
) -> None:
    package = tmp_path / f"lending_{style.split()[1].strip('.') or 'all'}"
    package.mkdir()
    model = "from carafe.domain.model import AggregateRoot, DomainEvent, schema\n"
    (package / "loan_events.py").write_text(
        f"{model}\n@schema()\nclass LoanReturned(DomainEvent):\n    item: str\n"
    )
    (package / "loan.py").write_text(
        f"{model}{style}\n\n@schema(collection='loans')\nclass Loan(AggregateRoot): ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    aggregate = __import__(f"{package.name}.loan", fromlist=["Loan"]).Loan
    assert [each.__name__ for each in events_of(aggregate)] == ["LoanReturned"]
    with pytest.raises(ValueError, match="LoanReturned has no contract in PUBLISHED"):
        _lending(repositories={aggregate: "a:b"}, published={})


def test_events_of_a_package_do_not_depend_on_what_else_was_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "lending_package"
    package.mkdir()
    model = "from carafe.domain.model import AggregateRoot, DomainEvent, schema\n"
    (package / "__init__.py").write_text(
        f"{model}\n@schema(collection='loans')\nclass Loan(AggregateRoot): ...\n"
    )
    (package / "loan_events.py").write_text(
        f"{model}\n@schema()\nclass LoanLost(DomainEvent): ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    aggregate = importlib.import_module("lending_package").Loan
    before = events_of(aggregate)
    importlib.import_module("lending_package.loan_events")
    assert [each.__name__ for each in before] == ["LoanLost"]
    assert events_of(aggregate) == before


def test_a_contract_that_differs_from_its_event_is_a_fault() -> None:
    (fault,) = _lending(published={LoanRequested: LoanRequestedWithNumberV1}).faults()
    assert fault.startswith("LoanRequestedWithNumberV1.item is int, which str cannot become")


def test_what_a_module_raises_hides_no_other_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_made.py").write_text("import no_such_driver\n")
    monkeypatch.syspath_prepend(tmp_path)
    faults = _lending(
        repositories={Loan: "half_made:LoanRepository"}, adapters={Forecast: "nowhere:forecast"}
    ).faults()
    assert [each.partition(":")[0] for each in faults] == ["'half_made", "'nowhere"]
    assert "ModuleNotFoundError" in faults[0]


class WithoutCode(Exception):
    """It has no stable name."""


class Overdue(Exception):
    """It has one."""

    code = "overdue"


@pytest.mark.parametrize(
    ("error", "status", "fault"),
    [
        (WithoutCode, 402, "WithoutCode has no `code`"),
        (Overdue, 399, "status 399"),
        (Overdue, 600, "status 600"),
    ],
)
def test_a_problem_that_cannot_be_told_ends_the_start(
    error: type[Exception], status: int, fault: str
) -> None:
    with pytest.raises(ValueError, match=fault):
        _lending(problems=[ProblemType(error, status, "It is late", "Bring it back.")])


def test_whoever_renews_second_goes_on_with_the_new_login(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(service_module, "VAIN_RENEWAL_PAUSE_SECONDS", 0)
    service = _lending(root=tmp_path)
    refused = service.container()
    assert not service.renew(refused), "nothing has changed"
    monkeypatch.setenv("MONGO_URI", "mongodb://127.0.0.1:27018/")
    assert service.renew(refused)
    current = service.container()
    assert current is not refused
    assert service.renew(refused), "another request was faster"
    assert service.container() is current


@pytest.mark.parametrize("fault", [None, SecretsUnavailable("not now")])
def test_after_a_vain_renewal_the_settings_are_left_alone_for_a_while(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: Exception | None
) -> None:
    """While a secret is wrong, every request would read it anew."""
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)
    service = _lending(root=tmp_path)
    refused = service.container()
    read = Mock(wraps=service.read_settings, side_effect=fault)
    monkeypatch.setattr(service, "read_settings", read)
    assert [service.renew(refused) for _ in range(3)] == [False] * 3
    assert read.call_count == 1
    monkeypatch.setattr(service_module, "VAIN_RENEWAL_PAUSE_SECONDS", 0)
    assert not service.renew(refused)
    assert read.call_count == 2
