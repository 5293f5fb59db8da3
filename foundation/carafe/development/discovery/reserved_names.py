"""Names that a model cannot use because Python or the foundation needs them."""

import builtins
import functools
import keyword
import re
from inspect import get_annotations
from pathlib import Path

from carafe.contracts.base import Command, Query
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.value import Value
from carafe.domain.model import AggregateRoot, DomainCommand
from carafe.domain.process import Process
from carafe.infrastructure.database.forms import RESERVED


def _members(base: type) -> set[str]:
    """Return the attributes and methods of a class of the foundation."""
    return {each for each in (*dir(base), *get_annotations(base)) if not each.startswith("_")}


ATTRIBUTES = {
    *(RESERVED | _members(AggregateRoot) | _members(Value)),
    *("id", "at", "occurred_at", "command", "context", "query", "self", "cls"),
    *("each_text", "each_identifier", "each_number", "each_moment"),
    *("each_date", "each_time"),  # of a list that is checked
    *("datetime", "timedelta"),  # of moments, which a default of the same name would hide
}
"""Attributes and parameters of the foundation's aggregates, commands and handlers."""

PARAMETERS = _members(Command)
"""Attributes of commands, which a behaviour's parameter would hide."""

FILTERS = _members(Query) | {"limit", "cursor"}
"""Attributes of queries, which a filter would hide."""

TOLD = _members(IntegrationEvent)
"""Attributes of integration events, which what an event tells would hide."""

COLLECTIONS = {"values"}
"""Modules of the tests' support that hold no collection."""

HANDLERS = {"handlers", "clock"}
"""Attributes of the classes of handlers."""

BEHAVIORS = HANDLERS | _members(AggregateRoot)
"""Methods of the foundation's aggregates, which a behaviour would hide."""

PROCESS_ATTRIBUTES = ATTRIBUTES | _members(Process) | {"event", "identifier", "of", "process_id"}
"""Attributes of processes, and what the code around theirs needs."""

PROCESS_METHODS = HANDLERS | _members(Process) | {"of"}
"""Methods of processes and of their handlers, which an event's would hide."""

SENT = _members(OutgoingCommand) | _members(DomainCommand)
"""Attributes of commands to others, which what one says would hide."""

DECLARING = {"Path"}
"""Classes beside which the service's declaration names aggregates, processes and ports."""

CLASSES = {
    *("Address", "AggregateRoot", "Amount", "Caller", "Clock", "Command", "CommandContext"),
    *("CommandResult", "Contract", "Country", "Currency", "Cursor", "DomainEvent", "Entity"),
    *("Enum", "Identifier", "Index", "IntegrationEvent", "Limit", "Meta", "Moment", "Money"),
    *("Pages", "Protocol", "Query", "Repository", "Schema", "ServiceClient", "Text", "Value"),
    "ValueObject",
    # The tests have an_id() and a_context() already, and handlers their context and event.
    *("Context", "Event", "Id"),
    *("Cls", "Self"),  # what methods call their class and their object
    *("Printable", "ShownAs"),  # functions that make the types of contracts
    *("Container", "Handlers", "Operation", "ProblemType", "Published", "Service"),
    *("CommandRefused", "OutgoingCommand", "Sent"),
    *("Annotated", "LocalDefault", "WebAddress", "CalendarDate", "TimeOfDay"),
    *("Seconds", "Settings", "ShownCursor", "ShownId", "ShownVersion", "Upcaster"),
}

CALLERS = {"caller", "operations", "operator", "owner", "stranger", "without_scope"}
"""Who calls in generated tests, in capitals, where the body of a command has its name."""

CALLER = "CALLER"
"""Who calls, in the examples that tests share."""

CLIENT_PARAMETERS = ("key", "self", "cls", "body", "answer", "answers", "path_of")
"""Names that the methods of an external service's client use themselves."""

TIMES = ("date", "datetime", "time")
"""Types of moments, which an optional field of an answer would hide."""

TEMPLATES = Path(__file__).parents[1] / "scaffold/templates"

IMPORTED = {
    name
    for template in TEMPLATES.rglob("*.j2")
    for line in re.findall(r"^from \S+ import (.*)$", template.read_text("utf-8"), re.MULTILINE)
    for name in re.findall(r"\b[A-Z]\w+", re.sub(r"\{[{%].*?[%}]\}\w*", "", line))
}
"""Classes that generated code imports under their own names."""


@functools.cache
def message_methods() -> frozenset[str]:
    """Return the methods of clients and handlers that do not stand for a command or a query."""
    # Imported late: other commands also run in a tree whose client is missing.
    from carafe.client.service_client import ServiceClient  # noqa: PLC0415

    return frozenset({*dir(ServiceClient), *HANDLERS})


def is_class_name(name: str) -> bool:
    """Return whether Python or the foundation uses the name of a class."""
    return name in CLASSES | IMPORTED or is_python_name(name)


def is_python_name(name: str) -> bool:
    """Return whether Python itself uses a name."""
    return keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name)
