"""Words that a model cannot use, since Python or the foundation needs them."""

import builtins
import keyword
import re
from pathlib import Path

from chalicelib.contracts.client.service_client import ServiceClient
from chalicelib.infrastructure.database.forms import RESERVED

ATTRIBUTES = RESERVED | {"id", "at", "recorded", "occurred_at", "command", "context", "query"}
"""Names that aggregates, commands and handlers use themselves."""

BEHAVIORS = {"handlers", "record", "clock"}

METHODS = {*dir(ServiceClient), *BEHAVIORS}
"""Names that a client and handlers have already, beside a method for each command and query."""

CLASSES = {
    *("Address", "AggregateRoot", "Amount", "Caller", "Clock", "Command", "CommandContext"),
    *("CommandResult", "Contract", "Country", "Currency", "Cursor", "DomainEvent", "Entity"),
    *("Enum", "Identifier", "Index", "IntegrationEvent", "Limit", "Meta", "Moment", "Money"),
    *("Pages", "Protocol", "Query", "Repository", "Schema", "ServiceClient", "Text", "ValueObject"),
}

TEMPLATES = Path(__file__).parents[1] / "scaffold/templates"

IMPORTED = {
    name
    for template in TEMPLATES.rglob("*.j2")
    for line in re.findall(r"^from \S+ import (.*)$", template.read_text("utf-8"), re.MULTILINE)
    for name in re.findall(r"\b[A-Z]\w+", re.sub(r"\{[{%].*?[%}]\}\w*", "", line))
}
"""Classes that generated code imports under their own names."""


def taken(name: str) -> bool:
    """Tell whether Python itself uses a name."""
    return keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name)
