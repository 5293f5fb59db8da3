"""Words that a model cannot use, since Python or the foundation needs them."""

import builtins
import keyword

from chalicelib.infrastructure.database.forms import RESERVED

ATTRIBUTES = RESERVED | {"id", "at", "recorded", "occurred_at", "command", "context", "query"}
"""Names that aggregates, commands and handlers use themselves."""

BEHAVIORS = {"handlers", "record", "clock"}

CLASSES = {
    *("Address", "AggregateRoot", "Amount", "Caller", "Clock", "Command", "CommandContext"),
    *("CommandResult", "Contract", "Country", "Currency", "Cursor", "DomainEvent", "Entity"),
    *("Enum", "Identifier", "Index", "IntegrationEvent", "Limit", "Meta", "Moment", "Money"),
    *("Pages", "Protocol", "Query", "Repository", "Schema", "ServiceClient", "Text", "ValueObject"),
}


def taken(name: str) -> bool:
    """Tell whether Python itself uses a name."""
    return keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name)
