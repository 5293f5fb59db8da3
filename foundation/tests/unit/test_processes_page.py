"""The code on the page `processes` works as it stands there."""

import re
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
from msgspec import Struct

from carafe import Settings
from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import CommandRefused, refusal_type
from carafe.development.pages.command import FOLDER, OTHERS
from carafe.domain.model import Clock, DomainCommand, schema
from carafe.domain.process import Process, process_id
from carafe.domain.process_state import ProcessStatus
from carafe.domain.steps import Step
from carafe.domain.timers import Timer
from carafe.infrastructure.cqrs.mediator import EventHandler
from carafe.infrastructure.cqrs.processes import advance, begin, deadlines, refusal
from carafe.infrastructure.database.repository import Repository
from carafe.infrastructure.service import Service
from carafe.testing.conversation import Conversation, Table

PROVIDED = (
    Any,
    ClassVar,
    CommandContext,
    CommandResult,
    Clock,
    Conversation,
    EventHandler,
    Mapping,
    Process,
    ProcessStatus,
    Repository,
    Step,
    Struct,
    Timer,
    advance,
    begin,
    datetime,
    process_id,
    refusal,
    schema,
    timedelta,
)
"""What the page takes for granted."""

COMMANDS = ("BlockCard", "UnblockCard", "SendLetter")


def a_command(name: str) -> type[DomainCommand]:
    bare = type(name, (DomainCommand,), {"__annotations__": {"member": str}})
    return schema()(bare)


def a_contract(name: str, wire_type: str, base: type = IntegrationEvent, **fields: type) -> Any:  # noqa: ANN401 - a class
    return type(name, (base,), {"wire_type": wire_type, "__annotations__": fields}, frozen=True)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The page as a module, with what it takes for granted."""
    module = ModuleType("chalicelib_of_the_page")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    names = vars(module)
    for each in PROVIDED:
        names[getattr(each, "__name__", str(each))] = each
    names |= {"Any": Any, "ClassVar": ClassVar, "EventHandler": EventHandler}
    names |= {name: a_command(name) for name in COMMANDS}
    names["LoanOpenedV1"] = a_contract(
        "LoanOpenedV1", "library.loan.opened.v1", loan_id=str, member=str
    )
    names["CardBlockedV1"] = a_contract("CardBlockedV1", "members.card.blocked.v1", loan_id=str)
    names["CardUnblockedV1"] = a_contract(
        "CardUnblockedV1", "members.card.unblocked.v1", loan_id=str
    )
    names["CardRefused"] = a_contract("CardRefused", refusal_type("members"), CommandRefused)
    text = (FOLDER / "processes.md").read_text()
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(block, "processes.md", "exec"), names)  # noqa: S102 - the page is ours
    return module


def test_the_process_on_the_page_is_undone_in_the_test_on_the_page(page: Any) -> None:  # noqa: ANN401
    def handlers(remindings: Repository[Any], clock: Clock) -> list[Table]:
        events = page.ReminderEvents(remindings, clock).handlers()
        return [events, {page.StepOverdue: deadlines(remindings, clock)}]

    names = ("block", "unblock", "send")
    page.handlers = handlers
    page.service = Service(
        name="library",
        version="1.0.0",
        settings=Settings,
        root=Path("/nowhere"),
        repositories={page.Reminding: "nowhere:Repository"},
        published={},
        sent={
            getattr(page, command): a_contract(
                f"{command}V1", f"members.card.{name}.v1", OutgoingCommand, member=str
            )
            for command, name in zip(COMMANDS, names, strict=True)
        },
    )
    page.test_a_card_that_is_not_blocked_in_time_is_unblocked()


def test_the_page_is_listed() -> None:
    assert "processes" in OTHERS
