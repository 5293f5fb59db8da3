"""Names that a model cannot use because Python or the foundation needs them."""

import builtins
import functools
import keyword
import re
from pathlib import Path

from carafe.infrastructure.database.forms import RESERVED

ATTRIBUTES = RESERVED | {"id", "at", "recorded", "occurred_at", "command", "context", "query"}
"""Attributes and parameters of the foundation's aggregates, commands and handlers."""

BEHAVIORS = {"handlers", "record", "clock"}

CLASSES = {
    *("Address", "AggregateRoot", "Amount", "Caller", "Clock", "Command", "CommandContext"),
    *("CommandResult", "Contract", "Country", "Currency", "Cursor", "DomainEvent", "Entity"),
    *("Enum", "Identifier", "Index", "IntegrationEvent", "Limit", "Meta", "Moment", "Money"),
    *("Pages", "Protocol", "Query", "Repository", "Schema", "ServiceClient", "Text", "Value"),
    "ValueObject",
    *("Container", "Handlers", "Operation", "ProblemType", "Published", "Service"),
    *("Annotated", "LocalDefault", "WebAddress"),
    *("Settings", "ShownCursor", "ShownId", "ShownVersion", "Upcaster"),
}

CLIENT_PARAMETERS = ("key", "self", "body")
"""Names that the methods of an external service's client use themselves."""

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

    return frozenset({*dir(ServiceClient), *BEHAVIORS})


def is_class_name(name: str) -> bool:
    """Return whether Python or the foundation uses the name of a class."""
    return name in CLASSES | IMPORTED or is_python_name(name)


def is_python_name(name: str) -> bool:
    """Return whether Python itself uses a name."""
    return keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name)
