"""Words that a model cannot use, since Python or the foundation needs them."""

import builtins
import functools
import keyword
import re
from pathlib import Path

from carafe.infrastructure.database.forms import RESERVED

ATTRIBUTES = RESERVED | {"id", "at", "recorded", "occurred_at", "command", "context", "query"}
"""Names that aggregates, commands and handlers use themselves."""

BEHAVIORS = {"handlers", "record", "clock"}

CLASSES = {
    *("Address", "AggregateRoot", "Amount", "Caller", "Clock", "Command", "CommandContext"),
    *("CommandResult", "Contract", "Country", "Currency", "Cursor", "DomainEvent", "Entity"),
    *("Enum", "Identifier", "Index", "IntegrationEvent", "Limit", "Meta", "Moment", "Money"),
    *("Pages", "Protocol", "Query", "Repository", "Schema", "ServiceClient", "Text", "ValueObject"),
    *("Container", "Handlers", "Operation", "ProblemType", "Published", "Reader", "Service"),
    *("Settings", "ShownCursor", "ShownId", "ShownVersion", "Upcaster"),
}

TEMPLATES = Path(__file__).parents[1] / "scaffold/templates"

IMPORTED = {
    name
    for template in TEMPLATES.rglob("*.j2")
    for line in re.findall(r"^from \S+ import (.*)$", template.read_text("utf-8"), re.MULTILINE)
    for name in re.findall(r"\b[A-Z]\w+", re.sub(r"\{[{%].*?[%}]\}\w*", "", line))
}
"""Classes that generated code imports under their own names."""


@functools.cache
def methods() -> frozenset[str]:
    """Return what a client and handlers have beside a method for each command and query."""
    # Here, and not above: a tree whose client is missing is looked at by the other commands.
    from carafe.client.service_client import ServiceClient  # noqa: PLC0415

    return frozenset({*dir(ServiceClient), *BEHAVIORS})


def taken(name: str) -> bool:
    """Tell whether Python itself uses a name."""
    return keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name)
